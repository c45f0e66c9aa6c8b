// SPDX-License-Identifier: Apache-2.0
// What routers said about single destinations, of either family (Linux: struct fib_nh_exception, rt6_exception).
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include "host/headers/ip_address.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::device {
class NetDevice;
}

namespace host::ip {

/// Where a packet to a destination would go without the exception: the exception holds for this way alone.
struct WayOut {
  const device::NetDevice* device = nullptr;
  headers::IpAddress next_hop{};

  friend bool operator==(const WayOut&, const WayOut&) = default;
};

struct RouteException {
  std::optional<headers::IpAddress> gateway{};
  std::uint32_t mtu = 0;  // 0: not said
  /// Smaller than what routers may ask for: packets go without DF.
  bool mtu_locked = false;
};

/// One exception a destination; the one that was written longest ago gives way when the table is full.
class RouteExceptions {
 public:
  /// Linux: FNHE_HASH_SIZE times FNHE_RECLAIM_DEPTH, which is the bound of one next hop there.
  static constexpr std::size_t kMost = 10'240;

  /// A router tells of a better gateway.
  void redirect(const headers::IpAddress& destination, const WayOut& way, const headers::IpAddress& gateway,
                platform::Nanoseconds expires);
  /// A router tells how large packets may be: the MTU of `exception`.
  void limit(const headers::IpAddress& destination, const WayOut& way, const RouteException& exception,
             platform::Nanoseconds expires);
  /// What holds now; nothing when it is about another way, or has expired.
  [[nodiscard]] std::optional<RouteException> find(const headers::IpAddress& destination, const WayOut& way,
                                                   platform::Nanoseconds now) const;
  [[nodiscard]] std::size_t size() const { return by_destination_.size(); }
  /// `ip route flush cache`, and what a change of routes or devices does.
  void clear();

 private:
  struct Entry {
    headers::IpAddress destination{};
    WayOut way{};
    RouteException exception{};
    platform::Nanoseconds expires = 0;
  };
  using Age = std::list<Entry>;  // the one that was written longest ago first

  /// The destination's entry for this way; what was known of another way is forgotten.
  Entry& touch(const headers::IpAddress& destination, const WayOut& way);

  Age by_age_;
  std::unordered_map<headers::IpAddress, Age::iterator> by_destination_;
};

}  // namespace host::ip
