// SPDX-License-Identifier: Apache-2.0
// Where a socket's datagrams go: its addresses and devices put to the routes (Linux: the lookups of udp_sendmsg,
// udpv6_sendmsg, __ip6_datagram_connect).
#pragma once

#include "host/ip/ip_route.hpp"
#include "host/ip6/ip6_route.hpp"
#include "host/udp/udp_layer.hpp"

namespace host::udp {

/// Errors: ip_route_output's.
[[nodiscard]] base::Result<ip::OutputRoute> udp_route(UdpLayer& udp, kernel::Cpu& cpu, const UdpSocket& socket,
                                                      headers::Ipv4Address to);
/// `scope` is the device of a link-local address. Errors: ip6_route_output's; invalid: a device is missing, or another
/// than the socket's; no_device.
[[nodiscard]] base::Result<ip6::OutputRoute6> udp_route6(UdpLayer& udp, kernel::Cpu& cpu, const UdpSocket& socket,
                                                         const headers::Ipv6Address& to, unsigned scope);

/// The device that a link-local address or group names, or else the socket is bound to; 0: none. Other addresses'
/// scopes mean nothing. invalid: they differ, or a link-local address has neither.
[[nodiscard]] base::Result<unsigned> udp_device(unsigned bound_ifindex, const IpAddress& address, unsigned scope);

/// To `::` means to this host (Linux: udpv6_sendmsg, "::1").
[[nodiscard]] IpAddress udp_destination(const UdpSocket& socket, const IpAddress& to);

/// The address is of a family that the socket speaks.
[[nodiscard]] bool speaks(const UdpSocket& socket, const IpAddress& address);

}  // namespace host::udp
