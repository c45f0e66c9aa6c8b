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
  /// Of the path, as far as it is known to be less than the device's; 0: it is not.
  std::uint32_t mtu = 0;
  /// Of the route's prefix: 128 bits are one host.
  unsigned prefix_length = 128;
  /// Where it would go but for what routers said of this destination.
  ip::WayOut planned = {};
};

/// Largest packet, headers included.
[[nodiscard]] inline std::uint32_t mtu_of(const OutputRoute6& route) {
  return route.mtu != 0 ? route.mtu : route.device->mtu();
}

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
