// SPDX-License-Identifier: Apache-2.0
// A datagram finds its socket (Linux: udp_rcv, udp_queue_rcv_skb, udp_err).
#pragma once

#include "host/udp/udp_layer.hpp"

namespace host::udp {

/// Softirq context; data at the UDP header. Queued to a socket with data at the payload and the transport header
/// set, or dropped under one reason.
void udp_rcv(UdpLayer& udp, kernel::Cpu& cpu, skb::Skb skb, const headers::Ipv4View& header);

/// An error about a datagram of ours reaches the connected socket that sent it (RFC 1122 section 4.1.3.3).
void udp_err(UdpLayer& udp, kernel::Cpu& cpu, const ip::IcmpError& error);

/// Who sent a queued datagram.
struct Sender {
  headers::Ipv4Address address;
  std::uint16_t port = 0;
};
[[nodiscard]] Sender udp_sender(const skb::SkBuff& skb);

}  // namespace host::udp
