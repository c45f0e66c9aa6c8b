// SPDX-License-Identifier: Apache-2.0
// A datagram leaves its socket (Linux: udp_sendmsg, udpv6_sendmsg, udp_send_skb).
#pragma once

#include "host/udp/udp_layer.hpp"

namespace host::udp {

/// Copies the payload once, adds header and checksum, and hands it to IP. An unbound socket gets an ephemeral port.
/// Errors: message_size larger than a datagram, or than the MTU when IP_MTU_DISCOVER
/// forbids fragments, no_memory, no_buffers (Linux says so only with IP_RECVERR), those
/// of routing, and access to a broadcast address without SO_BROADCAST; invalid an address of a family that the socket
/// does not speak (Linux: EAFNOSUPPORT) or a link-local one without its device, `scope` (sin6_scope_id);
/// network_unreachable an IPv4 address of a socket for IPv6 only.
[[nodiscard]] base::Result<void> udp_send(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, const IpAddress& to,
                                          std::uint16_t port, headers::Bytes payload, unsigned scope = 0);

}  // namespace host::udp
