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

}  // namespace

InputDecision ip_route_input(IpLayer& ip, kernel::Cpu& cpu, const Flow& flow) {
  cpu.charge(kernel::Op::ip_route);
  const Ipv4Address source = flow.source;
  const Ipv4Address destination = flow.destination;
  if (loops_back(*flow.in)) {
    return ip.addresses.is_local(destination) ? InputDecision::local : InputDecision::not_local;
  }
  const bool asks_for_address = source.is_any() && destination.is_limited_broadcast();
  if (is_martian_source(source) && !asks_for_address) {
    return InputDecision::martian;
  }
  if (destination.is_limited_broadcast()) {
    return InputDecision::broadcast;
  }
  if (destination.is_zero_net() || destination.is_loopback()) {
    return InputDecision::martian;
  }
  // A source that is this host's own, or a network's broadcast address (Linux: fib_validate_source).
  if (ip.routes.address_type(source) != RouteType::unicast) {
    return InputDecision::martian;
  }
  const auto route = ip.routes.lookup(flow);
  if (!route.ok() || (*route)->type == RouteType::unicast) {
    return InputDecision::not_local;
  }
  return (*route)->type == RouteType::local ? InputDecision::local : InputDecision::broadcast;
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
                  .source = flow.source.is_any() ? route->preferred_source : flow.source,
                  .destination = flow.destination,
                  .next_hop = route->gateway.is_any() ? flow.destination : route->gateway,
                  .mtu = route->mtu != 0 ? std::min(route->mtu, device->mtu()) : device->mtu()};
  if (out.source.is_any()) {
    const auto selected = ip.addresses.select(*route->device, out.next_hop, route->scope);
    if (!selected) {
      return Errno::address_not_available;
    }
    out.source = *selected;
  }
  return out;
}

}  // namespace host::ip
