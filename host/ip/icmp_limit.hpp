// SPDX-License-Identifier: Apache-2.0
// How many ICMP errors may be sent: in all and to one host (Linux: icmp_global_allow, inet_peer_xrlim_allow).
#pragma once

#include <array>
#include <cstdint>

#include "host/headers/ip_address.hpp"
#include "host/kernel/sysctl.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::ip {

enum class IcmpLimit { allowed, global, host };

/// Two token buckets. The hosts' buckets are a fixed array: two hosts that share a place displace each other,
/// which costs memory nothing and can only let through what the global bucket allows.
class IcmpLimiter {
 public:
  explicit IcmpLimiter(kernel::SysctlTable& sysctl);

  /// Takes a token of each bucket, or of none.
  [[nodiscard]] IcmpLimit take(const headers::IpAddress& destination, platform::Nanoseconds now);
  /// The same for a host that is granted a message each `pause`.
  [[nodiscard]] IcmpLimit take(const headers::IpAddress& destination, platform::Nanoseconds now,
                               platform::Nanoseconds pause);
  /// Of the host's bucket alone. Linux: inet_peer_xrlim_allow.
  [[nodiscard]] bool take_of_host(const headers::IpAddress& host, platform::Nanoseconds now,
                                  platform::Nanoseconds pause);

 private:
  struct HostBucket {
    headers::IpAddress host;
    platform::Nanoseconds tokens = 0;  // time saved up
    platform::Nanoseconds last = 0;
    bool used = false;
  };
  static constexpr std::size_t kHosts = 1024;

  const kernel::Sysctl& msgs_per_sec_;
  const kernel::Sysctl& msgs_burst_;
  const kernel::Sysctl& ratelimit_ms_;
  std::int64_t global_tokens_;
  platform::Nanoseconds global_last_ = 0;
  std::array<HostBucket, kHosts> hosts_;
};

}  // namespace host::ip
