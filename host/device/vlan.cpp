// SPDX-License-Identifier: Apache-2.0
// Tags in and out of frames.
#include "host/device/vlan.hpp"

#include <algorithm>
#include <array>

#include "host/base/byte_order.hpp"
#include "host/device/net_core.hpp"

namespace host::device {
namespace {

using base::Errno;

constexpr std::uint32_t kAddressesBytes = 12;  // both MAC addresses, in front of the tag
constexpr std::uint16_t kIdMask = 0x0fff;
constexpr unsigned kPriorityShift = 13;
constexpr std::uint32_t kMostPriority = 7;
constexpr std::uint32_t kMostMtu = 65'535;  // ETH_MAX_MTU

void take_link(NetDevice& dev, const NetDevice& real) {
  if (real.has_link()) {
    dev.carrier_on();
  } else {
    dev.carrier_off();
  }
}

/// Data at the Ethernet header, with room in front. Linux: vlan_insert_tag.
void insert_tag(skb::SkBuff& skb, std::uint16_t id) {
  skb.push(kVlanTagBytes);
  const auto bytes = skb.writable();
  std::copy_n(bytes.begin() + kVlanTagBytes, kAddressesBytes, bytes.begin());
  const auto priority = static_cast<unsigned>(std::min(skb.priority, kMostPriority));
  base::store_be16(bytes, kAddressesBytes, kEtherTypeVlan);
  base::store_be16(bytes, kAddressesBytes + 2, static_cast<std::uint16_t>(priority << kPriorityShift | id));
  skb.reset_mac_header();
}

}  // namespace

VlanDevice::VlanDevice(std::string name, NetDevice& real, std::uint16_t id)
    : real_(real), id_(id), device_(std::move(name), real.address(), kMostMtu, *this) {
  static_cast<void>(device_.set_mtu(real.mtu()));
  device_.carrier_off();   // until it is registered
  device_.set_no_queue();  // the real one has queues
  device_.set_needed_headroom(real.needed_headroom() + kVlanTagBytes);
}

/// Linux: vlan_dev_open. ENETDOWN while the real one is down.
base::Result<void> VlanDevice::open(kernel::Cpu&, NetDevice& dev) {
  if (!real_.is_up()) return Errno::network_down;
  if (real_.carrier_ok()) dev.carrier_on();
  set_rx_mode(dev);
  return {};
}

/// Linux: vlan_dev_change_mtu.
base::Result<void> VlanDevice::change_mtu(NetDevice&, std::uint32_t mtu) {
  return mtu <= real_.mtu() ? base::Result<void>() : Errno::range;
}

void VlanDevice::stop(kernel::Cpu&, NetDevice& dev) {
  dev.carrier_off();
  if (holds_promiscuous_) real_.hold_promiscuous(-1);
  holds_promiscuous_ = false;
}

void VlanDevice::set_rx_mode(NetDevice& dev) {
  const bool needs = dev.address() != real_.address();
  if (needs != holds_promiscuous_) real_.hold_promiscuous(needs ? 1 : -1);
  holds_promiscuous_ = needs;
}

/// Linux: vlan_dev_hard_start_xmit. The real interface's queue is behind this one: what it refuses is dropped.
TxResult VlanDevice::start_xmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore) {
  if (!skb->unshare(kVlanTagBytes)) {
    ++dev.stats().tx_dropped;
    skb::drop(cpu, std::move(skb), base::DropReason::tx_no_memory);
    return TxResult::ok;
  }
  const auto bytes = skb->len();
  insert_tag(*skb, id_);
  skb->dev = &real_;
  if (dev.core()->dev_queue_xmit(cpu, std::move(skb))) {
    ++dev.stats().tx_packets;
    dev.stats().tx_bytes += bytes;
  } else {
    ++dev.stats().tx_dropped;
  }
  return TxResult::ok;
}

base::Result<NetDevice*> VlanTable::add(NetDevice& real, std::uint16_t id, std::string name) {
  if (id < kFirstVlan || id > kLastVlan) return Errno::invalid;
  const bool taken =
      std::ranges::any_of(devices_, [&](const auto& vlan) { return &vlan->real() == &real && vlan->id() == id; });
  if (taken) return Errno::exists;
  auto vlan = std::make_unique<VlanDevice>(std::move(name), real, id);
  if (const auto registered = real.core()->register_device(vlan->device()); !registered) return registered.error();
  devices_.push_back(std::move(vlan));
  NetDevice& dev = devices_.back()->device();
  take_link(dev, real);
  return &dev;
}

/// Out of the table first: a device that is destroyed asks for those that stand on it.
void VlanTable::destroy(kernel::Cpu& cpu, std::size_t place) {
  const std::unique_ptr<VlanDevice> vlan = std::move(devices_[place]);
  devices_.erase(devices_.begin() + static_cast<std::ptrdiff_t>(place));
  vlan->device().close(cpu);
}

base::Result<void> VlanTable::remove(kernel::Cpu& cpu, NetDevice& dev) {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (&devices_[i]->device() != &dev) continue;
    destroy(cpu, i);
    return {};
  }
  return Errno::no_entry;
}

void VlanTable::remove_over(kernel::Cpu& cpu, const NetDevice& real) {
  for (std::size_t i = devices_.size(); i-- > 0;) {
    if (i < devices_.size() && &devices_[i]->real() == &real) destroy(cpu, i);
  }
}

void VlanTable::clear(kernel::Cpu& cpu) {
  while (!devices_.empty()) destroy(cpu, devices_.size() - 1);
}

void VlanTable::hear(kernel::Cpu& cpu, const NetDevice& real, DeviceEvent event) {
  if (event != DeviceEvent::up && event != DeviceEvent::down) return;
  for (const auto& vlan : devices_) {
    NetDevice& dev = vlan->device();
    if (&vlan->real() != &real || dev.is_up() == (event == DeviceEvent::up)) continue;
    if (event == DeviceEvent::down) {
      dev.close(cpu);
    } else {
      static_cast<void>(dev.open(cpu));
    }
    take_link(dev, real);
  }
}

void VlanTable::follow_link(const NetDevice& real) {
  for (const auto& vlan : devices_) {
    if (&vlan->real() == &real) take_link(vlan->device(), real);
  }
}

void VlanTable::follow_mtu(const NetDevice& real) {
  for (const auto& vlan : devices_) {
    const bool larger = &vlan->real() == &real && vlan->device().mtu() > real.mtu();
    if (larger) static_cast<void>(vlan->device().set_mtu(real.mtu()));
  }
}

VlanDevice* VlanTable::find(const NetDevice& dev) const {
  const auto found = std::ranges::find_if(devices_, [&](const auto& vlan) { return &vlan->device() == &dev; });
  return found == devices_.end() ? nullptr : found->get();
}

NetDevice* VlanTable::device_of(const skb::SkBuff& skb) const {
  const std::uint16_t id = vlan_id(skb);
  for (const auto& vlan : devices_) {
    if (&vlan->real() == skb.dev && vlan->id() == id && vlan->device().is_up()) return &vlan->device();
  }
  return nullptr;
}

std::uint16_t vlan_id(const skb::SkBuff& skb) {
  std::array<std::byte, kVlanTagBytes> tag{};
  if (!skb.copy_bits(0, tag)) return 0;
  return static_cast<std::uint16_t>(base::load_be16(tag, 0) & kIdMask);
}

base::Result<void> vlan_untag(skb::SkBuff& skb) {
  if (!skb.may_pull(kVlanTagBytes)) return Errno::invalid;
  if (!skb.unshare()) return Errno::no_memory;
  skb.protocol = base::load_be16(skb.bytes(), 2);
  skb.restore(kEthernetHeaderBytes);
  const auto bytes = skb.writable();
  std::copy_backward(bytes.begin(), bytes.begin() + kAddressesBytes, bytes.begin() + kAddressesBytes + kVlanTagBytes);
  skb.pull(kVlanTagBytes);
  skb.reset_mac_header();
  skb.pull(kEthernetHeaderBytes);
  skb.reset_network_header();
  return {};
}

}  // namespace host::device
