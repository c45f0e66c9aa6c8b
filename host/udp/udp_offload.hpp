// SPDX-License-Identifier: Apache-2.0
// UDP's part of GRO, for sockets that want it (Linux: net/ipv4/udp_offload.c, net/ipv6/udp_offload.c, UDP_GRO).
#pragma once

#include <vector>

#include "host/device/gro_packet.hpp"
#include "host/udp/udp_layer.hpp"

namespace host::udp {

/// Datagrams of one merged packet at most (Linux: UDP_GRO_CNT_MAX).
inline constexpr unsigned kUdpGroMost = 64;

/// What UDP registers with the IP of a family: datagrams of one length, and a shorter one at the end, become one
/// packet.
[[nodiscard]] device::GroOffload udp_offload(UdpLayer& udp, AddressFamily family);

/// The datagrams of a merged packet again, for a socket that did not ask for it: each with data at its UDP header, and
/// headers of its own in front. Data at the UDP header; the Ethernet header is in front. no_memory.
[[nodiscard]] base::Result<std::vector<skb::Skb>> udp_rcv_segment(skb::SkBuff& skb);

}  // namespace host::udp
