// SPDX-License-Identifier: Apache-2.0
// Where a socket's datagrams go.
#include "host/udp/udp_route.hpp"

#include "host/ip/multicast_sock.hpp"

namespace host::udp {

using base::Errno;

namespace {

/// Addresses that reach one link only, so that their device has to be told.
bool is_of_a_link(const headers::Ipv6Address& address) {
  constexpr unsigned kLinkScope = 2;
  return address.is_link_local() || (address.is_multicast() && address.multicast_scope() <= kLinkScope);
}

}  // namespace

base::Result<unsigned> udp_device(unsigned bound_ifindex, const IpAddress& address, unsigned scope) {
  if (!is_of_a_link(address.value)) {
    return bound_ifindex;
  }
  const bool differ = bound_ifindex != 0 && scope != 0 && bound_ifindex != scope;
  const unsigned ifindex = scope != 0 ? scope : bound_ifindex;
  return differ || ifindex == 0 ? base::Result<unsigned>(Errno::invalid) : ifindex;
}

base::Result<ip::OutputRoute> udp_route(UdpLayer& udp, kernel::Cpu& cpu, const UdpSocket& socket,
                                        headers::Ipv4Address to) {
  ip::Flow flow = flow_of(udp.ip, socket.inet, to, socket.endpoints.local.ipv4(), socket.bound_ifindex);
  flow.mark = socket.mark;
  return ip::ip_route_output(udp.ip, cpu, flow);
}

base::Result<ip6::OutputRoute6> udp_route6(UdpLayer& udp, kernel::Cpu& cpu, const UdpSocket& socket,
                                           const headers::Ipv6Address& to, unsigned scope) {
  const bool by_option = socket.bound_ifindex == 0 && scope == 0 && to.is_multicast();
  const unsigned bound = by_option ? socket.inet6.multicast_ifindex : socket.bound_ifindex;
  const auto ifindex = udp_device(bound, to, scope);
  if (!ifindex.ok()) {
    return ifindex.error();
  }
  device::NetDevice* device = udp.ip.net.device_by_index(*ifindex);
  if (device == nullptr && *ifindex != 0) {
    return Errno::no_device;
  }
  // A socket that is named for a group hears by that name, and speaks as the host.
  const IpAddress& own = socket.endpoints.local;
  return ip6::ip6_route_output(
      udp.ip6, cpu,
      {.destination = to, .source = own.is_multicast() ? headers::kUnspecified : own.value, .device = device});
}

IpAddress udp_destination(const UdpSocket& socket, const IpAddress& to) {
  const bool itself = socket.family == AddressFamily::inet6 && to.value.is_unspecified();
  return itself ? IpAddress(headers::kIpv6Loopback) : to;
}

bool speaks(const UdpSocket& socket, const IpAddress& address) {
  if (socket.family == AddressFamily::inet) {
    return address.is_any() || address.is_ipv4();
  }
  return !address.is_ipv4() || !socket.inet6.v6only;
}

}  // namespace host::udp
