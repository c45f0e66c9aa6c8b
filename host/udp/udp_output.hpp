// SPDX-License-Identifier: Apache-2.0
// A datagram leaves its socket (Linux: udp_sendmsg, udpv6_sendmsg, udp_send_skb).
#pragma once

#include <optional>

#include "host/udp/udp_route.hpp"

namespace host::udp {

/// Most datagrams of one call (Linux: UDP_MAX_SEGMENTS).
inline constexpr std::size_t kMostSegments = 64;

/// Copies the payload once, adds header and checksum, and hands it to IP. An unbound socket gets an ephemeral port.
/// Errors: message_size larger than a datagram, or than the MTU when IP_MTU_DISCOVER
/// forbids fragments, no_memory, no_buffers (Linux says so only with IP_RECVERR), those
/// of routing, and access to a broadcast address without SO_BROADCAST; invalid an address of a family that the socket
/// does not speak (Linux: EAFNOSUPPORT) or a link-local one without its device, `scope` (sin6_scope_id);
/// network_unreachable an IPv4 address of a socket for IPv6 only.
/// With `source`, not null, as whom and by which device that says, with the errors of udp_route and udp_route6.
/// With `segment`, else the socket's UDP_SEGMENT, not 0: the payload is several datagrams of so many bytes, the last of
/// the rest, and one packet down to the device, which cuts it, or the stack in front of it. invalid: more than
/// kMostSegments of them, or one does not fit the MTU.
[[nodiscard]] base::Result<void> udp_send(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, const IpAddress& to,
                                          std::uint16_t port, headers::Bytes payload, unsigned scope = 0,
                                          std::optional<std::uint16_t> segment = std::nullopt,
                                          const PacketSource* source = nullptr);

}  // namespace host::udp
