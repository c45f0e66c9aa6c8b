// SPDX-License-Identifier: Apache-2.0
// A datagram leaves its socket (Linux: udp_sendmsg, udp_send_skb).
#pragma once

#include "host/udp/udp_layer.hpp"

namespace host::udp {

/// Copies the payload once, adds header and checksum, and hands it to IP. An unbound socket gets an ephemeral port.
/// Errors: message_size larger than a datagram, or than the MTU when IP_MTU_DISCOVER
/// forbids fragments, no_memory, no_buffers (Linux says so only with IP_RECVERR), those
/// of routing, and access to a broadcast address without SO_BROADCAST.
[[nodiscard]] base::Result<void> udp_send(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, headers::Ipv4Address to,
                                          std::uint16_t port, headers::Bytes payload);

}  // namespace host::udp
