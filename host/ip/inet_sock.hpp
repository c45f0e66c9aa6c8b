// SPDX-License-Identifier: Apache-2.0
// What every socket over IPv4 has (Linux: struct inet_sock).
#pragma once

#include <cstdint>
#include <vector>

#include "host/headers/ipv4_address.hpp"

namespace host::ip {

/// IP_MTU_DISCOVER (Linux: IP_PMTUDISC_*).
enum class PmtuDiscovery : std::uint8_t {
  dont = 0,       // never DF
  want = 1,       // DF on what fits; the rest goes in fragments
  do_ = 2,        // always DF; what does not fit is an error
  probe = 3,      // as do_, by the device's MTU and not the path's
  interface = 4,  // never DF, never fragments of ours, by the device's MTU
  omit = 5,       // as interface, but what does not fit goes in fragments
};

/// Linux: ip_sk_ignore_df.
[[nodiscard]] constexpr bool may_fragment(PmtuDiscovery discovery) {
  return discovery < PmtuDiscovery::do_ || discovery == PmtuDiscovery::omit;
}

/// Linux: ip_sk_use_pmtu. Else the device's MTU is what counts.
[[nodiscard]] constexpr bool uses_path_mtu(PmtuDiscovery discovery) {
  return discovery < PmtuDiscovery::probe;
}

/// Linux: __ip_make_skb, ip_dont_fragment. `fits`: one packet is enough.
[[nodiscard]] constexpr bool sets_dont_fragment(PmtuDiscovery discovery, bool fits) {
  switch (discovery) {
    case PmtuDiscovery::do_:
    case PmtuDiscovery::probe:
      return true;
    case PmtuDiscovery::want:
      return fits;
    default:
      return false;
  }
}

struct InetSock {
  struct Membership {
    headers::Ipv4Address group{};
    unsigned ifindex = 0;
    friend bool operator==(const Membership&, const Membership&) = default;
  };

  PmtuDiscovery pmtu_discovery = PmtuDiscovery::want;
  bool receive_errors = false;            // IP_RECVERR: what ICMP says is queued, whether it ends a connection or not
  std::vector<Membership> memberships{};  // IP_ADD_MEMBERSHIP
  std::uint8_t multicast_ttl = 1;         // IP_MULTICAST_TTL
  bool multicast_loop = true;             // IP_MULTICAST_LOOP
  bool multicast_all = true;              // IP_MULTICAST_ALL: groups that others joined too
  unsigned multicast_ifindex = 0;         // IP_MULTICAST_IF; 0: as routed
  headers::Ipv4Address multicast_address{};  // and the source
};

}  // namespace host::ip
