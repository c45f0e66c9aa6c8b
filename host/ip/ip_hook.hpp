// SPDX-License-Identifier: Apache-2.0
// A packet of IP at one of netfilter's hooks (Linux: NF_HOOK).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// Data at the IPv4 header, which `header` views. True: the packet goes on, and `header` views it as it is now, for a
/// function of the hook may have moved or changed it. False: it is gone, counted.
[[nodiscard]] inline bool nf_hook(IpLayer& ip, kernel::Cpu& cpu, skb::Skb& skb, headers::Ipv4View& header,
                                  const netfilter::HookCall& call) {
  if (!ip.hooks.any(call.hook)) {
    return true;
  }
  if (!ip.hooks.pass(cpu, skb, call)) {
    return false;
  }
  header = headers::Ipv4View::parse_quoted(skb->bytes()).value();
  return true;
}

/// Connections are of whole datagrams: where they are tracked, fragments wait here for each other, before the hook.
/// False: the packet waits or is gone, counted. Linux: ipv4_conntrack_defrag.
[[nodiscard]] inline bool nf_defrag(IpLayer& ip, kernel::Cpu& cpu, skb::Skb& skb, headers::Ipv4View& header,
                                    DefragUser user) {
  if (!header.is_fragment() || !ip.conntrack.in_use() || skb->nfct) {
    return true;
  }
  skb = ip.defrag.add(cpu, std::move(skb), header, user);
  if (skb == nullptr) {
    return false;
  }
  header = headers::Ipv4View::parse_quoted(skb->bytes()).value();
  return true;
}

}  // namespace host::ip
