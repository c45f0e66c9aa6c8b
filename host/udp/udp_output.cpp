// SPDX-License-Identifier: Apache-2.0
// Datagrams that leave, over either family.
#include "host/udp/udp_output.hpp"

#include <algorithm>

#include "host/device/net_device.hpp"
#include "host/headers/udp.hpp"
#include "host/ip/ip_output.hpp"
#include "host/ip/multicast_sock.hpp"
#include "host/ip/tx_timestamps.hpp"
#include "host/ip6/ip6_output.hpp"
#include "host/udp/udp_error.hpp"

namespace host::udp {

using base::Errno;
using headers::Bytes;

namespace {

/// A datagram on its way: what either family's route says of it.
struct Way {
  IpAddress source;
  IpAddress destination;
  const device::NetDevice* device = nullptr;
  /// Bytes of a datagram that fit one packet.
  std::size_t room = 0;
  /// UDP_SEGMENT; 0: one datagram.
  std::uint16_t segment = 0;
};

/// Linux: udp_send_skb's half about gso_size. True: it is one packet of many.
bool is_segmented(const Way& way, std::size_t payload) {
  return way.segment != 0 && payload > way.segment;
}

/// Linux answers EINVAL for both.
bool fits_segments(const Way& way, std::size_t payload) {
  return way.segment == 0 ||
         (way.segment + headers::kUdpHeaderBytes <= way.room && payload <= way.segment * kMostSegments);
}

/// A packet that holds the datagram whole; null when the pool is exhausted.
skb::Skb build(UdpLayer& udp, kernel::Cpu& cpu, const Way& way, UdpSocket& socket, std::uint16_t to, Bytes payload) {
  const std::uint16_t from = socket.endpoints.local_port;
  const bool segmented = is_segmented(way, payload.size());
  const std::size_t length = headers::kUdpHeaderBytes + payload.size();
  cpu.charge(kernel::Op::skb_alloc);
  cpu.charge(kernel::Op::copy_per_byte, payload.size());
  const bool whole = length <= way.room;  // the device sees no more than a frame
  const bool by_device = segmented || (whole && way.device->offloads().checksum);  // or whoever cuts it
  if (!by_device) {
    cpu.charge(kernel::Op::checksum_per_byte, length);
  }
  skb::Skb packet = udp.ip.net.pool().allocate(static_cast<std::uint32_t>(length));
  if (packet == nullptr) {
    return nullptr;
  }
  const auto out = packet->put(static_cast<std::uint32_t>(length));
  std::copy(payload.begin(), payload.end(), out.begin() + headers::kUdpHeaderBytes);
  if (by_device) {
    headers::write_udp_partial(out, from, to, way.source, way.destination);
    packet->request_checksum(0, headers::kUdpChecksumOffset);
  } else {
    headers::write_udp(out, from, to, way.source, way.destination);
  }
  if (segmented) {
    packet->gso_type = skb::GsoType::udp_l4;
    packet->gso_size = way.segment;
    packet->gso_segs = static_cast<std::uint16_t>((payload.size() + way.segment - 1) / way.segment);
  }
  packet->mark = socket.mark;
  socket.send.own(cpu, *packet);
  if (socket.tx_timestamps != nullptr) {
    socket.tx_timestamps->expect(*packet);
  }
  cpu.trace(kernel::JourneyStep::application_send, packet->id());
  cpu.trace(kernel::JourneyStep::udp_send, packet->id());
  return packet;
}

/// Linux: udp_sendmsg.
base::Result<void> send4(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, headers::Ipv4Address to,
                         std::uint16_t port, Bytes payload, std::uint16_t segment, const PacketSource* source) {
  auto route = udp_route(udp, cpu, socket, to, source);
  if (!route.ok()) {
    udp.ip.counters.out_no_routes += route.error() == Errno::network_unreachable ? 1 : 0;
    return route.error();
  }
  if (route->type == ip::RouteType::broadcast && !socket.broadcast) {
    return Errno::access;
  }
  const std::size_t whole = payload.size() + headers::kUdpHeaderBytes;
  const bool cut = segment != 0 && payload.size() > segment;
  const ip::FragmentPlan plan =
      plan_fragments(*route, socket.inet.pmtu_discovery, cut ? segment + headers::kUdpHeaderBytes : whole);
  const Way way{route->source, route->destination, route->device, transport_room(*route), segment};
  if (!fits_segments(way, payload.size())) {
    return Errno::invalid;
  }
  if (plan.refused || whole > ip::kTransportMost) {
    note_too_big(socket, cpu, to, port, route->mtu, payload);
    return Errno::message_size;
  }
  skb::Skb packet = build(udp, cpu, way, socket, port, payload);
  if (packet == nullptr) {
    return Errno::no_memory;
  }
  return ip::ip_queue_xmit(udp.ip, cpu, std::move(packet), *route,
                           {.protocol = headers::IpProtocol::udp,
                            .ttl = ttl_of(socket.inet, to),
                            .tos = socket.tos,
                            .priority = socket.priority,
                            .dont_fragment = plan.dont_fragment,
                            .multicast_loop = socket.inet.multicast_loop});
}

/// Linux: udpv6_sendmsg.
base::Result<void> send6(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, const headers::Ipv6Address& to,
                         unsigned scope, std::uint16_t port, Bytes payload, std::uint16_t segment,
                         const PacketSource* source) {
  constexpr std::size_t kMost = 65'535;
  const auto route = udp_route6(udp, cpu, socket, to, scope, source);
  if (!route.ok()) {
    udp.ip6.counters.out_no_routes += route.error() == Errno::network_unreachable ? 1 : 0;
    return route.error();
  }
  if (payload.size() + headers::kUdpHeaderBytes > kMost) {
    return Errno::message_size;
  }
  const std::uint32_t mtu = uses_path_mtu(socket.inet6.pmtu_discovery) ? mtu_of(*route) : route->device->mtu();
  const Way way{route->source, route->destination, route->device, mtu - headers::kIpv6HeaderBytes, segment};
  if (!fits_segments(way, payload.size())) {
    return Errno::invalid;
  }
  const ip6::Inet6Sock& inet6 = socket.inet6;
  const bool cut = segment != 0 && payload.size() > segment;
  if (!cut && !ip::may_fragment(inet6.pmtu_discovery) && payload.size() + headers::kUdpHeaderBytes > way.room) {
    note_too_big(socket, cpu, to, port, mtu, payload);
    return Errno::message_size;
  }
  skb::Skb packet = build(udp, cpu, way, socket, port, payload);
  if (packet == nullptr) {
    return Errno::no_memory;
  }
  const auto hops = to.is_multicast() ? inet6.multicast_hops : inet6.unicast_hops.value_or(0);
  return ip6::ip6_xmit(udp.ip6, cpu, std::move(packet), *route,
                       {.protocol = headers::NextHeader::udp,
                        .hop_limit = hops,
                        .traffic_class = inet6.traffic_class,
                        .multicast_loop = inet6.multicast_loop});
}

}  // namespace

base::Result<void> udp_send(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, const IpAddress& to, std::uint16_t port,
                            Bytes payload, unsigned scope, std::optional<std::uint16_t> segment,
                            const PacketSource* source) {
  const IpAddress destination = udp_destination(socket, to);
  if (port == 0) {
    return Errno::invalid;
  }
  if (!speaks(socket, destination)) {
    return socket.family == AddressFamily::inet ? Errno::invalid : Errno::network_unreachable;
  }
  cpu.charge(kernel::Op::udp_send);
  if (!socket.is_bound()) {
    const auto bound = udp_bind(udp, socket, {}, 0);
    if (!bound.ok()) {
      return Errno::again;  // Linux: EAGAIN when no ephemeral port is free
    }
  }
  const bool inet = socket.family == AddressFamily::inet || destination.is_ipv4();
  const std::uint16_t each = segment.value_or(socket.segment);
  const auto sent = inet ? send4(udp, cpu, socket, destination.ipv4(), port, payload, each, source)
                         : send6(udp, cpu, socket, destination.value, scope, port, payload, each, source);
  UdpCounters& counters = udp.counters_of(inet ? AddressFamily::inet : AddressFamily::inet6);
  if (sent.ok()) {
    ++counters.out_datagrams;
  } else if (sent.error() == Errno::no_buffers || sent.error() == Errno::no_memory) {
    ++counters.sndbuf_errors;
  }
  return sent;
}

}  // namespace host::udp
