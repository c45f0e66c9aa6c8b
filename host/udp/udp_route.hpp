// SPDX-License-Identifier: Apache-2.0
// Where a socket's datagrams go: its addresses and devices put to the routes (Linux: the lookups of udp_sendmsg,
// udpv6_sendmsg, __ip6_datagram_connect).
#pragma once

#include "host/ip/ip_route.hpp"
#include "host/ip6/ip6_route.hpp"
#include "host/udp/udp_layer.hpp"

namespace host::udp {

/// As whom one message goes and by which device (Linux: struct in_pktinfo, struct in6_pktinfo). No device: the
/// socket's. No address: over IPv4 whichever the route chooses (ip_cmsg_send), over IPv6 the socket's.
struct PacketSource {
  IpAddress address = {};
  unsigned ifindex = 0;
};

/// With `source`, not null, as that says. Errors: ip_route_output's; of what `source` says no_device, and invalid: no
/// address of this host's.
[[nodiscard]] base::Result<ip::OutputRoute> udp_route(UdpLayer& udp, kernel::Cpu& cpu, const UdpSocket& socket,
                                                      headers::Ipv4Address to, const PacketSource* source = nullptr);
/// `scope` is the device of a link-local address. Errors: ip6_route_output's; invalid: a device is missing, or another
/// than the socket's; no_device. Of what `source` says also invalid: another device than the socket is bound to, no
/// address of this host's, or a link-local one without a device or not of that one.
[[nodiscard]] base::Result<ip6::OutputRoute6> udp_route6(UdpLayer& udp, kernel::Cpu& cpu, const UdpSocket& socket,
                                                         const headers::Ipv6Address& to, unsigned scope,
                                                         const PacketSource* source = nullptr);

/// The device that a link-local address or group names, or else the socket is bound to; 0: none. Other addresses'
/// scopes mean nothing. invalid: they differ, or a link-local address has neither.
[[nodiscard]] base::Result<unsigned> udp_device(unsigned bound_ifindex, const IpAddress& address, unsigned scope);

/// To `::` means to this host (Linux: udpv6_sendmsg, "::1").
[[nodiscard]] IpAddress udp_destination(const UdpSocket& socket, const IpAddress& to);

/// The address is of a family that the socket speaks.
[[nodiscard]] bool speaks(const UdpSocket& socket, const IpAddress& address);

}  // namespace host::udp
