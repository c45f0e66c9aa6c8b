// SPDX-License-Identifier: Apache-2.0
// ICMPv6 messages that reach this host (Linux: icmpv6_rcv).
#pragma once

#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

/// Data at the ICMPv6 header.
void icmp6_rcv(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const headers::Ipv6View& header);

}  // namespace host::ip6
