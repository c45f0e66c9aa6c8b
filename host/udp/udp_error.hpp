// SPDX-License-Identifier: Apache-2.0
// Errors about datagrams that a socket sent, as its error queue has them (Linux: ip_icmp_error, ipv6_icmp_error,
// ip_local_error).
#pragma once

#include "host/udp/udp_layer.hpp"

namespace host::udp {

/// A datagram does not fit; IP_RECVERR hears what would have. Data is what the application gave.
void note_too_big(UdpSocket& socket, kernel::Cpu& cpu, const IpAddress& destination, std::uint16_t port,
                  std::uint32_t mtu, headers::Bytes payload);

}  // namespace host::udp
