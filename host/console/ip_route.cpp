// SPDX-License-Identifier: Apache-2.0
// ip route: add, append, change, replace, del, get (iproute2: ip/iproute.c).
#include "host/console/ip_route.hpp"

#include <algorithm>
#include <optional>

#include "host/console/ip6_command.hpp"

namespace host::console {

using base::Errno;
using device::NetDevice;
using headers::Ipv4Address;
using headers::Ipv4Prefix;
using ip::Route;
using ip::RouteAdd;
using ip::RouteProtocol;
using ip::RouteScope;
using ip::RouteType;

namespace {

constexpr std::string_view kUsage =
    "Usage: ip route { list | flush } SELECTOR\n"
    "       ip route get ADDRESS [ from ADDRESS iif STRING ]\n"
    "                            [ oif STRING ] [ tos TOS ] [ mark NUMBER ]\n"
    "       ip route { add | del | change | append | replace } ROUTE\n"
    "SELECTOR := [ root PREFIX ] [ match PREFIX ] [ exact PREFIX ]\n"
    "            [ table TABLE_ID ] [ dev STRING ] [ proto RTPROTO ]\n"
    "            [ type TYPE ] [ scope SCOPE ]\n"
    "ROUTE := [ TYPE ] PREFIX [ tos TOS ] [ table TABLE_ID ] [ proto RTPROTO ]\n"
    "         [ scope SCOPE ] [ metric METRIC ] [ via ADDRESS ] [ dev STRING ]\n"
    "         [ src ADDRESS ] [ mtu NUMBER ] [ onlink ]\n"
    "TYPE := { unicast | local | broadcast | multicast | throw |\n"
    "          unreachable | prohibit | blackhole }\n"
    "TABLE_ID := [ local | main | default | all | NUMBER ]\n"
    "SCOPE := [ host | link | global | NUMBER ]\n"
    "RTPROTO := [ kernel | boot | static | redirect ]\n";

/// What a route's words say; what they leave out is not there.
struct Words {
  std::optional<Ipv4Prefix> prefix;
  std::optional<RouteType> type;
  std::optional<RouteScope> scope;
  std::optional<RouteProtocol> protocol;
  std::optional<std::uint32_t> table;
  std::optional<std::uint32_t> metric;
  NetDevice* device = nullptr;
  Ipv4Address gateway{};
  Ipv4Address source{};
  std::uint32_t mtu = 0;
  std::uint8_t tos = 0;
  bool onlink = false;
};

std::uint8_t next_tos(IpArguments& arguments) {
  const std::uint32_t tos = arguments.next_number("\"tos\" value is invalid\n");
  if (tos > 0xff) throw wrong_argument("\"tos\" value is invalid\n", arguments.word());
  return static_cast<std::uint8_t>(tos);
}

void take_gateway(Words& words, IpArguments& arguments) {
  if (arguments.next() == "inet") arguments.next();
  const auto address = Ipv4Address::parse(arguments.word());
  if (!address) {
    throw IpExit{kIpWrong, fmt::format("Error: inet address is expected rather than \"{}\".\n", arguments.word())};
  }
  words.gateway = *address;
}

Words parse_words(IpCall& call, IpArguments& arguments) {
  Words words;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "src") {
      words.source = arguments.next_address();
    } else if (word == "via") {
      take_gateway(words, arguments);
    } else if (word == "tos" || matches(word, "dsfield")) {
      words.tos = next_tos(arguments);
    } else if (word == "metric" || matches(word, "priority") || word == "preference") {
      words.metric = arguments.next_number("\"metric\" value is invalid\n");
    } else if (word == "scope") {
      words.scope = to_route_scope(arguments.next());
    } else if (word == "mtu") {
      words.mtu = arguments.next_number("\"mtu\" value is invalid\n");
    } else if (matches(word, "protocol")) {
      words.protocol = to_route_protocol(arguments.next());
    } else if (matches(word, "table")) {
      words.table = to_route_table(arguments.next());
    } else if (word == "dev" || word == "oif") {
      words.device = &arguments.next_device(call.system.net);
    } else if (word == "onlink") {
      words.onlink = true;
    } else {
      if (word == "to") arguments.next();
      const auto type = route_type(arguments.word());
      if (type && !words.type) {
        words.type = type;
        arguments.next();
      }
      if (words.prefix) throw duplicate_or_garbage("to", arguments.word());
      words.prefix = to_prefix(arguments.word());
    }
  }
  return words;
}

std::uint32_t table_of(const Words& words) {
  if (words.table) return *words.table;
  return words.type == RouteType::local || words.type == RouteType::broadcast ? ip::kLocalTable : ip::kMainTable;
}

/// The kernel's answer, in its own words where it has some.
IpExit refusal(const IpCall& call, const Route& route, Errno error) {
  if (route.prefix.network() != route.prefix.address) return refused("Invalid prefix for given prefix length");
  const bool bad_source =
      !route.preferred_source.is_any() && !call.system.ip.addresses.is_local(route.preferred_source);
  if (error == Errno::invalid && bad_source) return refused("Invalid prefsrc address");
  if (error == Errno::network_unreachable) return refused("Nexthop has invalid gateway");
  if (error == Errno::network_down) return refused("Device for nexthop is not up");
  return refused(error);
}

void add(IpCall& call, IpArguments& arguments, RouteAdd how) {
  if (arguments.done()) throw IpExit{kIpUsage, std::string(kUsage)};
  const Words words = parse_words(call, arguments);
  const RouteType type = words.type.value_or(RouteType::unicast);
  const Route route{.prefix = words.prefix.value_or(Ipv4Prefix{}),
                    .type = type,
                    .device = words.device,
                    .gateway = words.gateway,
                    .preferred_source = words.source,
                    .table = table_of(words),
                    .metric = words.metric.value_or(0),
                    .scope = words.scope.value_or(ip::default_scope(type, words.gateway)),
                    .protocol = words.protocol.value_or(RouteProtocol::boot),
                    .tos = words.tos,
                    .onlink = words.onlink,
                    .mtu = words.mtu};
  const auto added = call.system.ip.routes.add(route, how);
  if (!added) throw refusal(call, route, added.error());
}

void remove(IpCall& call, IpArguments& arguments) {
  if (arguments.done()) throw IpExit{kIpUsage, std::string(kUsage)};
  const Words words = parse_words(call, arguments);
  const auto removed = call.system.ip.routes.remove({.prefix = words.prefix.value_or(Ipv4Prefix{}),
                                                     .table = table_of(words),
                                                     .tos = words.tos,
                                                     .type = words.type,
                                                     .scope = words.scope,
                                                     .metric = words.metric,
                                                     .protocol = words.protocol.value_or(RouteProtocol::unspecified),
                                                     .device = words.device,
                                                     .gateway = words.gateway,
                                                     .preferred_source = words.source});
  if (!removed) throw refused(removed.error());
}

ip::Flow parse_flow(IpCall& call, IpArguments& arguments) {
  ip::Flow flow;
  bool aimed = false;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "from") {
      flow.source = arguments.next_address();
    } else if (word == "iif") {
      flow.in = &arguments.next_device(call.system.net);
    } else if (word == "oif" || word == "dev") {
      flow.out = &arguments.next_device(call.system.net);
    } else if (word == "tos" || matches(word, "dsfield")) {
      flow.tos = next_tos(arguments);
    } else if (matches(word, "mark")) {
      flow.mark = arguments.next_number("invalid mark\n");
    } else {
      if (word == "to") arguments.next();
      if (aimed) throw duplicate_or_garbage("to", arguments.word());
      flow.destination = to_prefix(arguments.word()).address;
      aimed = true;
    }
  }
  if (!aimed) throw IpExit{kIpWrong, "need at least a destination address\n"};
  return flow;
}

void get(IpCall& call, IpArguments& arguments) {
  const ip::Flow flow = parse_flow(call, arguments);
  const auto found = call.system.ip.routes.lookup(flow);
  if (!found) throw refused(found.error());
  const Route& route = **found;
  const Ipv4Address hop = route.gateway.is_any() ? flow.destination : route.gateway;
  Ipv4Address source = route.preferred_source;
  if (!flow.source.is_any()) {
    source = {};
  } else if (source.is_any()) {
    source = call.system.ip.addresses.select(*route.device, hop).value_or(Ipv4Address{});
  }
  call.out.open_array();
  call.out.open_object();
  const bool local = route.type == RouteType::local;
  const bool broadcast = route.type == RouteType::broadcast;
  if (route.type != RouteType::unicast) call.out.print("type", "{} ", route_type_name(route.type));
  call.out.print("dst", "{} ", to_string(flow.destination));
  if (!flow.source.is_any()) call.out.print("from", "from {} ", to_string(flow.source));
  if (!route.gateway.is_any()) call.out.print("gateway", "via {} ", to_string(route.gateway));
  call.out.print("dev", "dev {} ", (local ? call.system.ip.loopback : route.device)->name());
  if (!source.is_any()) call.out.print("prefsrc", "src {} ", to_string(source));
  call.out.open_array("flags");
  call.out.close_array();
  call.out.print("uid", "uid {} ", 0U);
  call.out.text(call.line_end());
  call.out.text("    cache ");
  call.out.open_array("cache");
  if (local || broadcast) call.out.element("<{}", "local");
  if (broadcast) call.out.element(",{}", "brd");
  call.out.close_array();
  call.out.text(local || broadcast ? "> \n" : "\n");
  call.out.close_object();
  call.out.close_array();
}

/// -6, or without -4 a word with colons: iproute2 takes the family from the first address.
bool is_about_inet6(const IpCall& call, const IpArguments& arguments) {
  if (call.options.family != IpOptions::Family::any) return call.options.family == IpOptions::Family::inet6;
  return std::ranges::any_of(arguments.all(), [](const std::string& word) {
    return headers::Ipv6Prefix::parse(word.find('/') == std::string::npos ? word + "/128" : word).has_value();
  });
}

}  // namespace

void ip_route(IpCall& call, IpArguments arguments) {
  if (is_about_inet6(call, arguments)) return ip_route6(call, arguments);
  if (arguments.done()) return ip_route_list(call, arguments);
  const std::string& command = arguments.take();
  if (matches(command, "list") || matches(command, "show") || matches(command, "lst")) {
    return ip_route_list(call, arguments);
  }
  if (matches(command, "get")) return get(call, arguments);
  if (matches(command, "add")) return add(call, arguments, RouteAdd::create);
  if (matches(command, "change") || command == "chg") return add(call, arguments, RouteAdd::change);
  if (matches(command, "replace")) return add(call, arguments, RouteAdd::replace);
  if (matches(command, "append")) return add(call, arguments, RouteAdd::append);
  if (matches(command, "delete")) return remove(call, arguments);
  if (matches(command, "flush")) return ip_route_flush(call, arguments);
  if (matches(command, "help")) throw IpExit{kIpUsage, std::string(kUsage)};
  throw unknown_command("route", command);
}

}  // namespace host::console
