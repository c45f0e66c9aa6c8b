// SPDX-License-Identifier: Apache-2.0
// net.{ipv4,ipv6}.neigh.{default,DEVICE}.*, the tunables of a link's neighbours (Linux: struct neigh_parms).
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string_view>

#include "host/device/net_device.hpp"
#include "host/kernel/device_sysctl.hpp"
#include "host/kernel/kernel.hpp"

namespace host::ip {

/// The variables, in the order of neighbour_parms.cpp's table.
enum class NeighbourVariable : std::uint8_t {
  base_reachable_time_ms,
  delay_first_probe_time,  ///< seconds
  gc_stale_time,           ///< seconds
  locktime,                ///< hundredths of seconds
  mcast_resolicit,
  mcast_solicit,
  retrans_time_ms,
  ucast_solicit,
  unres_qlen,
  unres_qlen_bytes,
};

/// Of one interface.
class NeighbourParms {
 public:
  NeighbourParms(const kernel::SysctlRow& row, std::uint64_t seed);

  [[nodiscard]] std::int64_t operator[](NeighbourVariable variable) const {
    return row_[static_cast<std::size_t>(variable)]->value;
  }
  /// How long what was confirmed holds: between half and one and a half of base_reachable_time_ms, drawn anew each five
  /// minutes (RFC 4861 section 6.3.4; Linux: neigh_rand_reach_time).
  [[nodiscard]] platform::Nanoseconds reachable_time(platform::Nanoseconds now);

 private:
  const kernel::SysctlRow& row_;
  std::minstd_rand random_;
  std::int64_t base_ms_ = -1;  // that it was drawn by
  platform::Nanoseconds drawn_ = 0;
  platform::Nanoseconds reachable_time_ = 0;
};

/// Of all interfaces of a table.
class NeighbourConf {
 public:
  /// `locktime`: the family's default.
  NeighbourConf(kernel::SysctlTable& sysctl, std::string_view prefix, std::int64_t locktime, std::uint64_t seed);

  void add(const device::NetDevice& device);
  void remove(const device::NetDevice& device);
  /// Of an interface that nobody registered: those of `default`.
  [[nodiscard]] NeighbourParms& of(const device::NetDevice& device);
  [[nodiscard]] const NeighbourParms& defaults() const { return default_; }
  /// What a router advertises. range.
  [[nodiscard]] base::Result<void> set(const device::NetDevice& device, NeighbourVariable variable,
                                       std::int64_t value) {
    return sysctls_.set(device.name(), static_cast<std::size_t>(variable), value);
  }

 private:
  /// unres_qlen is unres_qlen_bytes in frames of an Ethernet. Linux: proc_unres_qlen.
  void tie_queue_lengths(std::string_view instance);
  void follow(std::string_view instance, NeighbourVariable written);

  kernel::SysctlTable& table_;
  kernel::DeviceSysctls sysctls_;
  std::uint64_t seed_;
  bool following_ = false;
  NeighbourParms default_;
  std::map<unsigned, NeighbourParms> by_ifindex_;
};

}  // namespace host::ip
