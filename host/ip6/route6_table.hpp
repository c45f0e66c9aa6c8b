// SPDX-License-Identifier: Apache-2.0
// The IPv6 routing table: longest prefix match over one hash table a prefix length (Linux: fib6_lookup).
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "host/base/result.hpp"
#include "host/headers/ipv6_address.hpp"

namespace host::device {
class NetDevice;
}

namespace host::ip6 {

enum class Route6Type : std::uint8_t { unicast, local };
/// Who made the route (Linux: RTPROT_*).
enum class Route6Origin : std::uint8_t { kernel, administrator, router_advertisement };

struct Route6 {
  headers::Ipv6Prefix prefix;
  Route6Type type = Route6Type::unicast;
  device::NetDevice* device = nullptr;
  /// The next hop; unspecified when the destination is on the link.
  headers::Ipv6Address gateway = {};
  /// Of two routes to one prefix the smaller wins.
  std::uint32_t metric = 1024;
  Route6Origin origin = Route6Origin::administrator;
};

/// At most one probe a prefix length in use, whatever the number of routes. One prefix may have routes through several
/// devices or of several metrics: every link has fe80::/64.
class Route6Table {
 public:
  /// exists: there is a route of this prefix, metric and device; invalid: the prefix has host bits set.
  [[nodiscard]] base::Result<void> add(const Route6& route);
  /// Of this prefix, device and gateway, whatever the metric. no_entry: there is none.
  [[nodiscard]] base::Result<void> remove(const headers::Ipv6Prefix& prefix, const device::NetDevice& device,
                                          const headers::Ipv6Address& gateway = {});
  void remove_all(const device::NetDevice& device);
  /// The best route of the longest prefix that contains the address; null when there is none. With a device, only
  /// routes through it count.
  [[nodiscard]] const Route6* lookup(const headers::Ipv6Address& destination,
                                     const device::NetDevice* device = nullptr) const;
  /// All routes, longest prefix first, then by address and metric: what `ip -6 route` shows.
  [[nodiscard]] std::vector<Route6> routes() const;

 private:
  using OfLength = std::unordered_map<headers::Ipv6Address, std::vector<Route6>>;  // each by metric
  std::map<unsigned, OfLength, std::greater<>> by_length_;
};

}  // namespace host::ip6
