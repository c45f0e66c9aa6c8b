// SPDX-License-Identifier: Apache-2.0
// ip -6 route: add, append, replace, del; and ip -6 rule.
#include <algorithm>

#include "host/console/ip6_command.hpp"
#include "host/console/ip_route.hpp"

namespace host::console {

using base::Errno;
using device::NetDevice;
using headers::Ipv6Address;
using headers::Ipv6Prefix;
using ip6::Route6;
using ip6::Route6Origin;

namespace {

constexpr std::string_view kUsage =
    "Usage: ip -6 route { list | flush } SELECTOR\n"
    "       ip -6 route get ADDRESS [ from ADDRESS ] [ oif STRING ]\n"
    "       ip -6 route { add | del | append | replace } ROUTE\n"
    "SELECTOR := [ root PREFIX ] [ match PREFIX ] [ exact PREFIX ]\n"
    "            [ table TABLE_ID ] [ dev STRING ] [ proto RTPROTO ]\n"
    "ROUTE := PREFIX [ metric METRIC ] [ via ADDRESS ] [ dev STRING ]\n";

constexpr std::uint32_t kMetric = 1024;  // Linux: IP6_RT_PRIO_USER

/// What a route's words say; what they leave out is not there.
struct Words {
  std::optional<Ipv6Prefix> prefix;
  std::optional<std::uint32_t> metric;
  NetDevice* device = nullptr;
  Ipv6Address gateway{};
};

Ipv6Address next_address6(IpCall& call, IpArguments& arguments) {
  if (arguments.next() == "inet6") arguments.next();
  const std::string& word = arguments.word();
  const auto address = is_inet6(call, word, "address") ? Ipv6Address::parse(word) : std::nullopt;
  if (!address) throw IpExit{kIpWrong, fmt::format("Error: inet6 address is expected rather than \"{}\".\n", word)};
  return *address;
}

Words parse_words(IpCall& call, IpArguments& arguments) {
  Words words;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "via") {
      words.gateway = next_address6(call, arguments);
    } else if (word == "metric" || matches(word, "priority") || word == "preference") {
      words.metric = arguments.next_number("\"metric\" value is invalid\n");
    } else if (word == "dev" || word == "oif") {
      words.device = &arguments.next_device(call.system.net);
    } else if (matches(word, "protocol")) {
      if (to_route_protocol(arguments.next()) != ip::RouteProtocol::boot) throw refused(Errno::not_supported);
    } else if (matches(word, "table")) {
      if (to_route_table(arguments.next()) != ip::kMainTable) throw refused(Errno::not_supported);
    } else {
      if (word == "to") arguments.next();
      if (const auto type = route_type(arguments.word())) {
        if (*type != ip::RouteType::unicast) throw refused(Errno::not_supported);
        arguments.next();
      }
      if (words.prefix) throw duplicate_or_garbage("to", arguments.word());
      static_cast<void>(is_inet6(call, arguments.word(), "prefix"));
      words.prefix = to_prefix6(arguments.word());
    }
  }
  return words;
}

/// The device by which the gateway is on the link. Linux: ip6_route_check_nh.
NetDevice* device_of(const IpCall& call, const Words& words) {
  if (words.gateway.is_unspecified()) {
    if (words.device == nullptr) throw refused(Errno::no_device);
    return words.device;
  }
  if (words.gateway.is_link_local()) {
    if (words.device == nullptr) throw refused("Egress device not specified");
    return words.device;
  }
  const Route6* way = call.system.udp.ip6.routes.lookup(words.gateway, words.device);
  const bool on_link = way != nullptr && way->type == ip6::Route6Type::unicast && way->gateway.is_unspecified();
  if (!on_link) throw refused(Errno::host_unreachable);
  return way->device;
}

bool is_listed(const Route6& route) {
  return route.type == ip6::Route6Type::unicast;
}

enum class Add : std::uint8_t { create, append, replace };

void add(IpCall& call, IpArguments& arguments, Add how) {
  if (arguments.done()) throw IpExit{kIpUsage, std::string(kUsage)};
  const Words words = parse_words(call, arguments);
  const Ipv6Prefix prefix = words.prefix.value_or(Ipv6Prefix{});
  Route6 route;
  route.prefix = {prefix.network(), prefix.length};
  route.device = device_of(call, words);
  route.gateway = words.gateway;
  route.metric = words.metric.value_or(kMetric);
  auto& routes = call.system.udp.ip6.routes;
  const auto all = routes.routes();
  const auto rival = std::ranges::find_if(all, [&](const Route6& other) {
    return is_listed(other) && other.prefix == route.prefix && other.metric == route.metric;
  });
  if (rival != all.end() && how == Add::create) throw refused(Errno::exists);
  if (rival != all.end() && how == Add::replace) {
    static_cast<void>(routes.remove(rival->prefix, *rival->device, rival->gateway));
  }
  const auto added = routes.add(route);
  if (!added) throw refused(added.error());
}

/// The first route of the prefix that has everything that is told.
void remove(IpCall& call, IpArguments& arguments) {
  if (arguments.done()) throw IpExit{kIpUsage, std::string(kUsage)};
  const Words words = parse_words(call, arguments);
  const Ipv6Prefix prefix = words.prefix.value_or(Ipv6Prefix{});
  auto& routes = call.system.udp.ip6.routes;
  const auto all = routes.routes();
  const auto found = std::ranges::find_if(all, [&](const Route6& route) {
    return is_listed(route) && route.prefix.length == prefix.length && route.prefix.address == prefix.network() &&
           (words.device == nullptr || words.device == route.device) &&
           (words.gateway.is_unspecified() || words.gateway == route.gateway) &&
           (!words.metric || *words.metric == route.metric);
  });
  if (found == all.end()) throw refused(Errno::no_process);
  const auto removed = routes.remove(found->prefix, *found->device, found->gateway);
  if (!removed) throw refused(removed.error());
}

}  // namespace

void ip_route6(IpCall& call, IpArguments arguments) {
  if (arguments.done()) return ip_route6_list(call, arguments);
  const std::string& command = arguments.take();
  if (matches(command, "list") || matches(command, "show") || matches(command, "lst")) {
    return ip_route6_list(call, arguments);
  }
  if (matches(command, "get")) return ip_route6_get(call, arguments);
  if (matches(command, "add")) return add(call, arguments, Add::create);
  if (matches(command, "replace") || matches(command, "change") || command == "chg") {
    return add(call, arguments, Add::replace);
  }
  if (matches(command, "append")) return add(call, arguments, Add::append);
  if (matches(command, "delete")) return remove(call, arguments);
  if (matches(command, "flush")) return ip_route6_flush(call, arguments);
  if (matches(command, "help")) throw IpExit{kIpUsage, std::string(kUsage)};
  throw unknown_command("route", command);
}

void ip_rule6(IpCall& call, IpArguments arguments) {
  const std::string command = arguments.done() ? "list" : arguments.take();
  if (!matches(command, "list") && !matches(command, "lst") && !matches(command, "show")) {
    throw refused(Errno::not_supported);
  }
  call.out.open_array();
  for (const auto& [priority, table] : {std::pair(0U, "local"), std::pair(32'766U, "main")}) {
    call.out.open_object();
    call.out.print("priority", "{}:\t", priority);
    call.out.print("src", "from {}", "all");
    call.out.print("table", " lookup {}", table);
    call.out.text("\n");
    call.out.close_object();
  }
  call.out.close_array();
}

}  // namespace host::console
