// SPDX-License-Identifier: Apache-2.0
// Answers to IPv6 packets that a rule rejects (Linux: nf_send_unreach6, nf_send_reset6).
#pragma once

#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

/// An ICMPv6 error, or a TCP reset when the packet is a segment with a right checksum that is no reset itself. `about`
/// has data at the IPv6 header and stays the caller's.
void ip6_reject(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& about, const netfilter::HookCall& call);

}  // namespace host::ip6
