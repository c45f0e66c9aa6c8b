// SPDX-License-Identifier: Apache-2.0
// Groups of a socket (Linux: ip_mc_join_group, ip_mc_leave_group, ip_mc_sf_allow).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// IP_ADD_MEMBERSHIP. `device` null: the one that a route to the group leads by. invalid it is no group, no_device,
/// address_in_use the socket belongs to it already, no_buffers igmp_max_memberships.
[[nodiscard]] base::Result<void> ip_mc_join(IpLayer& ip, kernel::Cpu& cpu, InetSock& socket, headers::Ipv4Address group,
                                            device::NetDevice* device);
/// IP_DROP_MEMBERSHIP. address_not_available: it does not belong to it.
[[nodiscard]] base::Result<void> ip_mc_leave(IpLayer& ip, kernel::Cpu& cpu, InetSock& socket,
                                             headers::Ipv4Address group, const device::NetDevice* device);
/// The socket closes.
void ip_mc_drop(IpLayer& ip, kernel::Cpu& cpu, InetSock& socket);

/// What a packet of the socket asks of the routes: IP_MULTICAST_IF counts for groups, unless the socket is bound.
[[nodiscard]] Flow flow_of(const IpLayer& ip, const InetSock& socket, headers::Ipv4Address destination,
                           headers::Ipv4Address source, unsigned bound_ifindex);
/// Groups have a TTL of their own; nothing: the host's.
[[nodiscard]] inline std::optional<std::uint8_t> ttl_of(const InetSock& socket, headers::Ipv4Address destination) {
  return destination.is_multicast() ? std::optional(socket.multicast_ttl) : std::nullopt;
}

/// The socket hears what came by the device for `destination`: anything but a group; a group that it belongs to, or any
/// with IP_MULTICAST_ALL.
[[nodiscard]] bool hears_group(const InetSock& socket, headers::Ipv4Address destination, unsigned ifindex);

}  // namespace host::ip
