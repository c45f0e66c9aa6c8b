// SPDX-License-Identifier: Apache-2.0
// IPv6 groups of a socket (Linux: ipv6_sock_mc_join, ipv6_sock_mc_drop, inet6_mc_check).
#include "host/ip6/multicast_sock6.hpp"

#include <algorithm>

#include "host/ip6/addrconf.hpp"

namespace host::ip6 {

using base::Errno;
using headers::Ipv6Address;

namespace {

/// As many as Linux has room for in net.core.optmem_max: 20480 bytes of 48.
constexpr std::size_t kMostMemberships = 426;

/// Linux asks its routes, where each device that knows groups has ff00::/8.
device::NetDevice* first_device(Ip6Layer& ip6) {
  const auto& all = ip6.net.devices();
  const auto found = std::ranges::find_if(all, [&](const device::NetDevice* device) {
    return !device->address().is_zero() && ip6.addrconf->enabled(*device);
  });
  return found == all.end() ? nullptr : *found;
}

}  // namespace

base::Result<void> ipv6_sock_mc_join(Ip6Layer& ip6, kernel::Cpu& cpu, Inet6Sock& socket, const Ipv6Address& group,
                                     device::NetDevice* device) {
  if (!group.is_multicast()) {
    return Errno::invalid;
  }
  device = device != nullptr ? device : first_device(ip6);
  if (device == nullptr) {
    return Errno::no_device;
  }
  const Inet6Sock::Membership wanted{group, device->ifindex()};
  auto& all = socket.memberships;
  if (std::ranges::find(all, wanted) != all.end()) {
    return Errno::address_in_use;
  }
  if (all.size() >= kMostMemberships) {
    return Errno::no_memory;
  }
  all.push_back(wanted);
  ip6.mld.join(cpu, *device, group);
  return {};
}

base::Result<void> ipv6_sock_mc_drop(Ip6Layer& ip6, kernel::Cpu& cpu, Inet6Sock& socket, const Ipv6Address& group,
                                     const device::NetDevice* device) {
  auto& all = socket.memberships;
  const auto found = std::ranges::find_if(all, [&](const Inet6Sock::Membership& membership) {
    return membership.group == group && (device == nullptr || membership.ifindex == device->ifindex());
  });
  if (found == all.end()) {
    return Errno::address_not_available;
  }
  device::NetDevice* left = ip6.net.device_by_index(found->ifindex);
  all.erase(found);
  if (left != nullptr) {
    ip6.mld.leave(cpu, *left, group);
  }
  return {};
}

void ipv6_sock_mc_close(Ip6Layer& ip6, kernel::Cpu& cpu, Inet6Sock& socket) {
  while (!socket.memberships.empty()) {
    const Inet6Sock::Membership last = socket.memberships.back();
    socket.memberships.pop_back();
    if (device::NetDevice* device = ip6.net.device_by_index(last.ifindex)) {
      ip6.mld.leave(cpu, *device, last.group);
    }
  }
}

bool hears_group(const Inet6Sock& socket, const Ipv6Address& destination) {
  if (!destination.is_multicast() || socket.multicast_all) {
    return true;
  }
  return std::ranges::any_of(socket.memberships,
                             [&](const Inet6Sock::Membership& each) { return each.group == destination; });
}

}  // namespace host::ip6
