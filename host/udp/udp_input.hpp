// SPDX-License-Identifier: Apache-2.0
// A datagram finds its socket (Linux: udp_rcv, udp_queue_rcv_skb, udp_err).
#pragma once

#include "host/udp/udp_layer.hpp"

namespace host::udp {

/// Softirq context; data at the UDP header, the network header of either family set. Queued to a socket with data at
/// the payload and the transport header set, or dropped under one reason. `name` has both addresses, and room for the
/// ports.
void udp_rcv(UdpLayer& udp, kernel::Cpu& cpu, skb::Skb&& skb, Endpoints& name);

/// An error about a datagram of ours reaches the socket that sent it, if it is connected (RFC 1122 section 4.1.3.3) or
/// asked for errors (IP_RECVERR).
void udp_err(UdpLayer& udp, kernel::Cpu& cpu, const ip::IcmpError& error);
/// Linux: udpv6_err.
void udp_err(UdpLayer& udp, kernel::Cpu& cpu, const ip6::Icmp6Error& error);

/// Who sent a queued datagram.
struct Sender {
  IpAddress address;
  std::uint16_t port = 0;
  /// The device by which a link-local address is reached; 0: no matter.
  unsigned scope = 0;
};
void udp_sender(const skb::SkBuff& skb, IpAddress& address, std::uint16_t& port, unsigned& scope);
[[nodiscard]] inline Sender udp_sender(const skb::SkBuff& skb) {
  Sender sender;
  udp_sender(skb, sender.address, sender.port, sender.scope);
  return sender;
}
/// What is remembered of a queued datagram.
struct QueueNote {
  unsigned ifindex = 0;
  /// Packets that the socket had lost until then.
  std::uint32_t drops = 0;
};
[[nodiscard]] QueueNote udp_note(const skb::SkBuff& skb);
/// Of the network header in front of a datagram.
[[nodiscard]] AddressFamily udp_family(const skb::SkBuff& skb);

}  // namespace host::udp
