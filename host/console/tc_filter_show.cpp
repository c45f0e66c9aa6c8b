// SPDX-License-Identifier: Apache-2.0
// Rules as tc filter show prints them (iproute2: print_filter, u32_print_opt, matchall_print_opt, bpf_print_opt).
#include <array>

#include "host/console/tc_filter.hpp"
#include "host/console/tc_units.hpp"

namespace host::console {
namespace {

using device::IngressAction;
using device::IngressFilter;
using device::IngressKind;
using device::IngressRule;

constexpr unsigned kFirstTable = 0x800;
constexpr std::uint32_t kPoliceMtu = 2047;

struct Protocol {
  std::string_view name;
  std::uint16_t number;
};
constexpr std::array<Protocol, 6> kProtocols{
    {{"all", 0}, {"ip", 0x800}, {"ipv6", 0x86dd}, {"arp", 0x806}, {"802.1Q", 0x8100}, {"ipv4", 0x800}}};

std::string_view kind_name(IngressKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"u32", "matchall", "bpf"};
  return kNames[static_cast<std::size_t>(kind)];
}

void print_head(Printer& out, const IngressRule& rule) {
  out.text("filter ");
  out.print("protocol", "protocol {} ", tc_protocol_text(rule.protocol));
  out.print("pref", "pref {} ", rule.preference);
  out.print("kind", "{} ", kind_name(rule.kind));
  out.print("chain", "chain {} ", 0U);
}

void print_control(Printer& out, std::string_view format, std::string_view type) {
  out.open_object("control_action");
  out.print("type", format, type);
  out.close_object();
}

void print_references(Printer& out, unsigned index, std::string_view before) {
  out.text("\n");
  if (index != 0) {
    out.text(before);
    out.print("index", "index {} ", index);
  } else {
    out.text("\t");
  }
  out.print("ref", "ref {} ", 1U);
  out.print("bind", "bind {}", 1U);
}

void print_police(Printer& out, const IngressRule& rule) {
  out.print("kind", " {} ", "police");
  out.text(fmt::format("0x{:x} ", rule.action_index));
  out.json_only("index", rule.action_index);
  out.text(fmt::format("rate {} burst {} mtu {} ", tc_rate_text(rule.police->rate_bytes),
                       tc_size_text(rule.police->burst_bytes), tc_size_text(kPoliceMtu)));
  out.json_only("rate", rule.police->rate_bytes);
  out.json_only("burst", rule.police->burst_bytes);
  out.json_only("mtu", kPoliceMtu);
  print_control(out, "action {} ", "drop");
  out.print("overhead", "overhead {}b ", 0U);
  print_references(out, 0, "");
  out.text(" ");
}

void print_mirred(Printer& out, const IngressRule& rule) {
  const bool redirect = rule.action == IngressAction::redirect;
  out.json_only("kind", "mirred");
  out.json_only("mirred_action", redirect ? "redirect" : "mirror");
  out.json_only("direction", "egress");
  out.text(fmt::format("mirred (Egress {}", redirect ? "Redirect" : "Mirror"));
  out.print("to_dev", " to device {})", rule.target->name());
  print_control(out, " {}", redirect ? "stolen" : "pipe");
  print_references(out, rule.action_index, "\t");
}

void print_gact(Printer& out, const IngressRule& rule) {
  out.print("kind", "{} ", "gact");
  print_control(out, "action {}", rule.action == IngressAction::shot ? "drop" : "pass");
  out.text("\n\t random type none pass val 0");
  print_references(out, rule.action_index, "\t ");
}

void print_statistics(Printer& out, const device::IngressStats& stats) {
  out.text("\n\tAction statistics:\n");
  out.open_object("stats");
  out.print("bytes", "\tSent {} bytes", stats.bytes);
  out.print("packets", " {} pkt", stats.packets);
  out.print("drops", " (dropped {}", stats.dropped);
  out.print("overlimits", ", overlimits {}", stats.overlimits);
  out.print("requeues", " requeues {}) \n", 0U);
  out.print("backlog", "\tbacklog {}b", 0U);
  out.print("qlen", " {}p requeues 0", 0U);
  out.close_object();
}

void print_action(Printer& out, const IngressFilter::Entry& entry, const TcFormat& format) {
  const IngressRule& rule = entry.rule;
  if (rule.action == IngressAction::none && !rule.police) {
    out.text("\n");
    return;
  }
  out.text("\n");
  out.open_array("actions");
  out.open_object();
  out.print("order", "\taction order {}: ", 1U);
  if (rule.police) {
    print_police(out, rule);
  } else if (rule.action == IngressAction::redirect || rule.action == IngressAction::mirror) {
    print_mirred(out, rule);
  } else {
    print_gact(out, rule);
  }
  if (format.statistics) print_statistics(out, entry.stats);
  out.close_object();
  out.close_array();
  out.text("\n\n");
}

void print_u32(Printer& out, const IngressRule& rule, unsigned table) {
  const unsigned place = kFirstTable + rule.handle - 1;
  out.print("fh", "fh {} ", fmt::format("{:x}::{:x}", table, place));
  out.print("order", "order {} ", place);
  out.print("key_ht", "key ht {} ", fmt::format("{:x}", table));
  out.print("bkt", "bkt {} ", "0");
  if (rule.class_id != 0) {
    out.print("flowid", "*flowid {} ", tc_class_text(rule.class_id));
  } else {
    out.text("terminal flowid ");
  }
  out.flag("not_in_hw", "not_in_hw ");
  for (const device::U32Key& key : std::get<device::U32Match>(rule.match)) {
    out.open_object("match");
    out.text(fmt::format("\n  match {:08x}/{:08x} at {}", key.value, key.mask, key.offset));
    out.json_only("value", fmt::format("{:x}", key.value));
    out.json_only("mask", fmt::format("{:x}", key.mask));
    out.json_only("offmask", "");
    out.json_only("off", key.offset);
    out.close_object();
  }
}

void print_other(Printer& out, const IngressRule& rule) {
  out.text(fmt::format("handle 0x{:x} ", rule.handle));
  out.json_only("handle", rule.handle);
  if (rule.class_id != 0) out.print("flowid", "flowid {} ", tc_class_text(rule.class_id));
  if (rule.kind == IngressKind::bpf) {
    out.print("bytecode", "bytecode '{}' ", bytecode_text(std::get<device::BpfProgram>(rule.match)));
    out.flag("not_in_hw", "not_in_hw ");
  } else {
    out.flag("not_in_hw", "\n  not_in_hw");
  }
}

}  // namespace

std::string tc_protocol_text(std::uint16_t protocol) {
  for (const Protocol& each : kProtocols) {
    if (each.number == protocol) return std::string(each.name);
  }
  return fmt::format("[{}]", protocol);
}

std::optional<std::uint16_t> tc_protocol(const std::string& text) {
  for (const Protocol& each : kProtocols) {
    if (each.name == text || (each.number == 0x8100 && text == "802.1q")) return each.number;
  }
  const auto number = tc_number(text);
  if (!number || *number > UINT16_MAX) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// A preference has a line of its own, and of u32 one for its table.
void print_tc_filters(Printer& out, const IngressFilter& filter, const TcFormat& format) {
  unsigned table = kFirstTable - 1;
  const IngressRule* before = nullptr;
  for (const IngressFilter::Entry& entry : filter.entries()) {
    const IngressRule& rule = entry.rule;
    if (before == nullptr || before->preference != rule.preference) {
      out.open_object();
      print_head(out, rule);
      out.text("\n");
      out.close_object();
      if (rule.kind == IngressKind::u32) {
        out.open_object();
        print_head(out, rule);
        out.open_object("options");
        out.print("fh", "fh {} ", fmt::format("{:x}:", ++table));
        out.print("ht_divisor", "ht divisor {} \n", 1U);
        out.close_object();
        out.close_object();
      }
    }
    before = &rule;
    out.open_object();
    print_head(out, rule);
    out.open_object("options");
    if (rule.kind == IngressKind::u32) {
      print_u32(out, rule, table);
    } else {
      print_other(out, rule);
    }
    print_action(out, entry, format);
    out.close_object();
    out.close_object();
  }
}

}  // namespace host::console
