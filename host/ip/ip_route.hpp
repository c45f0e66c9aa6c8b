// SPDX-License-Identifier: Apache-2.0
// What to do with a packet that came, and where to send one that goes (Linux: net/ipv4/route.c).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

enum class InputDecision {
  local,
  broadcast,
  /// Not for this host, which does not forward.
  not_local,
  /// A source or destination that no packet from a wire may carry.
  martian,
};

/// Linux: ip_route_input_noref. The flow's `in` is the device that the packet came by.
[[nodiscard]] InputDecision ip_route_input(IpLayer& ip, kernel::Cpu& cpu, const Flow& flow);

struct OutputRoute {
  device::NetDevice* device = nullptr;
  RouteType type = RouteType::unicast;
  headers::Ipv4Address source{};
  headers::Ipv4Address destination{};
  headers::Ipv4Address next_hop{};
  /// Largest packet, headers included.
  std::uint32_t mtu = 0;
};

/// Linux: ip_route_output_key. The flow's source may be any (0.0.0.0): the route chooses. Errors: network_unreachable
/// no route, or through a device that is down; host_unreachable, access, invalid a route that says so;
/// address_not_available no or not our source address.
[[nodiscard]] base::Result<OutputRoute> ip_route_output(IpLayer& ip, kernel::Cpu& cpu, const Flow& flow);
[[nodiscard]] inline base::Result<OutputRoute> ip_route_output(IpLayer& ip, kernel::Cpu& cpu,
                                                               headers::Ipv4Address destination,
                                                               headers::Ipv4Address source = {}) {
  return ip_route_output(ip, cpu, Flow{.destination = destination, .source = source});
}

}  // namespace host::ip
