// SPDX-License-Identifier: Apache-2.0
// A packet of IPv6 at one of netfilter's hooks (Linux: NF_HOOK with NFPROTO_IPV6).
#pragma once

#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

/// Data at the IPv6 header, which `header` views. True: the packet goes on, and `header` views it as it is now. False:
/// it is gone, counted.
[[nodiscard]] inline bool nf_hook6(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb& skb, headers::Ipv6View& header,
                                   const netfilter::HookCall& call) {
  netfilter::Hooks& hooks = ip6.ipv4.hooks6;
  if (!hooks.any(call.hook)) {
    return true;
  }
  if (!hooks.pass(cpu, skb, call)) {
    return false;
  }
  header = headers::Ipv6View::parse_quoted(skb->bytes()).value();
  return true;
}

}  // namespace host::ip6
