// SPDX-License-Identifier: Apache-2.0
// IPv6 groups of a socket (Linux: ipv6_sock_mc_join, ipv6_sock_mc_drop, inet6_mc_check).
#pragma once

#include "host/ip6/inet6_sock.hpp"
#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

/// IPV6_JOIN_GROUP. `device` null: the first that speaks IPv6 with others. invalid it is no group, no_device,
/// address_in_use the socket belongs to it already, no_memory it belongs to too many.
[[nodiscard]] base::Result<void> ipv6_sock_mc_join(Ip6Layer& ip6, kernel::Cpu& cpu, Inet6Sock& socket,
                                                   const headers::Ipv6Address& group, device::NetDevice* device);
/// IPV6_LEAVE_GROUP; `device` null: whichever it is. address_not_available: the socket does not belong to it.
[[nodiscard]] base::Result<void> ipv6_sock_mc_drop(Ip6Layer& ip6, kernel::Cpu& cpu, Inet6Sock& socket,
                                                   const headers::Ipv6Address& group, const device::NetDevice* device);
/// The socket closes.
void ipv6_sock_mc_close(Ip6Layer& ip6, kernel::Cpu& cpu, Inet6Sock& socket);

/// The socket hears what came for `destination`: anything but a group; a group that it belongs to on any device, or any
/// with IPV6_MULTICAST_ALL.
[[nodiscard]] bool hears_group(const Inet6Sock& socket, const headers::Ipv6Address& destination);

}  // namespace host::ip6
