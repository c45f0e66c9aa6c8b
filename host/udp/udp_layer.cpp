// SPDX-License-Identifier: Apache-2.0
// Binding, connecting and closing UDP sockets (Linux: inet_bind, udp_lib_get_port, __ip4_datagram_connect).
#include "host/udp/udp_layer.hpp"

#include "host/ip/ip_route.hpp"
#include "host/ip/multicast_sock.hpp"
#include "host/udp/udp_input.hpp"
#include "host/udp/udp_offload.hpp"

namespace host::udp {

using base::Errno;
using headers::Ipv4Address;

UdpLayer::UdpLayer(ip::IpLayer& below)
    : ip(below),
      table(below.seed),
      next_ephemeral(static_cast<std::uint32_t>(below.seed >> 16)),
      random(static_cast<std::minstd_rand::result_type>(below.seed)) {
  const auto added = ip.protocols.add(
      headers::IpProtocol::udp,
      {.receive = [this](kernel::Cpu& cpu, skb::Skb packet,
                         const headers::Ipv4View& header) { udp_rcv(*this, cpu, std::move(packet), header); },
       .error = [this](kernel::Cpu& cpu, const ip::IcmpError& error) { udp_err(*this, cpu, error); }});
  const auto offloaded = ip.offloads.add(headers::IpProtocol::udp, udp_offload(*this));
  INVARIANT(added.ok() && offloaded.ok(), "a second UDP layer over one IP layer");
}

UdpLayer::~UdpLayer() {
  ip.protocols.remove(headers::IpProtocol::udp);
  ip.offloads.remove(headers::IpProtocol::udp);
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

}  // namespace

base::Result<void> udp_bind(UdpLayer& udp, UdpSocket& socket, Ipv4Address local, std::uint16_t port) {
  if (socket.is_bound()) {
    return Errno::invalid;
  }
  const bool free = local.is_any() || udp.ip.routes.address_type(local) != ip::RouteType::unicast;  // groups too
  if (!free) {
    return Errno::address_not_available;
  }
  socket.endpoints = {.local = local, .local_port = port, .peer = {}, .peer_port = 0};
  const auto bound = port == 0 ? bind_ephemeral(udp, socket) : udp.table.insert(socket);
  if (!bound.ok()) {
    socket.endpoints = {};
    return bound;
  }
  socket.address_bound = !local.is_any();
  return {};
}

base::Result<void> udp_connect(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, Ipv4Address peer,
                               std::uint16_t port) {
  if (peer.is_any() || port == 0) {
    return Errno::invalid;
  }
  const Ipv4Address chosen = socket.address_bound ? socket.endpoints.local : Ipv4Address{};
  const auto route = ip::ip_route_output(udp.ip, cpu, peer, chosen);
  if (!route.ok()) {
    return route.error();
  }
  if (!socket.is_bound()) {
    const auto bound = udp_bind(udp, socket, {}, 0);
    if (!bound.ok()) {
      return bound;
    }
  }
  udp.table.rename(
      socket, {.local = route->source, .local_port = socket.endpoints.local_port, .peer = peer, .peer_port = port});
  return {};
}

void udp_disconnect(UdpLayer& udp, UdpSocket& socket) {
  if (!socket.is_connected()) {
    return;
  }
  socket.rxhash = 0;
  udp.table.rename(socket, {.local = socket.address_bound ? socket.endpoints.local : Ipv4Address{},
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
  udp_set_gro(udp, socket, false);
  if (socket.is_bound()) {
    udp.table.remove(socket);
    socket.endpoints = {};
  }
  socket.queue.purge(cpu);
}

}  // namespace host::udp
