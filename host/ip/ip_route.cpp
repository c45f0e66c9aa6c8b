// SPDX-License-Identifier: Apache-2.0
// What to do with a packet that came, and where to send one that goes (Linux: net/ipv4/route.c).
#include "host/ip/ip_route.hpp"

namespace host::ip {

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

}  // namespace

InputDecision ip_route_input(IpLayer& ip, kernel::Cpu& cpu, const device::NetDevice& device, Ipv4Address source,
                             Ipv4Address destination) {
  cpu.charge(kernel::Op::ip_route);
  if (loops_back(device)) {
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
  const Route* back = ip.routes.lookup(source);
  if (back != nullptr && back->type != RouteType::unicast) {
    return InputDecision::martian;
  }
  const Route* route = ip.routes.lookup(destination);
  if (route == nullptr || route->type == RouteType::unicast) {
    return InputDecision::not_local;
  }
  return route->type == RouteType::local ? InputDecision::local : InputDecision::broadcast;
}

base::Result<OutputRoute> ip_route_output(IpLayer& ip, kernel::Cpu& cpu, Ipv4Address destination, Ipv4Address source) {
  cpu.charge(kernel::Op::ip_route);
  if (!source.is_any() && !ip.addresses.is_local(source)) {
    return base::Errno::address_not_available;
  }
  const Route* route = ip.routes.lookup(destination);
  if (route == nullptr) {
    return base::Errno::network_unreachable;
  }
  device::NetDevice* device = route->type == RouteType::local ? ip.loopback : route->device;
  if (device == nullptr) {
    return base::Errno::network_unreachable;
  }
  if (!device->is_up()) {
    return base::Errno::network_down;
  }
  OutputRoute out{.device = device,
                  .type = route->type,
                  .source = source.is_any() ? route->preferred_source : source,
                  .destination = destination,
                  .next_hop = route->gateway.is_any() ? destination : route->gateway};
  if (out.source.is_any()) {
    const auto selected = ip.addresses.select(*route->device, out.next_hop);
    if (!selected) {
      return base::Errno::address_not_available;
    }
    out.source = *selected;
  }
  return out;
}

}  // namespace host::ip
