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

/// Linux: ip_route_input_noref.
[[nodiscard]] InputDecision ip_route_input(IpLayer& ip, kernel::Cpu& cpu, const device::NetDevice& device,
                                           headers::Ipv4Address source, headers::Ipv4Address destination);

struct OutputRoute {
  device::NetDevice* device = nullptr;
  RouteType type = RouteType::unicast;
  headers::Ipv4Address source;
  headers::Ipv4Address destination;
  headers::Ipv4Address next_hop;
};

/// Linux: ip_route_output_key. `source` may be any (0.0.0.0): the route chooses. Errors: network_unreachable no
/// route, network_down the device is not up, address_not_available no or not our source address.
[[nodiscard]] base::Result<OutputRoute> ip_route_output(IpLayer& ip, kernel::Cpu& cpu, headers::Ipv4Address destination,
                                                        headers::Ipv4Address source = {});

}  // namespace host::ip
