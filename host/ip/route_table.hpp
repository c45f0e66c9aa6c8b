// SPDX-License-Identifier: Apache-2.0
// The routing table: longest prefix match over one hash table a prefix length (Linux: fib_lookup).
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "host/base/result.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::device {
class NetDevice;
}

namespace host::ip {

enum class RouteType { unicast, local, broadcast };

struct Route {
  headers::Ipv4Prefix prefix;
  RouteType type = RouteType::unicast;
  device::NetDevice* device = nullptr;
  /// The next hop; any (0.0.0.0) when the destination is on the link.
  headers::Ipv4Address gateway;
  /// The source address of packets that leave by this route and have none yet.
  headers::Ipv4Address preferred_source;
};

/// At most 33 probes a lookup, whatever the number of routes.
class RouteTable {
 public:
  /// exists: there is a route of this prefix; invalid: the prefix has host bits set.
  [[nodiscard]] base::Result<void> add(const Route& route);
  /// no_entry: there is none of this prefix.
  [[nodiscard]] base::Result<void> remove(headers::Ipv4Prefix prefix);
  /// Every route through the device goes.
  void remove_all(const device::NetDevice& device);
  /// The route of the longest prefix that contains the address; null when none does.
  [[nodiscard]] const Route* lookup(headers::Ipv4Address destination) const;
  /// All routes, longest prefix first, then by address: what `ip route` shows.
  [[nodiscard]] std::vector<Route> routes() const;

 private:
  static constexpr unsigned kLongestPrefix = 32;

  std::array<std::unordered_map<std::uint32_t, Route>, kLongestPrefix + 1> by_length_;
  std::uint64_t lengths_ = 0;  // bit n: there is a route of prefix length n
};

}  // namespace host::ip
