// SPDX-License-Identifier: Apache-2.0
// What every socket over IPv6 has (Linux: struct ipv6_pinfo).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/headers/ipv6_address.hpp"
#include "host/ip/inet_sock.hpp"

namespace host::ip6 {

struct Inet6Sock {
  struct Membership {
    headers::Ipv6Address group = {};
    unsigned ifindex = 0;
    friend bool operator==(const Membership&, const Membership&) = default;
  };

  bool v6only = false;                            // IPV6_V6ONLY: a wildcard socket hears no IPv4
  std::optional<std::uint8_t> unicast_hops = {};  // IPV6_UNICAST_HOPS; nothing: the interface's
  std::uint8_t traffic_class = 0;                 // IPV6_TCLASS
  std::vector<Membership> memberships = {};       // IPV6_JOIN_GROUP
  std::uint8_t multicast_hops = 1;                // IPV6_MULTICAST_HOPS
  bool multicast_all = true;                      // IPV6_MULTICAST_ALL: groups that others joined too
  unsigned multicast_ifindex = 0;                 // IPV6_MULTICAST_IF; 0: none
  bool multicast_loop = true;                     // IPV6_MULTICAST_LOOP: members on this host hear it too
  bool receive_errors = false;                    // IPV6_RECVERR
  /// IPV6_MTU_DISCOVER: whether what does not fit goes in fragments, and whose MTU counts.
  ip::PmtuDiscovery pmtu_discovery = ip::PmtuDiscovery::want;
};

}  // namespace host::ip6
