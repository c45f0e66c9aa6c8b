// SPDX-License-Identifier: Apache-2.0
// A packet from below is checked and routed (Linux: ip_rcv, ip_rcv_finish).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// So many bytes of a packet are in one piece when a layer or a rule looks at it, or all that it has: the longest
/// IPv4 header and the longest of TCP fit. What is behind may lie anywhere (Linux: pskb_may_pull, header by header).
inline constexpr std::uint32_t kHeadersInOnePiece = 128;

/// Softirq context; data at the IPv4 header. The packet is delivered, or dropped under one reason.
void ip_rcv(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb);

}  // namespace host::ip
