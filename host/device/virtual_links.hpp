// SPDX-License-Identifier: Apache-2.0
// Interfaces that an administrator makes and unmakes (Linux: rtnl_link_ops of dummy, veth and vlan).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/device/dummy.hpp"
#include "host/device/veth.hpp"

namespace host::device {

/// What `ip -d link` says of an interface that is made of others.
struct LinkInfo {
  std::string_view kind = {};  // "vlan", "veth", "dummy"; none: hardware, or lo
  NetDevice* link = nullptr;   // the interface below, or at the other end
  std::uint16_t vlan_id = 0;
};

/// Those of one host, at most kMost.
class VirtualLinks {
 public:
  static constexpr std::size_t kMost = 4096;

  explicit VirtualLinks(NetCore& net) : net_(net) {}

  /// Each is down and registered. exists: a name is taken; invalid: it is `all` or `default`; no_buffers: kMost.
  [[nodiscard]] base::Result<NetDevice*> add_dummy(const std::string& name, const base::MacAddress& address);
  /// Returns the first end.
  [[nodiscard]] base::Result<NetDevice*> add_veth(const VethPair::End& one, const VethPair::End& other);
  /// And those of VlanTable::add.
  [[nodiscard]] base::Result<NetDevice*> add_vlan(NetDevice& real, std::uint16_t id, const std::string& name);
  /// Closed, then gone, a pair with both ends. not_supported: hardware, or lo.
  [[nodiscard]] base::Result<void> remove(kernel::Cpu& cpu, NetDevice& dev);
  /// All of them, when their host ends.
  void clear(kernel::Cpu& cpu);

  [[nodiscard]] LinkInfo info(const NetDevice& dev) const;

  /// For an interface that is not given one: 02: and 40 bits of its name's hash. Linux: eth_hw_addr_random.
  [[nodiscard]] static base::MacAddress address_for(std::string_view name);

 private:
  [[nodiscard]] bool full() const;

  NetCore& net_;
  std::vector<std::unique_ptr<Dummy>> dummies_;
  std::vector<std::unique_ptr<VethPair>> pairs_;
};

}  // namespace host::device
