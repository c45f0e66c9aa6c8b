// SPDX-License-Identifier: Apache-2.0
// "Go by him instead": redirects that this host sends and hears (Linux: ip_rt_send_redirect, __ip_do_redirect).
#pragma once

#include <array>

#include "host/ip/protocol_table.hpp"
#include "host/ip/route_exceptions.hpp"
#include "host/kernel/sysctl.hpp"

namespace host::ip {

struct IpLayer;

/// How many redirects one sender gets: each is twice as long in coming as the one before, and after redirect_number
/// of them that he did not heed, none, until he has been quiet for redirect_silence. The senders' places are a fixed
/// array: two that share one displace each other.
class RedirectLimiter {
 public:
  explicit RedirectLimiter(kernel::SysctlTable& sysctl);

  /// One may be sent now, and counts as sent.
  [[nodiscard]] bool take(headers::Ipv4Address sender, platform::Nanoseconds now);

 private:
  struct Sender {
    headers::Ipv4Address address;
    platform::Nanoseconds last = 0;
    unsigned sent = 0;
  };
  static constexpr std::size_t kSenders = 1024;

  const kernel::Sysctl& number_;
  const kernel::Sysctl& load_ms_;
  const kernel::Sysctl& silence_ms_;
  std::array<Sender, kSenders> senders_;
};

/// Tells the sender of a packet that goes back to where it came from about the gateway. The packet stays the caller's.
void send_redirect(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, headers::Ipv4Address gateway);

/// A router tells us of a better way for a packet of ours. Believed only of the gateway that the packet took, of a
/// neighbour, and when accept_redirects (and secure_redirects without shared_media) allow.
void accept_redirect(IpLayer& ip, kernel::Cpu& cpu, const IcmpError& redirect);

}  // namespace host::ip
