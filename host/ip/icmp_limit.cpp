// SPDX-License-Identifier: Apache-2.0
// How many ICMP errors may be sent: in all and to one host (Linux: icmp_global_allow, inet_peer_xrlim_allow).
#include "host/ip/icmp_limit.hpp"

#include <algorithm>

namespace host::ip {

using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
/// Linux: XRLIM_BURST_FACTOR, messages in a row that a quiet host is granted.
constexpr std::int64_t kHostBurst = 6;

}  // namespace

IcmpLimiter::IcmpLimiter(kernel::SysctlTable& sysctl)
    : msgs_per_sec_(sysctl.add("net.ipv4.icmp_msgs_per_sec", 1'000, 0, 1'000'000)),
      msgs_burst_(sysctl.add("net.ipv4.icmp_msgs_burst", 50, 0, 1'000'000)),
      ratelimit_ms_(sysctl.add("net.ipv4.icmp_ratelimit", 1'000, 0, 3'600'000)),
      global_tokens_(msgs_burst_.value) {}

IcmpLimit IcmpLimiter::take(const headers::IpAddress& destination, Nanoseconds now) {
  return take(destination, now, ratelimit_ms_.value * kMillisecond);
}

IcmpLimit IcmpLimiter::take(const headers::IpAddress& destination, Nanoseconds now, Nanoseconds pause) {
  if (msgs_per_sec_.value > 0) {
    const std::int64_t fresh = (now - global_last_) / (kSecond / msgs_per_sec_.value);
    if (fresh > 0) {
      global_tokens_ = std::min(global_tokens_ + fresh, msgs_burst_.value);
      global_last_ = now;
    }
  }
  if (global_tokens_ <= 0) {
    return IcmpLimit::global;
  }
  if (!take_of_host(destination, now, pause)) {
    return IcmpLimit::host;
  }
  --global_tokens_;
  return IcmpLimit::allowed;
}

bool IcmpLimiter::take_of_host(const headers::IpAddress& host, Nanoseconds now, Nanoseconds pause) {
  HostBucket& bucket = hosts_[std::hash<headers::IpAddress>{}(host) % kHosts];
  if (!bucket.used || bucket.host != host) {
    bucket = {.host = host, .tokens = kHostBurst * pause, .last = now, .used = true};
  }
  bucket.tokens = std::min(bucket.tokens + (now - bucket.last), kHostBurst * pause);
  bucket.last = now;
  if (bucket.tokens < pause) {
    return false;
  }
  bucket.tokens -= pause;
  return true;
}

}  // namespace host::ip
