// SPDX-License-Identifier: Apache-2.0
// Where an IPv6 packet goes that leaves (Linux: ip6_route_output, ip6_dst_lookup).
#include "host/ip6/ip6_route.hpp"

#include <algorithm>

#include "host/ip6/addrconf.hpp"

namespace host::ip6 {

using base::Errno;
using headers::Ipv6Address;

namespace {

/// Where a group is that is not one of a link: an administrator's route says it, else the first interface that speaks
/// IPv6 (Linux: addrconf_add_mroute gives each a route to ff00::/8, all of one metric).
device::NetDevice* device_of_groups(const Ip6Layer& ip6, const headers::Ipv6Address& group) {
  const Route6* route = ip6.routes.lookup(group, nullptr);
  if (route != nullptr && route->prefix.address.is_multicast()) {
    return route->device;
  }
  for (device::NetDevice* device : ip6.net.devices()) {
    if (device != ip6.ipv4.loopback && device->is_up() && ip6.addrconf->enabled(*device)) return device;
  }
  return nullptr;
}

/// A group's packets need no route but a device; others the best one.
base::Result<OutputRoute6> choose_device(Ip6Layer& ip6, const FlowKey6& flow) {
  OutputRoute6 out{.device = flow.device,
                   .type = Route6Type::unicast,
                   .source = flow.source,
                   .destination = flow.destination,
                   .next_hop = flow.destination};
  if (flow.destination.is_multicast()) {
    if (out.device == nullptr) out.device = device_of_groups(ip6, flow.destination);
    return out.device != nullptr ? base::Result<OutputRoute6>(out) : Errno::network_unreachable;
  }
  const Route6* route = ip6.routes.lookup(flow.destination, flow.device);
  if (route == nullptr) {
    return Errno::network_unreachable;
  }
  out.type = route->type;
  out.device = route->type == Route6Type::local ? ip6.ipv4.loopback : route->device;
  if (!route->gateway.is_unspecified()) out.next_hop = route->gateway;
  if (out.device == nullptr) {
    return Errno::network_unreachable;
  }
  out.prefix_length = route->prefix.length;
  out.planned = {out.device, out.next_hop};
  return out;
}

/// Linux: rt6_find_cached_rt.
void heed_exception(Ip6Layer& ip6, OutputRoute6& out, platform::Nanoseconds now) {
  const auto exception = ip6.exceptions.find(out.destination, out.planned, now);
  if (!exception) {
    return;
  }
  if (exception->gateway) out.next_hop = exception->gateway->value;
  if (exception->mtu != 0) out.mtu = std::min(exception->mtu, out.device->mtu());
  out.prefix_length = 128;
}

}  // namespace

base::Result<OutputRoute6> ip6_route_output(Ip6Layer& ip6, kernel::Cpu& cpu, const FlowKey6& flow) {
  cpu.charge(kernel::Op::ip_route);
  constexpr unsigned kLinkScope = 2;
  const bool of_a_link = flow.destination.is_link_local() ||
                         (flow.destination.is_multicast() && flow.destination.multicast_scope() <= kLinkScope);
  if (of_a_link && flow.device == nullptr) {
    return Errno::invalid;
  }
  auto out = choose_device(ip6, flow);
  if (!out.ok()) {
    return out;
  }
  if (!out->device->is_up()) {
    return Errno::network_down;
  }
  heed_exception(ip6, *out, cpu.now());
  const device::NetDevice& speaker = flow.device != nullptr ? *flow.device : *out->device;
  if (!out->source.is_unspecified()) {
    return ip6.addresses.is_local(out->source, speaker) ? out : Errno::address_not_available;
  }
  if (out->type == Route6Type::local) {
    out->source = flow.destination;
    return out;
  }
  const auto selected = ip6.addresses.select(*out->device, flow.destination);
  if (!selected) {
    return Errno::address_not_available;
  }
  out->source = *selected;
  return out;
}

}  // namespace host::ip6
