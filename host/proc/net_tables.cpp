// SPDX-License-Identifier: Apache-2.0
// Neighbours and routes, a line each.
#include "host/proc/net_tables.hpp"

#include <fmt/format.h>

namespace host::proc {

using headers::Ipv4Address;
using ip::NeighbourState;

namespace {

// include/uapi/linux/if_arp.h, route.h
constexpr unsigned kComplete = 0x2;
constexpr unsigned kPermanent = 0x4;
constexpr unsigned kRouteUp = 0x1;
constexpr unsigned kRouteGateway = 0x2;
constexpr unsigned kRouteHost = 0x4;
constexpr unsigned kRouteReject = 0x200;
constexpr unsigned kHostPrefix = 32;
constexpr std::size_t kRouteWidth = 127;

bool is_valid(NeighbourState state) {
  return state != NeighbourState::incomplete && state != NeighbourState::failed;
}

std::string padded(std::string line) {
  line.resize(std::max(line.size(), kRouteWidth), ' ');
  return line + '\n';
}

/// Linux: fib_flag_trans.
unsigned flags_of(const ip::Route& route) {
  const bool rejects = route.type == ip::RouteType::unreachable || route.type == ip::RouteType::prohibit;
  return kRouteUp | (route.gateway.is_any() ? 0 : kRouteGateway) |
         (route.prefix.length == kHostPrefix ? kRouteHost : 0) | (rejects ? kRouteReject : 0);
}

std::string route_line(const ip::Route& route) {
  return padded(fmt::format("{}\t{}\t{}\t{:04X}\t0\t0\t{}\t{}\t0\t0\t0",
                            route.device == nullptr ? "*" : route.device->name(), hex_address(route.prefix.address),
                            hex_address(route.gateway), flags_of(route), route.metric,
                            hex_address({route.prefix.mask()})));
}

}  // namespace

std::string hex_address(Ipv4Address address) {
  const std::uint32_t value = address.value;
  return fmt::format("{:08X}", value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff'0000) | value << 24);
}

std::string arp(const ip::IpLayer& ip) {
  std::string text = "IP address       HW type     Flags       HW address            Mask     Device\n";
  for (const auto& [device, address, view] : ip.neighbours.all()) {
    const unsigned flags =
        (is_valid(view.state) ? kComplete : 0) | (view.state == NeighbourState::permanent ? kPermanent : 0);
    text += fmt::format("{:<16} 0x{:<10x}0x{:<10x}{:<17}     *        {}\n", to_string(address.ipv4()),
                        static_cast<unsigned>(device->hardware_type()), flags,
                        is_valid(view.state) ? view.mac.to_string() : base::MacAddress{}.to_string(), device->name());
  }
  return text;
}

std::string route(const ip::IpLayer& ip) {
  std::string text = padded("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
  const auto main = ip.routes.tables().find(ip::kMainTable);
  if (main == ip.routes.tables().end()) return text;
  for (const ip::Route& each : main->second.routes()) {
    if (each.type != ip::RouteType::broadcast && each.type != ip::RouteType::multicast) text += route_line(each);
  }
  return text;
}

}  // namespace host::proc
