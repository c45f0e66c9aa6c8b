// SPDX-License-Identifier: Apache-2.0
// /proc/sys/net/netfilter: connection tracking's tunables, in seconds where they are times.
#pragma once

#include <array>

#include "host/kernel/sysctl.hpp"
#include "host/netfilter/connection.hpp"

namespace host::netfilter {

struct ConntrackSettings {
  explicit ConntrackSettings(kernel::SysctlTable& sysctl);

  const kernel::Sysctl& max;
  const kernel::Sysctl& buckets;
  const kernel::Sysctl& acct;
  const kernel::Sysctl& checksum;
  const kernel::Sysctl& generic_timeout;
  const kernel::Sysctl& icmp_timeout;
  const kernel::Sysctl& icmpv6_timeout;
  const kernel::Sysctl& udp_timeout;
  const kernel::Sysctl& udp_timeout_stream;
  const kernel::Sysctl& tcp_loose;
  /// By TcpState; `none` has no time of its own.
  std::array<const kernel::Sysctl*, static_cast<std::size_t>(TcpState::count)> tcp_timeouts{};
  const kernel::Sysctl& tcp_timeout_unacknowledged;
};

[[nodiscard]] constexpr platform::Nanoseconds seconds(const kernel::Sysctl& setting) {
  return setting.value * platform::Nanoseconds{1'000'000'000};
}

}  // namespace host::netfilter
