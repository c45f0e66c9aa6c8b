// SPDX-License-Identifier: Apache-2.0
// Out of the tables first: an interface that goes is asked for by those who hear of it.
#include "host/device/virtual_links.hpp"

#include <algorithm>
#include <utility>

#include "host/device/net_core.hpp"

namespace host::device {

using base::Errno;

bool VirtualLinks::full() const {
  return dummies_.size() + pairs_.size() + net_.vlans().size() >= kMost;
}

base::Result<NetDevice*> VirtualLinks::add_dummy(const std::string& name, const base::MacAddress& address) {
  if (full()) return Errno::no_buffers;
  auto dummy = std::make_unique<Dummy>(name, address);
  if (const auto registered = net_.register_device(dummy->device()); !registered) return registered.error();
  dummies_.push_back(std::move(dummy));
  NetDevice& dev = dummies_.back()->device();
  net_.set_link_flags(net_.kernel().cpu(0), dev, {.no_arp = true, .no_multicast = true});
  return &dev;
}

base::Result<NetDevice*> VirtualLinks::add_veth(const VethPair::End& one, const VethPair::End& other) {
  if (full()) return Errno::no_buffers;
  auto pair = VethPair::create(net_, one, other);
  if (!pair) return pair.error();
  pairs_.push_back(std::move(*pair));
  return &pairs_.back()->device(0);
}

base::Result<NetDevice*> VirtualLinks::add_vlan(NetDevice& real, std::uint16_t id, const std::string& name) {
  if (full()) return Errno::no_buffers;
  return net_.vlans().add(real, id, name);
}

base::Result<void> VirtualLinks::remove(kernel::Cpu& cpu, NetDevice& dev) {
  const auto is_end = [&](const auto& pair) { return &pair->device(0) == &dev || &pair->device(1) == &dev; };
  const auto pair = std::ranges::find_if(pairs_, is_end);
  if (pair != pairs_.end()) {
    const std::unique_ptr<VethPair> gone = std::move(*pair);
    pairs_.erase(pair);
    for (unsigned end : {0U, 1U}) gone->device(end).close(cpu);
    return {};
  }
  const auto dummy = std::ranges::find_if(dummies_, [&](const auto& each) { return &each->device() == &dev; });
  if (dummy != dummies_.end()) {
    const std::unique_ptr<Dummy> gone = std::move(*dummy);
    dummies_.erase(dummy);
    gone->device().close(cpu);
    return {};
  }
  return net_.vlans().remove(cpu, dev) ? base::Result<void>() : Errno::not_supported;
}

void VirtualLinks::clear(kernel::Cpu& cpu) {
  net_.vlans().clear(cpu);
  while (!pairs_.empty()) static_cast<void>(remove(cpu, pairs_.back()->device(0)));
  while (!dummies_.empty()) static_cast<void>(remove(cpu, dummies_.back()->device()));
}

LinkInfo VirtualLinks::info(const NetDevice& dev) const {
  if (VlanDevice* vlan = net_.vlans().find(dev)) return {.kind = "vlan", .link = &vlan->real(), .vlan_id = vlan->id()};
  for (const auto& pair : pairs_) {
    for (unsigned end : {0U, 1U}) {
      if (&pair->device(end) == &dev) return {.kind = "veth", .link = &pair->device(1 - end)};
    }
  }
  const bool dummy = std::ranges::any_of(dummies_, [&](const auto& each) { return &each->device() == &dev; });
  return {.kind = dummy ? std::string_view("dummy") : std::string_view()};
}

/// FNV-1a, so that the same script gives the same machine.
base::MacAddress VirtualLinks::address_for(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  base::MacAddress address{{2}};
  for (std::size_t i = 1; i < address.octets.size(); ++i) {
    address.octets[i] = static_cast<std::uint8_t>(hash >> (8 * i));
  }
  return address;
}

}  // namespace host::device
