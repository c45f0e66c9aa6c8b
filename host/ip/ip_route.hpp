// SPDX-License-Identifier: Apache-2.0
// What to do with a packet that came, and where to send one that goes (Linux: net/ipv4/route.c).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

struct OutputRoute {
  device::NetDevice* device = nullptr;
  RouteType type = RouteType::unicast;
  headers::Ipv4Address source{};
  headers::Ipv4Address destination{};
  headers::Ipv4Address next_hop{};
  /// Largest packet, headers included.
  std::uint32_t mtu = 0;
  /// The path's MTU is so small that DF would do no good.
  bool mtu_locked = false;
  /// This host hears it too (see loop_back).
  bool loops = false;
  /// Where it would go but for what routers said of this destination.
  WayOut planned{};
};

enum class InputDecision : std::uint8_t {
  local,
  broadcast,
  /// To a group that this host belongs to.
  multicast,
  /// To one that it does not belong to.
  not_member,
  /// Somebody else's, and there is a way to him: `out`.
  forward,
  /// Somebody else's, and `error` says why he is not reached; host_unreachable also: this host does not forward.
  unreachable,
  /// A source or destination that no packet from a wire may carry.
  martian_source,
  martian_destination,
  /// rp_filter: the way back to the source is not by the device that the packet came by.
  reverse_path,
};

struct InputRoute {
  InputDecision decision = InputDecision::local;
  base::Errno error = base::Errno::host_unreachable;
  OutputRoute out{};
  /// It leaves by the device it came by: its sender had better go to `out.next_hop` himself.
  bool redirect = false;
};

/// Linux: ip_route_input_noref. The flow's `in` is the device that the packet came by.
[[nodiscard]] InputRoute ip_route_input(IpLayer& ip, kernel::Cpu& cpu, const Flow& flow);

/// Linux: ip_route_output_key. The flow's source may be any (0.0.0.0): the route chooses. Errors: network_unreachable
/// no route, or through a device that is down; host_unreachable, access, invalid a route that says so;
/// address_not_available no or not our source address.
[[nodiscard]] base::Result<OutputRoute> ip_route_output(IpLayer& ip, kernel::Cpu& cpu, const Flow& flow);
[[nodiscard]] inline base::Result<OutputRoute> ip_route_output(IpLayer& ip, kernel::Cpu& cpu,
                                                               headers::Ipv4Address destination,
                                                               headers::Ipv4Address source = {}) {
  return ip_route_output(ip, cpu, Flow{.destination = destination, .source = source});
}

/// The address that this host's words about a packet that goes out by `route` come from. Linux: fib_result_prefsrc.
[[nodiscard]] headers::Ipv4Address source_for(const IpLayer& ip, const Route& route, headers::Ipv4Address next_hop);

/// What is known of where a packet came from. Linux: fib_validate_source.
enum class SourceVerdict : std::uint8_t {
  fine,
  /// ... and the sender is on the link that the packet came by.
  neighbour,
  martian,
  /// rp_filter says no.
  reverse_path,
};
[[nodiscard]] SourceVerdict validate_source(const IpLayer& ip, const Flow& flow);

}  // namespace host::ip
