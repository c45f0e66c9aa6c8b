// SPDX-License-Identifier: Apache-2.0
// Routes by selection: printed, or removed (iproute2: ip/iproute.c, print_route, iproute_list_flush_or_save).
#include "host/console/ip_route.hpp"

namespace host::console {

using headers::Ipv4Prefix;
using ip::Route;
using ip::RouteProtocol;
using ip::RouteScope;
using ip::RouteType;

namespace {

/// Which routes are meant.
struct Selection {
  std::uint32_t table = ip::kMainTable;
  std::optional<Ipv4Prefix> root;   // lies within it
  std::optional<Ipv4Prefix> match;  // contains it
  const device::NetDevice* device = nullptr;
  std::optional<RouteType> type;
  std::optional<RouteScope> scope;
  std::optional<RouteProtocol> protocol;

  [[nodiscard]] bool has(const Route& route) const {
    const Ipv4Prefix& prefix = route.prefix;
    if (root && (prefix.length < root->length || !root->contains(prefix.address))) return false;
    if (match && (prefix.length > match->length || !prefix.contains(match->address))) return false;
    if (device != nullptr && device != route.device) return false;
    return (!type || *type == route.type) && (!scope || *scope == route.scope) &&
           (!protocol || *protocol == route.protocol);
  }
};

Selection parse_selection(IpCall& call, IpArguments& arguments) {
  Selection selection;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (matches(word, "table")) {
      selection.table = to_route_table(arguments.next());
    } else if (word == "dev" || word == "oif") {
      selection.device = &arguments.next_device(call.system.net);
    } else if (matches(word, "protocol")) {
      selection.protocol = to_route_protocol(arguments.next());
    } else if (matches(word, "scope")) {
      selection.scope = to_route_scope(arguments.next());
    } else if (matches(word, "type")) {
      selection.type = route_type(arguments.next());
      if (!selection.type) throw wrong_argument("node type value is invalid\n", arguments.word());
    } else if (word == "root") {
      selection.root = to_prefix(arguments.next());
    } else if (word == "match") {
      selection.match = to_prefix(arguments.next());
    } else {
      if (word == "exact" || word == "to") arguments.next();
      selection.root = selection.match = to_prefix(arguments.word());
    }
  }
  return selection;
}

std::string prefix_text(const Ipv4Prefix& prefix) {
  if (prefix.length == 0) return "default";
  return prefix.length == 32 ? to_string(prefix.address) : to_string(prefix);
}

void print_route(IpCall& call, const Selection& selection, const Route& route) {
  auto& out = call.out;
  const bool details = call.options.details;
  out.open_object();
  if (route.type != RouteType::unicast || details) out.print("type", "{} ", route_type_name(route.type));
  out.print("dst", "{} ", prefix_text(route.prefix));
  if (route.tos != 0) out.print("tos", "tos {} ", fmt::format("{:#04x}", route.tos));
  if (!route.gateway.is_any()) out.print("gateway", "via {} ", to_string(route.gateway));
  if (route.device != nullptr && selection.device == nullptr) out.print("dev", "dev {} ", route.device->name());
  const bool every_table = selection.table == kAllTables;  // of one table nobody needs to be told which
  if (every_table && (route.table != ip::kMainTable || details))
    out.print("table", "table {} ", route_table_name(route.table));
  if (route.protocol != RouteProtocol::boot || details) {
    out.print("protocol", "proto {} ", route_protocol_name(route.protocol));
  }
  if (route.scope != RouteScope::universe || details) out.print("scope", "scope {} ", route_scope_name(route.scope));
  if (!route.preferred_source.is_any()) out.print("prefsrc", "src {} ", to_string(route.preferred_source));
  if (route.metric != 0) out.print("metric", "metric {} ", route.metric);
  out.open_array("flags");
  if (route.onlink) out.element("{} ", "onlink");
  out.close_array();
  if (route.mtu != 0) {
    out.open_array("metrics");
    out.open_object();
    out.print("mtu", "mtu {} ", route.mtu);
    out.close_object();
    out.close_array();
  }
  out.text("\n");
  out.close_object();
}

std::vector<Route> selected(IpCall& call, const Selection& selection) {
  const auto& tables = call.system.ip.routes.tables();
  const bool every = selection.table == kAllTables;
  if (!every && !tables.contains(selection.table)) {
    throw IpExit{kIpRefused, "Error: ipv4: FIB table does not exist.\nDump terminated\n"};
  }
  std::vector<Route> found;
  if (!shows(call.options, IpOptions::Family::inet)) return found;
  for (const auto& [number, table] : tables) {
    if (!every && number != selection.table) continue;
    for (const Route& route : table.routes()) {
      if (selection.has(route)) found.push_back(route);
    }
  }
  return found;
}

}  // namespace

void ip_route_list(IpCall& call, IpArguments& arguments) {
  const Selection selection = parse_selection(call, arguments);
  const std::vector<Route> routes = selected(call, selection);
  call.out.open_array();
  for (const Route& route : routes) print_route(call, selection, route);
  call.out.close_array();
}

void ip_route_flush(IpCall& call, IpArguments& arguments) {
  if (arguments.done()) throw IpExit{kIpWrong, "\"ip route flush\" requires arguments.\n"};
  const Selection selection = parse_selection(call, arguments);
  for (const Route& route : selected(call, selection)) {
    static_cast<void>(call.system.ip.routes.remove({.prefix = route.prefix,
                                                    .table = route.table,
                                                    .tos = route.tos,
                                                    .type = route.type,
                                                    .scope = route.scope,
                                                    .metric = route.metric,
                                                    .protocol = route.protocol,
                                                    .device = route.device,
                                                    .gateway = route.gateway,
                                                    .preferred_source = route.preferred_source}));
  }
}

}  // namespace host::console
