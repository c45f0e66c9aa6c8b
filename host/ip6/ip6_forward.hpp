// SPDX-License-Identifier: Apache-2.0
// A packet for somebody else (Linux: ip6_forward, ip6_pkt_discard; RFC 8200 section 3, RFC 4443 section 3).
#pragma once

#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

/// Sends a packet on, data at its IPv6 header, which is for no address of ours and for no group; or ends it, counted,
/// with word to its sender when there is no way, it has come too far, is too large, or may not leave its link.
void ip6_forward(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb, const headers::Ipv6View& header);

}  // namespace host::ip6
