// SPDX-License-Identifier: Apache-2.0
// /proc/sys/net/ipv6, the entries of no interface (Linux: struct netns_sysctl_ipv6).
#pragma once

#include "host/kernel/sysctl.hpp"

namespace host::ip6 {

struct Ip6Settings {
  explicit Ip6Settings(kernel::SysctlTable& sysctl)
      : icmp_ratelimit(sysctl.add("net.ipv6.icmp.ratelimit", 1'000, 0, 3'600'000)),
        route_gc_timeout(sysctl.add("net.ipv6.route.gc_timeout", 60, 0, 86'400)),
        mtu_expires(sysctl.add("net.ipv6.route.mtu_expires", 600, 1, 86'400)) {}

  /// Milliseconds between two errors to one host.
  const kernel::Sysctl& icmp_ratelimit;
  /// Seconds that what a redirect said is remembered.
  const kernel::Sysctl& route_gc_timeout;
  /// Seconds that a path's MTU is.
  const kernel::Sysctl& mtu_expires;
};

}  // namespace host::ip6
