// SPDX-License-Identifier: Apache-2.0
// What to do with a packet that came, and where to send one that goes (Linux: net/ipv4/route.c).
#include "host/ip/ip_route.hpp"

#include <algorithm>

namespace host::ip {

using base::Errno;
using headers::Ipv4Address;

namespace {

/// No host has this address as its own (RFC 1122 section 3.2.1.3).
bool is_martian_source(Ipv4Address source) {
  return source.is_multicast() || source.is_limited_broadcast() || source.is_zero_net() || source.is_loopback();
}

/// The loopback network lives on a device that talks to nobody.
bool loops_back(const device::NetDevice& device) {
  return device.address().is_zero();
}

/// Whom a packet for the address is for, whatever the routes say.
RouteType type_of(Ipv4Address destination, RouteType routed) {
  if (destination.is_limited_broadcast()) {
    return RouteType::broadcast;
  }
  return destination.is_multicast() ? RouteType::multicast : routed;
}

/// A group, or everybody on a link: not one destination.
bool is_many(Ipv4Address destination) {
  return destination.is_multicast() || destination.is_limited_broadcast();
}

/// A packet to many goes out where its socket, or its source address, belongs; one whose socket names the device needs
/// no route at all. Else the tables know.
base::Result<Route> route_to(const IpLayer& ip, const Flow& flow) {
  device::NetDevice* out = flow.out;
  if (out == nullptr && is_many(flow.destination) && !flow.source.is_any()) {
    out = ip.addresses.device_of(flow.source);
  }
  const bool needs_none = out != nullptr && out->is_up();
  const Route on_link{.prefix = {flow.destination, 32}, .device = out, .scope = RouteScope::link};
  if (needs_none && is_many(flow.destination)) {
    return on_link;
  }
  const auto found = ip.routes.lookup(flow);
  if (!found.ok()) {
    return needs_none ? base::Result<Route>(on_link) : found.error();
  }
  return **found;
}

bool leads_on(RouteType type) {
  return type != RouteType::local && type != RouteType::broadcast;
}

std::uint32_t mtu_of(const Route& route, const device::NetDevice& device) {
  return route.mtu != 0 ? std::min(route.mtu, device.mtu()) : device.mtu();
}

/// Linux: __mkroute_input.
InputRoute forward_by(const IpLayer& ip, const Flow& flow, const Route& route, SourceVerdict sender) {
  if (route.type != RouteType::unicast) {
    return {.decision = InputDecision::martian_destination};
  }
  const Ipv4Address next_hop = route.gateway.is_any() ? flow.destination : route.gateway;
  const bool turns_round = route.device == flow.in && sender == SourceVerdict::neighbour;
  const bool same_medium =
      ip.conf.either(*flow.in, Conf::shared_media) || ip.addresses.on_same_link(*flow.in, flow.source, next_hop);
  return {.decision = InputDecision::forward,
          .out = {.device = route.device,
                  .source = flow.source,
                  .destination = flow.destination,
                  .next_hop = next_hop,
                  .mtu = mtu_of(route, *route.device)},
          .redirect = turns_round && same_medium && ip.conf.either(*flow.in, Conf::send_redirects)};
}

}  // namespace

InputRoute ip_route_input(IpLayer& ip, kernel::Cpu& cpu, const Flow& flow) {
  cpu.charge(kernel::Op::ip_route);
  const Ipv4Address source = flow.source;
  const Ipv4Address destination = flow.destination;
  if (loops_back(*flow.in)) {
    return {.decision = ip.addresses.is_local(destination) ? InputDecision::local : InputDecision::unreachable};
  }
  const bool to_all = destination.is_limited_broadcast();
  const bool asks_for_address = source.is_any() && to_all;
  if (is_martian_source(source) && !asks_for_address) {
    return {.decision = InputDecision::martian_source};
  }
  if (!to_all && (destination.is_zero_net() || destination.is_loopback())) {
    return {.decision = InputDecision::martian_destination};
  }
  Errno error{};
  const Route* route = to_all ? nullptr : ip.routes.lookup(flow, error);
  const bool is_routed = !to_all && (route == nullptr || leads_on(route->type));
  if (is_routed && !ip.conf.forwards(*flow.in)) {
    return {.decision = InputDecision::unreachable};
  }
  if (is_routed && route == nullptr) {
    return {.decision = InputDecision::unreachable, .error = error};
  }
  const SourceVerdict sender = asks_for_address ? SourceVerdict::fine : validate_source(ip, flow);
  if (sender == SourceVerdict::martian) {
    return {.decision = InputDecision::martian_source};
  }
  if (sender == SourceVerdict::reverse_path) {
    return {.decision = InputDecision::reverse_path};
  }
  if (!is_routed) {
    const bool local = !to_all && route->type == RouteType::local;
    if (local) ip.local_flows.add(flow, ip.generation());
    return {.decision = local ? InputDecision::local : InputDecision::broadcast};
  }
  return forward_by(ip, flow, *route, sender);
}

base::Result<OutputRoute> ip_route_output(IpLayer& ip, kernel::Cpu& cpu, const Flow& flow) {
  cpu.charge(kernel::Op::ip_route);
  if (!flow.source.is_any() && !ip.addresses.is_local(flow.source)) {
    return Errno::address_not_available;
  }
  const auto route = route_to(ip, flow);
  if (!route.ok()) {
    return route.error();
  }
  const RouteType type = type_of(flow.destination, route->type);
  device::NetDevice* device = type == RouteType::local ? ip.loopback : route->device;
  if (device == nullptr || !device->is_up()) {
    return Errno::network_unreachable;
  }
  OutputRoute out{.device = device,
                  .type = type,
                  .source = flow.source,
                  .destination = flow.destination,
                  .next_hop = route->gateway.is_any() ? flow.destination : route->gateway,
                  .mtu = mtu_of(*route, *device)};
  out.loops =
      type == RouteType::broadcast || (type == RouteType::multicast && ip.igmp.is_member(*device, flow.destination));
  out.planned = {out.device, out.next_hop};
  if (const auto exception = ip.exceptions.find(out.destination, out.planned, cpu.now())) {
    out.next_hop = exception->gateway ? exception->gateway->ipv4() : out.next_hop;
    out.mtu = exception->mtu == 0 ? out.mtu : std::min(exception->mtu, device->mtu());
    out.mtu_locked = exception->mtu_locked;
  }
  if (out.source.is_any()) {
    out.source = source_for(ip, *route, out.next_hop);
  }
  return out.source.is_any() ? base::Result<OutputRoute>(Errno::address_not_available) : out;
}

Ipv4Address source_for(const IpLayer& ip, const Route& route, Ipv4Address next_hop) {
  if (!route.preferred_source.is_any()) {
    return route.preferred_source;
  }
  return ip.addresses.select(*route.device, next_hop, route.scope).value_or(Ipv4Address{});
}

}  // namespace host::ip
