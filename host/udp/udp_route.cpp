// SPDX-License-Identifier: Apache-2.0
// Where a socket's datagrams go.
#include "host/udp/udp_route.hpp"

#include <algorithm>

#include "host/ip/multicast_sock.hpp"

namespace host::udp {

using base::Errno;

namespace {

/// Addresses that reach one link only, so that their device has to be told.
bool is_of_a_link(const headers::Ipv6Address& address) {
  constexpr unsigned kLinkScope = 2;
  return address.is_link_local() || (address.is_multicast() && address.multicast_scope() <= kLinkScope);
}

/// Linux: ip_cmsg_send, the check of ip_route_output_key. An IPv6 socket says IPv4 addresses as mapped ones.
bool may_speak_as(const UdpLayer& udp, const UdpSocket& socket, const IpAddress& own) {
  if (own.is_any()) {
    return own.is_ipv4() || socket.family == AddressFamily::inet;
  }
  return own.is_ipv4() && udp.ip.addresses.is_local(own.ipv4());
}

/// Linux: ip6_datagram_send_ctl. `device` null: a global address of any.
bool may_speak_as(const UdpLayer& udp, const IpAddress& own, const device::NetDevice* device) {
  if (own.is_ipv4() || (device == nullptr && own.value.is_link_local())) {
    return false;
  }
  const auto has = [&](const device::NetDevice* one) { return udp.ip6.addresses.is_local(own.value, *one); };
  return device != nullptr ? has(device) : std::ranges::any_of(udp.ip.net.devices(), has);
}

/// Linux: sk_dev_equal_l3scope.
base::Result<unsigned> told_device(const UdpSocket& socket, const PacketSource& source) {
  const bool differ = socket.bound_ifindex != 0 && socket.bound_ifindex != source.ifindex;
  return differ ? base::Result<unsigned>(Errno::invalid) : source.ifindex;
}

base::Result<unsigned> device_of(const UdpSocket& socket, const headers::Ipv6Address& to, unsigned scope) {
  const bool by_option = socket.bound_ifindex == 0 && scope == 0 && to.is_multicast();
  return udp_device(by_option ? socket.inet6.multicast_ifindex : socket.bound_ifindex, to, scope);
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
                                        headers::Ipv4Address to, const PacketSource* source) {
  const IpAddress& own = source != nullptr ? source->address : socket.endpoints.local;
  const bool tells_device = source != nullptr && source->ifindex != 0;
  if (tells_device && udp.ip.net.device_by_index(source->ifindex) == nullptr) {
    return Errno::no_device;
  }
  if (source != nullptr && !may_speak_as(udp, socket, own)) {
    return Errno::invalid;
  }
  ip::Flow flow = flow_of(udp.ip, socket.inet, to, own.ipv4(), tells_device ? source->ifindex : socket.bound_ifindex);
  flow.mark = socket.mark;
  return ip::ip_route_output(udp.ip, cpu, flow);
}

base::Result<ip6::OutputRoute6> udp_route6(UdpLayer& udp, kernel::Cpu& cpu, const UdpSocket& socket,
                                           const headers::Ipv6Address& to, unsigned scope, const PacketSource* source) {
  const auto ifindex =
      source != nullptr && source->ifindex != 0 ? told_device(socket, *source) : device_of(socket, to, scope);
  if (!ifindex.ok()) {
    return ifindex.error();
  }
  device::NetDevice* device = udp.ip.net.device_by_index(*ifindex);
  if (device == nullptr && *ifindex != 0) {
    return Errno::no_device;
  }
  const bool tells_address = source != nullptr && !source->address.is_any();
  if (tells_address && !may_speak_as(udp, source->address, device)) {
    return Errno::invalid;
  }
  // A socket that is named for a group hears by that name, and speaks as the host.
  const IpAddress& own = tells_address ? source->address : socket.endpoints.local;
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
