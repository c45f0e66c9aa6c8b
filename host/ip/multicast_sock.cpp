// SPDX-License-Identifier: Apache-2.0
// Groups of a socket (Linux: ip_mc_join_group, ip_mc_leave_group, ip_mc_sf_allow).
#include "host/ip/multicast_sock.hpp"

#include <algorithm>

#include "host/ip/ip_route.hpp"

namespace host::ip {

using base::Errno;
using headers::Ipv4Address;

base::Result<void> ip_mc_join(IpLayer& ip, kernel::Cpu& cpu, InetSock& socket, Ipv4Address group,
                              device::NetDevice* device) {
  if (!group.is_multicast()) {
    return Errno::invalid;
  }
  if (device == nullptr) {
    const auto route = ip_route_output(ip, cpu, group);
    if (!route.ok()) {
      return Errno::no_device;
    }
    device = route->device;
  }
  const InetSock::Membership wanted{group, device->ifindex()};
  auto& all = socket.memberships;
  if (std::find(all.begin(), all.end(), wanted) != all.end()) {
    return Errno::address_in_use;
  }
  if (all.size() >= static_cast<std::size_t>(ip.igmp.max_memberships())) {
    return Errno::no_buffers;
  }
  all.push_back(wanted);
  ip.igmp.join(cpu, *device, group);
  return {};
}

base::Result<void> ip_mc_leave(IpLayer& ip, kernel::Cpu& cpu, InetSock& socket, Ipv4Address group,
                               const device::NetDevice* device) {
  auto& all = socket.memberships;
  const auto found = std::find_if(all.begin(), all.end(), [&](const InetSock::Membership& membership) {
    return membership.group == group && (device == nullptr || membership.ifindex == device->ifindex());
  });
  if (found == all.end()) {
    return Errno::address_not_available;
  }
  device::NetDevice* left = ip.net.device_by_index(found->ifindex);
  all.erase(found);
  if (left != nullptr) {
    ip.igmp.leave(cpu, *left, group);
  }
  return {};
}

void ip_mc_drop(IpLayer& ip, kernel::Cpu& cpu, InetSock& socket) {
  while (!socket.memberships.empty()) {
    static_cast<void>(ip_mc_leave(ip, cpu, socket, socket.memberships.back().group,
                                  ip.net.device_by_index(socket.memberships.back().ifindex)));
  }
}

Flow flow_of(const IpLayer& ip, const InetSock& socket, Ipv4Address destination, Ipv4Address source,
             unsigned bound_ifindex) {
  const bool group = destination.is_multicast();
  const unsigned ifindex = bound_ifindex == 0 && group ? socket.multicast_ifindex : bound_ifindex;
  // A socket that is named for a group or for everybody hears by that name, and speaks as the host.
  const RouteType type = ip.routes.address_type(source);
  const bool speaks = type != RouteType::multicast && type != RouteType::broadcast;
  const Ipv4Address own = speaks ? source : Ipv4Address{};
  return {.destination = destination,
          .source = own.is_any() && group ? socket.multicast_address : own,
          .out = ip.net.device_by_index(ifindex)};
}

bool hears_group(const InetSock& socket, Ipv4Address destination, unsigned ifindex) {
  if (!destination.is_multicast() || socket.multicast_all) {
    return true;
  }
  const auto& all = socket.memberships;
  return std::find(all.begin(), all.end(), InetSock::Membership{destination, ifindex}) != all.end();
}

}  // namespace host::ip
