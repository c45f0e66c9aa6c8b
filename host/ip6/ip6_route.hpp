// SPDX-License-Identifier: Apache-2.0
// Where an IPv6 packet goes that leaves (Linux: ip6_route_output, ip6_dst_lookup).
#pragma once

#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

struct OutputRoute6 {
  device::NetDevice* device = nullptr;
  Route6Type type = Route6Type::unicast;
  headers::Ipv6Address source;
  headers::Ipv6Address destination;
  headers::Ipv6Address next_hop;
};

/// What a packet must say of itself for its route.
struct FlowKey6 {
  headers::Ipv6Address destination;
  /// Unspecified: the route chooses.
  headers::Ipv6Address source{};
  /// Wanted for link-local destinations and groups (sin6_scope_id); null: any.
  device::NetDevice* device = nullptr;
};

/// Errors: network_unreachable no route, network_down the device is not up, address_not_available no or not our source
/// address, invalid a link-local destination or group without a device.
[[nodiscard]] base::Result<OutputRoute6> ip6_route_output(Ip6Layer& ip6, kernel::Cpu& cpu, const FlowKey6& flow);

}  // namespace host::ip6
