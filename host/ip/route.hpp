// SPDX-License-Identifier: Apache-2.0
// A route, and a question to the routing tables (Linux: struct fib_info and fib_alias, struct flowi4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "host/headers/ipv4_address.hpp"

namespace host::device {
class NetDevice;
}

namespace host::ip {

/// Linux: RTN_*. The last four lead nowhere: they answer with an error, `throw_` by asking the next rule.
enum class RouteType : std::uint8_t {
  unicast = 1,
  local = 2,
  broadcast = 3,
  multicast = 5,
  blackhole = 6,
  unreachable = 7,
  prohibit = 8,
  throw_ = 9,
};

/// Whether a route of the type has a device to send through.
[[nodiscard]] constexpr bool leads_somewhere(RouteType type) {
  return type < RouteType::blackhole;
}

/// How far a destination is: larger is nearer (Linux: RT_SCOPE_*). A gateway has to be nearer than what lies behind it.
enum class RouteScope : std::uint8_t { universe = 0, site = 200, link = 253, host = 254, nowhere = 255 };

/// Who made a route (Linux: RTPROT_*).
enum class RouteProtocol : std::uint8_t { unspecified = 0, redirect = 1, kernel = 2, boot = 3, static_ = 4 };

/// Linux: RT_TABLE_*.
inline constexpr std::uint32_t kDefaultTable = 253;
inline constexpr std::uint32_t kMainTable = 254;
inline constexpr std::uint32_t kLocalTable = 255;

struct Route {
  headers::Ipv4Prefix prefix{};
  RouteType type = RouteType::unicast;
  device::NetDevice* device = nullptr;
  /// The next hop; any (0.0.0.0) when the destination is on the link.
  headers::Ipv4Address gateway{};
  /// The source address of packets that leave by this route and have none yet.
  headers::Ipv4Address preferred_source{};
  std::uint32_t table = kMainTable;
  /// Of routes to one prefix, the one with the least counts.
  std::uint32_t metric = 0;
  RouteScope scope = RouteScope::universe;
  RouteProtocol protocol = RouteProtocol::unspecified;
  /// Only for packets of this type of service; 0: for all.
  std::uint8_t tos = 0;
  /// The gateway is taken to be on the link, whatever the routes say.
  bool onlink = false;
  /// RTAX_MTU: largest packet, headers included; 0: the device's MTU.
  std::uint32_t mtu = 0;

  friend bool operator==(const Route&, const Route&) = default;
};

/// The scope that `ip route add` gives to a route when it is told none.
[[nodiscard]] constexpr RouteScope default_scope(RouteType type, headers::Ipv4Address gateway) {
  switch (type) {
    case RouteType::local:
      return RouteScope::host;
    case RouteType::broadcast:
    case RouteType::multicast:
      return RouteScope::link;
    case RouteType::unicast:
      return gateway.is_any() ? RouteScope::link : RouteScope::universe;
    default:
      return RouteScope::universe;
  }
}

/// How a route joins those of its prefix, type of service and metric.
enum class RouteAdd : std::uint8_t {
  create,   // `ip route add`: there is none
  append,   // `ip route append`: behind them
  replace,  // `ip route replace`: instead of the first, or new
  change,   // `ip route change`: instead of the first, which is there
};

/// Which route `ip route del` means: the first of the prefix that has everything that is told.
struct RouteSelector {
  headers::Ipv4Prefix prefix{};
  std::uint32_t table = kMainTable;
  std::uint8_t tos = 0;
  std::optional<RouteType> type{};
  std::optional<RouteScope> scope{};
  std::optional<std::uint32_t> metric{};
  RouteProtocol protocol = RouteProtocol::unspecified;
  const device::NetDevice* device = nullptr;
  headers::Ipv4Address gateway{};
  headers::Ipv4Address preferred_source{};
};

/// What is known of a packet that needs a route (Linux: struct flowi4).
struct Flow {
  headers::Ipv4Address destination{};
  headers::Ipv4Address source{};
  std::uint8_t tos = 0;
  std::uint32_t mark = 0;
  /// Where it came in; of our own packets: `lo`, or null.
  const device::NetDevice* in = nullptr;
  /// It has to leave by this device; null: by any.
  device::NetDevice* out = nullptr;
  /// Routes that lead less near are not looked at.
  RouteScope scope = RouteScope::universe;

  friend bool operator==(const Flow&, const Flow&) = default;
};

}  // namespace host::ip
