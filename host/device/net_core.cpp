// SPDX-License-Identifier: Apache-2.0
// Who is registered: interfaces, protocols, taps; and the NET_TX softirq.
#include "host/device/net_core.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"
#include "host/device/qdisc_run.hpp"
#include "host/device/rx_files.hpp"
#include "host/device/tx_queue_files.hpp"
#include "host/device/virtual_links.hpp"
#include "host/qdisc/create.hpp"

namespace host::device {

namespace {

constexpr std::int64_t kLongestBusyRead = 1'000'000;  // a second: nobody may keep his CPU for longer

}  // namespace

NetCore::NetCore(kernel::Kernel& kernel, skb::SkbPool& pool)
    : kernel_(kernel),
      pool_(pool),
      dev_weight_(kernel.sysctl().find("net.core.dev_weight")),
      default_qdisc_(kernel.sysctl().add_word("net.core.default_qdisc", qdisc::default_kinds())),
      busy_read_(kernel.sysctl().add("net.core.busy_read", 0, 0, kLongestBusyRead)),
      busy_poll_(kernel.sysctl().add("net.core.busy_poll", 0, 0, kLongestBusyRead)),
      output_queues_(kernel.cpu_count()),
      redirects_(kernel.cpu_count()),
      rps_(kernel, [this](kernel::Cpu& cpu, skb::Skb skb) { receive_core(cpu, std::move(skb)); }),
      links_(std::make_unique<VirtualLinks>(*this)) {
  kernel.open_softirq(kernel::Softirq::net_tx, [this](kernel::Cpu& cpu) { net_tx_action(cpu); });
}

NetCore::~NetCore() = default;

base::Result<void> NetCore::register_device(NetDevice& dev) {
  INVARIANT(dev.core_ == nullptr, "an interface is registered twice");
  if (device_by_name(dev.name()) != nullptr) return base::Errno::exists;
  if (dev.name() == "all" || dev.name() == "default") return base::Errno::invalid;  // net.ipv4.conf has these
  dev.core_ = this;
  dev.ifindex_ = ++last_ifindex_;
  devices_.push_back(&dev);
  add_rx_files(kernel_, dev);
  add_tx_queue_files(kernel_, dev);
  notify(kernel_.cpu(0), dev, DeviceEvent::registered);
  return {};
}

void NetCore::unregister_device(NetDevice& dev) {
  INVARIANT(!dev.is_up(), "an interface is unregistered while it is up");
  vlans_.remove_over(kernel_.cpu(0), dev);
  remove_rx_files(kernel_, dev);
  remove_tx_queue_files(kernel_, dev);
  rps_.flush(dev);
  std::erase(devices_, &dev);
  for (NetDevice* other : devices_) {
    other->ingress().forget(dev);
    other->egress().forget(dev);
  }
  for (auto& queue : output_queues_) {
    std::erase_if(queue, [&](const Output& output) { return output.dev == &dev; });
  }
  notify(kernel_.cpu(0), dev, DeviceEvent::unregistered);
  link_flags_.erase(dev.ifindex());
  dev.core_ = nullptr;
}

base::Result<void> NetCore::set_address(kernel::Cpu& cpu, NetDevice& dev, const base::MacAddress& address) {
  if (dev.hardware_type() == HardwareType::loopback) return base::Errno::not_supported;
  if (address.is_multicast() || address.is_zero()) return base::Errno::address_not_available;
  if (address == dev.address()) return {};
  dev.address_ = address;
  if (dev.is_up()) dev.ops_.set_rx_mode(dev);
  notify(cpu, dev, DeviceEvent::address_changed);
  return {};
}

LinkFlags NetCore::link_flags(const NetDevice& dev) const {
  const auto found = link_flags_.find(dev.ifindex());
  return found == link_flags_.end() ? LinkFlags{} : found->second;
}

void NetCore::set_link_flags(kernel::Cpu& cpu, NetDevice& dev, const LinkFlags& flags) {
  const LinkFlags before = link_flags(dev);
  if (flags == LinkFlags{}) {
    link_flags_.erase(dev.ifindex());
  } else {
    link_flags_[dev.ifindex()] = flags;
  }
  if (flags.no_arp != before.no_arp) notify(cpu, dev, DeviceEvent::flags_changed);  // the others nobody keeps
}

NetDevice* NetCore::device_by_name(std::string_view name) {
  const auto found = std::ranges::find(devices_, name, &NetDevice::name);
  return found == devices_.end() ? nullptr : *found;
}

NetDevice* NetCore::device_by_index(unsigned ifindex) {
  const auto found = std::ranges::find(devices_, ifindex, &NetDevice::ifindex);
  return found == devices_.end() ? nullptr : *found;
}

unsigned NetCore::add_notifier(DeviceNotifier notifier) {
  notifiers_.emplace(++last_notifier_, std::move(notifier));
  return last_notifier_;
}

void NetCore::remove_notifier(unsigned notifier) {
  notifiers_.erase(notifier);
}

void NetCore::notify(kernel::Cpu& cpu, NetDevice& dev, DeviceEvent event) {
  for (auto& [id, notifier] : notifiers_) notifier(cpu, dev, event);
  vlans_.hear(cpu, dev, event);
}

base::Result<void> NetCore::add_protocol(std::uint16_t ether_type, ProtocolHandler handler) {
  if (std::ranges::find(protocols_, ether_type, &Protocol::first) != protocols_.end()) return base::Errno::exists;
  protocols_.emplace_back(ether_type, std::move(handler));
  return {};
}

void NetCore::remove_protocol(std::uint16_t ether_type) {
  std::erase_if(protocols_, [=](const Protocol& protocol) { return protocol.first == ether_type; });
}

base::Result<void> NetCore::add_offload(std::uint16_t ether_type, GroOffload offload) {
  const bool fresh = offloads_.emplace(ether_type, std::move(offload)).second;
  return fresh ? base::Result<void>() : base::Errno::exists;
}

const GroOffload* NetCore::offload(std::uint16_t ether_type) const {
  const auto found = offloads_.find(ether_type);
  return found == offloads_.end() ? nullptr : &found->second;
}

unsigned NetCore::add_napi(kernel::Napi& napi) {
  napis_.emplace(++last_napi_, &napi);
  return last_napi_;
}

kernel::Napi* NetCore::napi(unsigned id) const {
  const auto found = napis_.find(id);
  return found == napis_.end() ? nullptr : found->second;
}

unsigned NetCore::add_tap(TapHandler handler) {
  const auto take = [handler = std::move(handler)](kernel::Cpu& cpu, skb::Skb skb, std::uint32_t) {
    handler(cpu, std::move(skb));
  };
  return taps_.add({.take = take});
}

void NetCore::netif_schedule(kernel::Cpu& cpu, NetDevice& dev, qdisc::Qdisc& qdisc) {
  if (qdisc.state.scheduled || !qdisc.queues()) return;
  qdisc.state.scheduled = true;
  output_queues_[cpu.id()].push_back({&dev, &qdisc});
  cpu.raise_softirq(kernel::Softirq::net_tx);
}

void NetCore::forget_qdisc(const qdisc::Qdisc& qdisc) {
  for (auto& due : output_queues_) {
    std::erase_if(due, [&](const Output& output) { return output.qdisc == &qdisc; });
  }
}

qdisc::Handle NetCore::next_qdisc_handle() {
  constexpr std::uint32_t kFirst = 0x8001;
  constexpr std::uint32_t kLast = 0xfffe;
  last_qdisc_major_ = last_qdisc_major_ >= kLast ? kFirst : last_qdisc_major_ + 1;
  return qdisc::make_handle(last_qdisc_major_, 0);
}

void NetCore::net_tx_action(kernel::Cpu& cpu) {
  auto& due = output_queues_[cpu.id()];
  for (std::size_t turns = due.size(); turns > 0 && !due.empty(); --turns) {
    const Output output = due.front();
    due.pop_front();
    output.qdisc->state.scheduled = false;
    QdiscRun(cpu, *output.dev, *output.qdisc).run();
  }
}

}  // namespace host::device
