// SPDX-License-Identifier: Apache-2.0
// Binding, connecting and closing UDP sockets (Linux: inet_bind, inet6_bind, udp_lib_get_port, __ip6_datagram_connect).
#include "host/udp/udp_layer.hpp"

#include <algorithm>
#include <utility>

#include "host/ip/multicast_sock.hpp"
#include "host/ip6/multicast_sock6.hpp"
#include "host/udp/udp_input.hpp"
#include "host/udp/udp_offload.hpp"
#include "host/udp/udp_route.hpp"

namespace host::udp {

using base::Errno;

UdpLayer::UdpLayer(ip6::Ip6Layer& below)
    : ip(below.ipv4),
      ip6(below),
      bindv6only(ip.kernel().sysctl().add("net.ipv6.bindv6only", 0, 0, 1)),
      table(ip.seed),
      next_ephemeral(static_cast<std::uint32_t>(ip.seed >> 16)),
      random(static_cast<std::minstd_rand::result_type>(ip.seed)) {
  const auto added =
      ip.protocols.add(headers::IpProtocol::udp,
                       {.receive =
                            [this](kernel::Cpu& cpu, skb::Skb&& packet, const headers::Ipv4View& header) {
                              Endpoints name{.local = header.destination(), .peer = header.source()};
                              udp_rcv(*this, cpu, std::move(packet), name);
                            },
                        .error = [this](kernel::Cpu& cpu, const ip::IcmpError& error) { udp_err(*this, cpu, error); }});
  const auto added6 = ip6.protocols.add(
      headers::NextHeader::udp,
      {.receive =
           [this](kernel::Cpu& cpu, skb::Skb&& packet, const headers::Ipv6View& header) {
             Endpoints name{.local = header.destination(), .peer = header.source()};
             udp_rcv(*this, cpu, std::move(packet), name);
           },
       .error = [this](kernel::Cpu& cpu, const ip6::Icmp6Error& error) { udp_err(*this, cpu, error); }});
  const auto offloaded = ip.offloads.add(headers::IpProtocol::udp, udp_offload(*this, AddressFamily::inet));
  const auto offloaded6 = ip6.offloads.add(headers::NextHeader::udp, udp_offload(*this, AddressFamily::inet6));
  INVARIANT(added.ok() && added6.ok() && offloaded.ok() && offloaded6.ok(), "a second UDP layer over one IP layer");
}

UdpLayer::~UdpLayer() {
  ip.protocols.remove(headers::IpProtocol::udp);
  ip6.protocols.remove(headers::NextHeader::udp);
  ip.offloads.remove(headers::IpProtocol::udp);
  ip6.offloads.remove(headers::NextHeader::udp);
}

namespace {

/// Tries each port of ip_local_port_range once, from where the last search ended.
base::Result<void> bind_ephemeral(UdpLayer& udp, UdpSocket& socket) {
  const auto first = static_cast<std::uint32_t>(udp.ip.settings.local_ports.front().value);
  const auto last = static_cast<std::uint32_t>(udp.ip.settings.local_ports.back().value);
  const std::uint32_t count = last >= first ? last - first + 1 : 0;
  for (std::uint32_t tried = 0; tried < count; ++tried) {
    socket.endpoints.local_port = static_cast<std::uint16_t>(first + udp.next_ephemeral++ % count);
    if (udp.table.insert(socket).ok()) {
      return {};
    }
  }
  return Errno::address_in_use;
}

/// Groups, and usable addresses of the device; 0: of any.
bool is_ours6(const UdpLayer& udp, const headers::Ipv6Address& address, unsigned ifindex) {
  if (address.is_multicast()) {
    return true;
  }
  return std::ranges::any_of(udp.ip6.addresses.all(), [&](const ip6::InterfaceAddress6& each) {
    return each.usable() && each.prefix.address == address && (ifindex == 0 || each.device->ifindex() == ifindex);
  });
}

/// Groups and broadcast addresses, too.
bool is_ours(const UdpLayer& udp, headers::Ipv4Address address) {
  return address.is_any() || udp.ip.routes.address_type(address) != ip::RouteType::unicast;
}

/// Who hears what when no address says it: `::` both families unless IPV6_V6ONLY, 0.0.0.0 IPv4 only. An address of IPv6
/// makes it IPv6's only (Linux: __inet6_bind).
void set_hearing(UdpSocket& socket, const IpAddress& local) {
  const bool inet6 = socket.family == AddressFamily::inet6;
  if (inet6 && !local.is_any() && !local.is_ipv4()) socket.inet6.v6only = true;
  socket.hears_ipv4 = !inet6 || !socket.inet6.v6only;
  socket.hears_ipv6 = inet6 && !local.is_ipv4();
}

}  // namespace

base::Result<void> udp_bind(UdpLayer& udp, UdpSocket& socket, const IpAddress& local, std::uint16_t port,
                            unsigned scope) {
  if (socket.is_bound() || !speaks(socket, local)) {
    return Errno::invalid;
  }
  const auto device = udp_device(socket.bound_ifindex, local, scope);
  if (!device) {
    return device.error();
  }
  const bool by_ipv4 = local.is_any() || local.is_ipv4();
  if (by_ipv4 ? !is_ours(udp, local.ipv4()) : !is_ours6(udp, local.value, *device)) {
    return Errno::address_not_available;
  }
  const unsigned bound_before = std::exchange(socket.bound_ifindex, *device);
  set_hearing(socket, local);
  socket.endpoints = {.local = local.is_any() ? IpAddress{} : local, .local_port = port, .peer = {}, .peer_port = 0};
  const auto bound = port == 0 ? bind_ephemeral(udp, socket) : udp.table.insert(socket);
  if (!bound.ok()) {
    socket.endpoints = {};
    socket.bound_ifindex = bound_before;
    return bound;
  }
  socket.address_bound = !local.is_any();
  return {};
}

namespace {

struct Chosen {
  IpAddress source;
  unsigned ifindex = 0;
};

/// As whom the socket speaks to the peer, and whether by one device only.
base::Result<Chosen> choose_source(UdpLayer& udp, kernel::Cpu& cpu, const UdpSocket& socket, const IpAddress& peer,
                                   unsigned scope) {
  if (peer.is_ipv4()) {
    const headers::Ipv4Address own = socket.address_bound ? socket.endpoints.local.ipv4() : headers::Ipv4Address{};
    const auto route = ip::ip_route_output(udp.ip, cpu, peer.ipv4(), own);
    return route.ok() ? base::Result<Chosen>({route->source, socket.bound_ifindex}) : route.error();
  }
  const auto route = udp_route6(udp, cpu, socket, peer.value, scope);
  if (!route.ok()) {
    return route.error();
  }
  const auto device = udp_device(socket.bound_ifindex, peer, route->device->ifindex());
  return device.ok() ? base::Result<Chosen>({route->source, *device}) : device.error();
}

}  // namespace

base::Result<void> udp_connect(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, const IpAddress& to,
                               std::uint16_t port, unsigned scope) {
  const IpAddress peer = udp_destination(socket, to);
  if (peer.is_any() || port == 0) {
    return Errno::invalid;
  }
  if (!speaks(socket, peer)) {
    return socket.family == AddressFamily::inet ? Errno::invalid : Errno::network_unreachable;
  }
  const auto chosen = choose_source(udp, cpu, socket, peer, scope);
  if (!chosen.ok()) {
    return chosen.error();
  }
  if (!socket.is_bound()) {
    const auto bound = udp_bind(udp, socket, {}, 0);
    if (!bound.ok()) {
      return bound;
    }
  }
  if (chosen->ifindex != socket.bound_ifindex) {
    udp.table.bind_device(socket, chosen->ifindex);
  }
  udp.table.rename(
      socket, {.local = chosen->source, .local_port = socket.endpoints.local_port, .peer = peer, .peer_port = port});
  return {};
}

void udp_disconnect(UdpLayer& udp, UdpSocket& socket) {
  if (!socket.is_connected()) {
    return;
  }
  socket.rxhash = 0;
  udp.table.rename(socket, {.local = socket.address_bound ? socket.endpoints.local : IpAddress{},
                            .local_port = socket.endpoints.local_port,
                            .peer = {},
                            .peer_port = 0});
}

void udp_set_gro(UdpLayer& udp, UdpSocket& socket, bool on) {
  if (socket.gro == on) {
    return;
  }
  socket.gro = on;
  on ? ++udp.gro_sockets : --udp.gro_sockets;
}

void udp_close(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket) {
  ip_mc_drop(udp.ip, cpu, socket.inet);
  ipv6_sock_mc_close(udp.ip6, cpu, socket.inet6);
  udp_set_gro(udp, socket, false);
  if (socket.is_bound()) {
    udp.table.remove(socket);
    socket.endpoints = {};
  }
  socket.queue.purge(cpu);
}

}  // namespace host::udp
