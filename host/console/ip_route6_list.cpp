// SPDX-License-Identifier: Apache-2.0
// ip -6 route: list, get, flush.
#include <algorithm>

#include "host/console/ip6_command.hpp"
#include "host/console/ip_route.hpp"
#include "host/ip6/ip6_route.hpp"

namespace host::console {

using headers::Ipv6Address;
using headers::Ipv6Prefix;
using ip6::Route6;
using ip6::Route6Origin;
using ip6::Route6Type;

namespace {

/// Which routes are meant.
struct Selection {
  std::uint32_t table = ip::kMainTable;
  std::optional<Ipv6Prefix> root;   // lies within it
  std::optional<Ipv6Prefix> match;  // contains it
  const device::NetDevice* device = nullptr;
  std::optional<std::string> protocol;

  [[nodiscard]] bool has(const Route6& route) const;
};

std::uint32_t table_of(const Route6& route) {
  return route.type == Route6Type::local ? ip::kLocalTable : ip::kMainTable;
}

std::string_view protocol_of(const Route6& route) {
  switch (route.origin) {
    case Route6Origin::kernel:
      return "kernel";
    case Route6Origin::router_advertisement:
      return "ra";
    default:
      return "boot";
  }
}

bool Selection::has(const Route6& route) const {
  const Ipv6Prefix& prefix = route.prefix;
  if (root && (prefix.length < root->length || !root->contains(prefix.address))) return false;
  if (match && (prefix.length > match->length || !prefix.contains(match->address))) return false;
  return (table == kAllTables || table == table_of(route)) && (device == nullptr || device == route.device) &&
         (!protocol || *protocol == protocol_of(route));
}

Selection parse_selection(IpCall& call, IpArguments& arguments) {
  Selection selection;
  const auto prefix = [&] {
    static_cast<void>(is_inet6(call, arguments.word(), "prefix"));
    return to_prefix6(arguments.word());
  };
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (matches(word, "table")) {
      selection.table = to_route_table(arguments.next());
    } else if (word == "dev" || word == "oif") {
      selection.device = &arguments.next_device(call.system.net);
    } else if (matches(word, "protocol")) {
      selection.protocol = arguments.next();
    } else if (word == "root") {
      arguments.next();
      selection.root = prefix();
    } else if (word == "match") {
      arguments.next();
      selection.match = prefix();
    } else {
      if (word == "exact" || word == "to") arguments.next();
      selection.root = selection.match = prefix();
    }
  }
  return selection;
}

/// The order of Linux's tree: by address, what lies within a prefix before the prefix.
bool comes_before(const Route6& a, const Route6& b) {
  const unsigned common = std::min(a.prefix.length, b.prefix.length);
  const Ipv6Address here = Ipv6Prefix{a.prefix.address, common}.network();
  const Ipv6Address there = Ipv6Prefix{b.prefix.address, common}.network();
  if (here != there) return here < there;
  return a.prefix.length != b.prefix.length ? a.prefix.length > b.prefix.length : a.metric < b.metric;
}

std::vector<Route6> selected(IpCall& call, const Selection& selection) {
  std::vector<Route6> found;
  if (!shows(call.options, IpOptions::Family::inet6)) return found;
  for (const Route6& route : call.system.udp.ip6.routes.routes()) {
    if (selection.has(route)) found.push_back(route);
  }
  std::ranges::stable_sort(found, [](const Route6& a, const Route6& b) {
    return table_of(a) != table_of(b) ? table_of(a) < table_of(b) : comes_before(a, b);
  });
  return found;
}

std::string prefix_text(const Ipv6Prefix& prefix) {
  if (prefix.length == 0) return "default";
  return prefix.length == 128 ? to_string(prefix.address) : to_string(prefix);
}

}  // namespace

void print_route6(IpCall& call, const Route6& route, const Route6Line& line) {
  auto& out = call.out;
  const bool details = call.options.details;
  const bool local = route.type == Route6Type::local;
  out.open_object();
  if (local || details) out.print("type", "{} ", local ? "local" : "unicast");
  out.print("dst", "{} ", line.asked ? to_string(*line.asked) : prefix_text(route.prefix));
  if (line.asked) out.print("from", "from {} ", "::");
  if (!route.gateway.is_unspecified()) out.print("gateway", "via {} ", to_string(route.gateway));
  const bool by_loopback = local && line.asked && call.system.ip.loopback != nullptr;
  if (!line.of_device) out.print("dev", "dev {} ", (by_loopback ? call.system.ip.loopback : route.device)->name());
  if (local) out.print("table", "table {} ", "local");
  if (route.origin != Route6Origin::administrator || details) out.print("protocol", "proto {} ", protocol_of(route));
  if (details) out.print("scope", "scope {} ", "global");
  if (!line.source.is_unspecified()) out.print("prefsrc", "src {} ", to_string(line.source));
  out.print("metric", "metric {} ", route.metric);
  out.open_array("flags");
  out.close_array();
  out.print("pref", "pref {}", "medium");
  out.text("\n");
  out.close_object();
}

void ip_route6_list(IpCall& call, IpArguments& arguments) {
  const Selection selection = parse_selection(call, arguments);
  call.out.open_array();
  for (const Route6& route : selected(call, selection)) {
    print_route6(call, route, {.of_device = selection.device != nullptr});
  }
  call.out.close_array();
}

void ip_route6_flush(IpCall& call, IpArguments& arguments) {
  if (arguments.done()) throw IpExit{kIpWrong, "\"ip route flush\" requires arguments.\n"};
  const Selection selection = parse_selection(call, arguments);
  for (const Route6& route : selected(call, selection)) {
    static_cast<void>(call.system.udp.ip6.routes.remove(route.prefix, *route.device, route.gateway));
  }
}

void ip_route6_get(IpCall& call, IpArguments& arguments) {
  ip6::FlowKey6 flow;
  bool aimed = false;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "from") {
      flow.source = to_prefix6(arguments.next()).address;
    } else if (word == "oif" || word == "dev") {
      flow.device = &arguments.next_device(call.system.net);
    } else {
      if (word == "to") arguments.next();
      if (aimed) throw duplicate_or_garbage("to", arguments.word());
      static_cast<void>(is_inet6(call, arguments.word(), "prefix"));
      flow.destination = to_prefix6(arguments.word()).address;
      aimed = true;
    }
  }
  if (!aimed) throw IpExit{kIpWrong, "need at least a destination address\n"};
  ip6::Ip6Layer& ip6 = call.system.udp.ip6;
  const auto way = ip6_route_output(ip6, call.self.cpu(), flow);
  if (!way.ok()) throw refused(way.error());
  const Route6* route = ip6.routes.lookup(flow.destination, flow.device);
  if (route == nullptr) throw refused(base::Errno::network_unreachable);
  call.out.open_array();
  print_route6(call, *route, {.asked = flow.destination, .source = way->source});
  call.out.close_array();
}

}  // namespace host::console
