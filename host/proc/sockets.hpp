// SPDX-License-Identifier: Apache-2.0
// /proc/net/udp, /proc/net/raw, /proc/net/packet and /proc/net/sockstat, and those of IPv6 (Linux: net/ipv4/udp.c,
// raw.c, proc.c; net/ipv6/udp.c, raw.c, proc.c).
#pragma once

#include <string>

#include "host/socket/socket_calls.hpp"
#include "host/udp/udp_layer.hpp"

namespace host::proc {

/// A line a bound socket, by port: state 01 when it is connected, else 07; sizes of what waits to be read; drops.
[[nodiscard]] std::string udp(const udp::UdpLayer& udp);
/// The sockets of IPv6, those that speak IPv4 among them.
[[nodiscard]] std::string udp6(const udp::UdpLayer& udp);

/// A line a raw socket; its protocol where UDP has its port.
[[nodiscard]] std::string raw(const ip::RawTable& raws);
[[nodiscard]] std::string raw6(const ip6::Raw6Table& raws);

/// A line a packet socket, in the order in which they were made (Linux: packet_seq_show).
[[nodiscard]] std::string packet_sockets(const packet::PacketLayer& packets);

/// What is open, and how many pages of 4 KiB hold what waits in UDP's sockets.
[[nodiscard]] std::string sockstat(const udp::UdpLayer& udp, const socket::SocketCalls& sockets);

[[nodiscard]] std::string sockstat6(const udp::UdpLayer& udp);

}  // namespace host::proc
