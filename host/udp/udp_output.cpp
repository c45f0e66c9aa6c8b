// SPDX-License-Identifier: Apache-2.0
// A datagram leaves its socket (Linux: udp_sendmsg, udp_send_skb).
#include "host/udp/udp_output.hpp"

#include <algorithm>

#include "host/device/net_device.hpp"
#include "host/headers/udp.hpp"
#include "host/ip/ip_output.hpp"
#include "host/ip/multicast_sock.hpp"

namespace host::udp {

using base::Errno;
using headers::Bytes;
using headers::Ipv4Address;

namespace {

/// A packet that holds the datagram whole; null when the pool is exhausted.
skb::Skb build(UdpLayer& udp, kernel::Cpu& cpu, const ip::OutputRoute& route, std::uint16_t from, std::uint16_t to,
               Bytes payload) {
  const std::size_t length = headers::kUdpHeaderBytes + payload.size();
  cpu.charge(kernel::Op::skb_alloc);
  cpu.charge(kernel::Op::copy_per_byte, payload.size());
  const bool whole = length <= transport_room(route);  // the device sees no more than a frame
  const bool by_device = whole && route.device->offloads().checksum;
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
    headers::write_udp_partial(out, from, to, route.source, route.destination);
    packet->request_checksum(0, headers::kUdpChecksumOffset);
  } else {
    headers::write_udp(out, from, to, route.source, route.destination);
  }
  return packet;
}

}  // namespace

base::Result<void> udp_send(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, Ipv4Address to, std::uint16_t port,
                            Bytes payload) {
  if (port == 0) {
    return Errno::invalid;
  }
  cpu.charge(kernel::Op::udp_send);
  if (!socket.is_bound()) {
    const auto bound = udp_bind(udp, socket, {}, 0);
    if (!bound.ok()) {
      return Errno::again;  // Linux: EAGAIN when no ephemeral port is free
    }
  }
  auto route =
      ip::ip_route_output(udp.ip, cpu, flow_of(udp.ip, socket.inet, to, socket.endpoints.local, socket.bound_ifindex));
  if (!route.ok()) {
    ++udp.ip.counters.out_no_routes;
    return route.error();
  }
  if (route->type == ip::RouteType::broadcast && !socket.broadcast) {
    return Errno::access;
  }
  const ip::FragmentPlan plan =
      plan_fragments(*route, socket.inet.pmtu_discovery, payload.size() + headers::kUdpHeaderBytes);
  if (plan.refused) {
    return Errno::message_size;
  }
  skb::Skb packet = build(udp, cpu, *route, socket.endpoints.local_port, port, payload);
  if (packet == nullptr) {
    ++udp.counters.sndbuf_errors;
    return Errno::no_memory;
  }
  cpu.trace(kernel::JourneyStep::application_send, packet->id());
  cpu.trace(kernel::JourneyStep::udp_send, packet->id());
  const auto sent = ip::ip_queue_xmit(udp.ip, cpu, std::move(packet), *route,
                                      {.protocol = headers::IpProtocol::udp,
                                       .ttl = ttl_of(socket.inet, to),
                                       .tos = socket.tos,
                                       .priority = socket.priority,
                                       .dont_fragment = plan.dont_fragment,
                                       .multicast_loop = socket.inet.multicast_loop});
  if (sent.ok()) {
    ++udp.counters.out_datagrams;
  } else if (sent.error() == Errno::no_buffers) {
    ++udp.counters.sndbuf_errors;
  }
  return sent;
}

}  // namespace host::udp
