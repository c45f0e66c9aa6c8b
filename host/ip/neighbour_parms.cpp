// SPDX-License-Identifier: Apache-2.0
// net.{ipv4,ipv6}.neigh.{default,DEVICE}.*, the tunables of a link's neighbours (Linux: struct neigh_parms).
#include "host/ip/neighbour_parms.hpp"

#include <array>
#include <string>

namespace host::ip {

using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kRedraw = 300'000 * kMillisecond;
/// Linux: SK_WMEM_MAX, and SKB_TRUESIZE(ETH_FRAME_LEN).
constexpr std::int64_t kQueueBytes = 212'992;
constexpr std::int64_t kFrameBytes = 2'090;

/// In the order of NeighbourVariable, with Linux's defaults.
std::array<kernel::DeviceVariable, 10> variables(std::int64_t locktime) {
  return {{
      {"base_reachable_time_ms", 30'000, 1, INT32_MAX},
      {"delay_first_probe_time", 5, 0, 86'400},
      {"gc_stale_time", 60, 0, 86'400},
      {"locktime", locktime, 0, INT32_MAX},
      {"mcast_resolicit", 0, 0, 1'000},
      {"mcast_solicit", 3, 0, 1'000},
      {"retrans_time_ms", 1'000, 1, INT32_MAX},
      {"ucast_solicit", 3, 0, 1'000},
      {"unres_qlen", kQueueBytes / kFrameBytes, 0, INT32_MAX / kFrameBytes},
      {"unres_qlen_bytes", kQueueBytes, 0, INT32_MAX},
  }};
}

}  // namespace

NeighbourParms::NeighbourParms(const kernel::SysctlRow& row, std::uint64_t seed)
    : row_(row), random_(static_cast<std::minstd_rand::result_type>(seed)) {}

Nanoseconds NeighbourParms::reachable_time(Nanoseconds now) {
  const std::int64_t base = (*this)[NeighbourVariable::base_reachable_time_ms];
  if (base != base_ms_ || now - drawn_ >= kRedraw) {
    base_ms_ = base;
    drawn_ = now;
    reachable_time_ = (base / 2 + static_cast<std::int64_t>(random_()) % base) * kMillisecond;
  }
  return reachable_time_;
}

NeighbourConf::NeighbourConf(kernel::SysctlTable& sysctl, std::string_view prefix, std::int64_t locktime,
                             std::uint64_t seed)
    : table_(sysctl),
      sysctls_(sysctl, prefix, variables(locktime), kernel::HasAll::no),
      seed_(seed),
      default_(sysctls_.row("default"), seed) {
  tie_queue_lengths("default");
}

void NeighbourConf::add(const device::NetDevice& device) {
  by_ifindex_.emplace(device.ifindex(),
                      NeighbourParms(sysctls_.add_device(device.name()), seed_ * 31 + device.ifindex()));
  tie_queue_lengths(device.name());
}

void NeighbourConf::remove(const device::NetDevice& device) {
  by_ifindex_.erase(device.ifindex());
  sysctls_.remove_device(device.name());
}

NeighbourParms& NeighbourConf::of(const device::NetDevice& device) {
  const auto found = by_ifindex_.find(device.ifindex());
  return found == by_ifindex_.end() ? default_ : found->second;
}

void NeighbourConf::tie_queue_lengths(std::string_view instance) {
  for (const auto which : {NeighbourVariable::unres_qlen, NeighbourVariable::unres_qlen_bytes}) {
    table_.on_change(sysctls_.name_of(instance, static_cast<std::size_t>(which)),
                     [this, name = std::string(instance), which] { follow(name, which); });
  }
}

void NeighbourConf::follow(std::string_view instance, NeighbourVariable written) {
  if (following_) {
    return;  // the other's write just below
  }
  following_ = true;
  const bool frames = written == NeighbourVariable::unres_qlen;
  const std::int64_t value = sysctls_.row(instance)[static_cast<std::size_t>(written)]->value;
  const auto other = frames ? NeighbourVariable::unres_qlen_bytes : NeighbourVariable::unres_qlen;
  static_cast<void>(
      sysctls_.set(instance, static_cast<std::size_t>(other), frames ? value * kFrameBytes : value / kFrameBytes));
  following_ = false;
}

}  // namespace host::ip
