// SPDX-License-Identifier: Apache-2.0
// ip rule: show, add, del (iproute2: ip/iprule.c).
#include <algorithm>
#include <charconv>

#include "host/console/ip6_command.hpp"
#include "host/console/ip_route.hpp"

namespace host::console {

using headers::Ipv4Prefix;
using ip::RoutingRule;
using ip::RuleAction;

namespace {

constexpr std::string_view kUsage =
    "Usage: ip rule { add | del } SELECTOR ACTION\n"
    "       ip rule [ list ]\n"
    "SELECTOR := [ from PREFIX ] [ to PREFIX ] [ tos TOS ]\n"
    "            [ fwmark FWMARK[/MASK] ]\n"
    "            [ iif STRING ] [ oif STRING ] [ pref NUMBER ]\n"
    "ACTION := [ table TABLE_ID ] | blackhole | unreachable | prohibit\n";

/// What the words say; what they leave out is not there.
struct Words {
  std::optional<Ipv4Prefix> from;
  std::optional<Ipv4Prefix> to;
  std::optional<std::uint32_t> priority;
  std::optional<std::uint32_t> mark;
  std::uint32_t mask = 0xffff'ffff;
  std::string in;
  std::string out;
  std::optional<std::uint8_t> tos;
  std::optional<std::uint32_t> table;
  RuleAction action = RuleAction::to_table;
};

std::optional<std::uint32_t> to_number(std::string_view word) {
  const bool hexadecimal = word.starts_with("0x");
  if (hexadecimal) word.remove_prefix(2);
  std::uint32_t number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number, hexadecimal ? 16 : 10);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

/// FWMARK[/MASK]
void take_mark(Words& words, const std::string& word) {
  const auto slash = word.find('/');
  words.mark = to_number(word.substr(0, slash));
  if (!words.mark) throw wrong_argument("fwmark value is invalid\n", word);
  if (slash == std::string::npos) return;
  const auto mask = to_number(word.substr(slash + 1));
  if (!mask) throw wrong_argument("fwmask value is invalid\n", word.substr(slash + 1));
  words.mask = *mask;
}

std::optional<RuleAction> to_action(std::string_view word) {
  if (word == "blackhole") return RuleAction::blackhole;
  if (word == "unreachable") return RuleAction::unreachable;
  if (word == "prohibit") return RuleAction::prohibit;
  return std::nullopt;
}

std::uint32_t to_rule_table(const std::string& word) {
  try {
    return to_route_table(word);
  } catch (const IpExit&) {
    throw wrong_argument("invalid table ID\n", word);
  }
}

Words parse_words(IpArguments& arguments) {
  Words words;
  for (; !arguments.done(); arguments.skip()) {
    const std::string& word = arguments.word();
    if (word == "from") {
      words.from = to_prefix(arguments.next());
    } else if (word == "to") {
      words.to = to_prefix(arguments.next());
    } else if (matches(word, "preference") || matches(word, "order") || matches(word, "priority")) {
      words.priority = arguments.next_number("preference value is invalid\n");
    } else if (word == "tos" || matches(word, "dsfield")) {
      const std::uint32_t tos = arguments.next_number("TOS value is invalid\n");
      if (tos > 0xff) throw wrong_argument("TOS value is invalid\n", arguments.word());
      words.tos = static_cast<std::uint8_t>(tos);
    } else if (word == "fwmark") {
      take_mark(words, arguments.next());
    } else if (matches(word, "table") || matches(word, "lookup")) {
      words.table = to_rule_table(arguments.next());
    } else if (word == "dev" || word == "iif") {
      words.in = arguments.next();
    } else if (word == "oif") {
      words.out = arguments.next();
    } else if (const auto action = to_action(word)) {
      words.action = *action;
    } else {
      if (word == "type") arguments.next();
      throw wrong_argument("Failed to parse rule type", arguments.word());
    }
  }
  return words;
}

/// With all that the words say; what they leave out is as `model` has it.
RoutingRule rule_of(const Words& words, RoutingRule model) {
  if (words.from) model.from = *words.from;
  if (words.to) model.to = *words.to;
  if (words.priority) model.priority = *words.priority;
  if (words.mark) {
    model.mark = *words.mark;
    model.mark_mask = words.mask;
  }
  if (!words.in.empty()) model.in = words.in;
  if (!words.out.empty()) model.out = words.out;
  if (words.tos) model.tos = *words.tos;
  if (words.action != RuleAction::to_table) {
    model.action = words.action;
    model.table = 0;
  } else if (words.table) {
    model.table = *words.table;
  }
  return model;
}

void add(IpCall& call, IpArguments& arguments) {
  if (arguments.done()) throw IpExit{kIpWrong, "\"ip rule add\" requires arguments.\n"};
  const Words words = parse_words(arguments);
  RoutingRule model;
  model.priority = call.system.ip.routes.next_rule_priority();
  const auto added = call.system.ip.routes.add_rule(rule_of(words, model));
  if (!added) throw refused(added.error());
}

/// The first rule that has everything that was said.
void remove(IpCall& call, IpArguments& arguments) {
  if (arguments.done()) throw IpExit{kIpWrong, "\"ip rule del\" requires arguments.\n"};
  const Words words = parse_words(arguments);
  const auto& rules = call.system.ip.routes.rules();
  const auto found = std::ranges::find_if(rules, [&](const RoutingRule& rule) { return rule_of(words, rule) == rule; });
  if (found == rules.end()) throw refused(base::Errno::no_entry);
  const auto removed = call.system.ip.routes.remove_rule(RoutingRule(*found));
  if (!removed) throw refused(removed.error());
}

void print_prefix(Printer& out, std::string_view key, const Ipv4Prefix& prefix) {
  out.print(key, "{}", to_string(prefix.address));
  if (prefix.length != 32) out.print(std::string(key) + "len", "/{}", prefix.length);
}

void print_rule(Printer& out, const RoutingRule& rule) {
  out.open_object();
  out.print("priority", "{}:\t", rule.priority);
  if (rule.from.length == 0) {
    out.print("src", "from {}", "all");
  } else {
    out.text("from ");
    print_prefix(out, "src", rule.from);
  }
  if (rule.to.length != 0) {
    out.text(" to ");
    print_prefix(out, "dst", rule.to);
  }
  if (rule.tos != 0) out.print("tos", " tos {}", fmt::format("{:#04x}", rule.tos));
  if (rule.mark != 0 || rule.mark_mask != 0) {
    out.print("fwmark", " fwmark {}", fmt::format("{:#x}", rule.mark));
    if (rule.mark_mask != 0xffff'ffff) out.print("fwmask", "/{}", fmt::format("{:#x}", rule.mark_mask));
  }
  if (!rule.in.empty()) out.print("iif", " iif {}", rule.in);
  if (!rule.out.empty()) out.print("oif", " oif {}", rule.out);
  switch (rule.action) {
    case RuleAction::to_table:
      out.print("table", " lookup {}", route_table_name(rule.table));
      break;
    case RuleAction::blackhole:
      out.print("action", " {}", "blackhole");
      break;
    case RuleAction::unreachable:
      out.print("action", " {}", "unreachable");
      break;
    case RuleAction::prohibit:
      out.print("action", " {}", "prohibit");
      break;
  }
  out.text("\n");
  out.close_object();
}

void list(IpCall& call, IpArguments& arguments) {
  const Words words = parse_words(arguments);
  call.out.open_array();
  for (const RoutingRule& rule : call.system.ip.routes.rules()) {
    if (rule_of(words, rule) == rule && shows(call.options, IpOptions::Family::inet)) print_rule(call.out, rule);
  }
  call.out.close_array();
}

}  // namespace

void ip_rule(IpCall& call, IpArguments arguments) {
  if (call.options.family == IpOptions::Family::inet6) return ip_rule6(call, arguments);
  if (arguments.done()) return list(call, arguments);
  const std::string& command = arguments.take();
  if (matches(command, "list") || matches(command, "lst") || matches(command, "show")) return list(call, arguments);
  if (matches(command, "add")) return add(call, arguments);
  if (matches(command, "delete")) return remove(call, arguments);
  if (matches(command, "help")) throw IpExit{kIpUsage, std::string(kUsage)};
  throw unknown_command("rule", command);
}

}  // namespace host::console
