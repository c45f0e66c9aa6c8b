// SPDX-License-Identifier: Apache-2.0
// Several routing tables and the rules that choose among them (Linux: fib_rules.c, fib_frontend.c, fib_semantics.c).
#include "host/ip/fib.hpp"

#include <algorithm>

#include "host/device/net_device.hpp"

namespace host::ip {

using base::Errno;
using headers::Ipv4Address;

namespace {

constexpr std::string_view kLoopbackName = "lo";

/// What a route that leads nowhere says. Linux: fib_props.
Errno error_of(RouteType type) {
  switch (type) {
    case RouteType::blackhole:
      return Errno::invalid;
    case RouteType::unreachable:
      return Errno::host_unreachable;
    case RouteType::prohibit:
      return Errno::access;
    default:
      return Errno::network_unreachable;
  }
}

Errno error_of(RuleAction action) {
  switch (action) {
    case RuleAction::blackhole:
      return Errno::invalid;
    case RuleAction::prohibit:
      return Errno::access;
    case RuleAction::unreachable:
    case RuleAction::to_table:
      break;
  }
  return Errno::network_unreachable;
}

/// The least scope that a route of the type may have. Linux: fib_props.
RouteScope least_scope(RouteType type) {
  if (type == RouteType::local) {
    return RouteScope::host;
  }
  return type == RouteType::broadcast ? RouteScope::link : RouteScope::universe;
}

std::string_view name_of(const device::NetDevice* device) {
  return device == nullptr ? std::string_view{} : std::string_view(device->name());
}

/// Linux: fib_rule_match, fib4_rule_match.
bool applies(const RoutingRule& rule, const Flow& flow) {
  const std::string_view in = flow.in == nullptr ? kLoopbackName : name_of(flow.in);
  return (rule.in.empty() || rule.in == in) && (rule.out.empty() || rule.out == name_of(flow.out)) &&
         ((rule.mark ^ flow.mark) & rule.mark_mask) == 0 && rule.from.contains(flow.source) &&
         rule.to.contains(flow.destination) && (rule.tos == 0 || rule.tos == flow.tos);
}

}  // namespace

Fib::Fib() {
  rules_.push_back({.priority = kLocalRule, .table = kLocalTable});
  rules_.push_back({.priority = kMainRule, .table = kMainTable});
  rules_.push_back({.priority = kDefaultRule, .table = kDefaultTable});
}

base::Result<void> Fib::add(Route route, RouteAdd how) {
  std::size_t all = 0;
  for (const auto& [id, table] : tables_) all += table.size();
  if (all >= kMaxRoutes) {
    return Errno::no_buffers;
  }
  const auto checked = check(route);
  changed();
  return checked.ok() ? tables_[route.table].add(route, how) : checked;
}

/// Linux: fib_create_info.
base::Result<void> Fib::check(Route& route) const {
  if (route.scope > RouteScope::host || route.scope < least_scope(route.type)) {
    return Errno::invalid;
  }
  const Ipv4Address source = route.preferred_source;
  const bool is_itself = route.type == RouteType::local && source == route.prefix.address;
  if (!source.is_any() && !is_itself && address_type(source) != RouteType::local) {
    return Errno::invalid;
  }
  if (!leads_somewhere(route.type)) {
    const bool plain = route.device == nullptr && route.gateway.is_any();
    return plain ? base::Result<void>{} : Errno::invalid;
  }
  if (!route.gateway.is_any()) {
    return check_gateway(route);
  }
  if (route.device == nullptr) {
    return Errno::no_device;
  }
  return route.device->is_up() ? base::Result<void>{} : Errno::network_down;
}

/// Linux: fib_check_nh_v4_gw.
base::Result<void> Fib::check_gateway(Route& route) const {
  if (route.scope >= RouteScope::link) {
    return Errno::invalid;  // what is on the link, or ours, has no gateway
  }
  if (route.onlink) {
    if (route.device == nullptr) {
      return Errno::no_device;
    }
    if (!route.device->is_up()) {
      return Errno::network_down;
    }
    return address_type(route.gateway) == RouteType::unicast ? base::Result<void>{} : Errno::invalid;
  }
  const auto way = lookup({.destination = route.gateway, .out = route.device, .scope = RouteScope::link});
  if (!way.ok()) {
    return Errno::network_unreachable;
  }
  const RouteType type = (*way)->type;
  if (type != RouteType::unicast && type != RouteType::local) {
    return Errno::invalid;
  }
  route.device = (*way)->device;
  return {};
}

base::Result<void> Fib::remove(const RouteSelector& which) {
  const auto table = tables_.find(which.table);
  changed();
  return table == tables_.end() ? Errno::no_process : table->second.remove(which);
}

void Fib::remove_all(const device::NetDevice& device) {
  changed();
  for (auto& [id, table] : tables_) table.remove_all(device);
}

const Route* Fib::lookup(const Flow& flow, base::Errno& error) const {
  const Flow asked{.destination = flow.destination,
                   .source = rules_ask_source_ ? flow.source : Ipv4Address{},
                   .tos = flow.tos,
                   .mark = rules_ask_mark_ ? flow.mark : 0,
                   .in = rules_ask_in_ ? flow.in : nullptr,
                   .out = flow.out,
                   .scope = flow.scope};
  const std::uint64_t mixed =
      (std::uint64_t{asked.destination.value} << 32 | asked.source.value) * 0x9e37'79b9'7f4a'7c15U;
  Answer& answer = answers_[mixed >> 56];
  if (answer.generation != generation_ || !(answer.flow == asked) ||
      (answer.route != nullptr && !is_alive(*answer.route))) [[unlikely]] {
    const auto found = search(asked);
    answer = {.flow = asked,
              .generation = generation_,
              .route = found.ok() ? *found : nullptr,
              .error = found.ok() ? Errno{} : found.error()};
  }
  error = answer.error;
  return answer.route;
}

/// What rules look at beside destination, type of service and device.
void Fib::note_rules() {
  const auto any = [this](auto asks) { return std::ranges::any_of(rules_, asks); };
  rules_ask_source_ = any([](const RoutingRule& rule) { return rule.from.length != 0; });
  rules_ask_in_ = any([](const RoutingRule& rule) { return !rule.in.empty(); });
  rules_ask_mark_ = any([](const RoutingRule& rule) { return rule.mark_mask != 0 || rule.mark != 0; });
}

base::Result<const Route*> Fib::search(const Flow& flow) const {
  for (const RoutingRule& rule : rules_) {
    if (!applies(rule, flow)) {
      continue;
    }
    if (rule.action != RuleAction::to_table) {
      return error_of(rule.action);
    }
    const auto table = tables_.find(rule.table);
    const Route* route = table == tables_.end() ? nullptr : table->second.lookup(flow);
    if (route == nullptr || route->type == RouteType::throw_) {
      continue;
    }
    return leads_somewhere(route->type) ? base::Result<const Route*>(route) : error_of(route->type);
  }
  return Errno::network_unreachable;
}

RouteType Fib::find_type(Ipv4Address address) const {
  if (address.is_limited_broadcast() || address.is_zero_net()) {
    return RouteType::broadcast;
  }
  if (address.is_multicast()) {
    return RouteType::multicast;
  }
  const auto local = tables_.find(kLocalTable);
  const Route* route = local == tables_.end() ? nullptr : local->second.lookup({.destination = address});
  const RouteType type = route == nullptr ? RouteType::unicast : route->type;
  // A broadcast's device may go down without a word.
  if (type != RouteType::broadcast) address_answers_[place_of(address)] = {address, generation_, type};
  return type;
}

base::Result<void> Fib::add_rule(const RoutingRule& rule) {
  for (const auto& prefix : {rule.from, rule.to}) {
    if (prefix.network() != prefix.address) {
      return Errno::invalid;
    }
  }
  if (std::find(rules_.begin(), rules_.end(), rule) != rules_.end()) {
    return Errno::exists;
  }
  if (rules_.size() >= kMaxRules) {
    return Errno::no_buffers;
  }
  const auto place = std::upper_bound(rules_.begin(), rules_.end(), rule,
                                      [](const auto& a, const auto& b) { return a.priority < b.priority; });
  rules_.insert(place, rule);
  note_rules();
  changed();
  return {};
}

base::Result<void> Fib::remove_rule(const RoutingRule& rule) {
  changed();
  const bool gone = std::erase(rules_, rule) != 0;
  note_rules();
  return gone ? base::Result<void>{} : base::Result<void>(Errno::no_entry);
}

std::uint32_t Fib::next_rule_priority() const {
  const bool before_second = rules_.size() > 1 && rules_[1].priority > 0;
  return before_second ? rules_[1].priority - 1 : 0;
}

}  // namespace host::ip
