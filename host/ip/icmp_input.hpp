// SPDX-License-Identifier: Apache-2.0
// ICMP messages that reach this host (Linux: icmp_rcv).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// Data at the ICMP header. Echo requests are answered, errors reach the protocol whose packet they quote, echo
/// replies the ping sockets.
void icmp_rcv(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const headers::Ipv4View& header);

}  // namespace host::ip
