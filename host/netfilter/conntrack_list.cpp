// SPDX-License-Identifier: Apache-2.0
// Connections as files show them (Linux: nf_conntrack_standalone.c).
#include <fmt/format.h>

#include "host/netfilter/conntrack.hpp"
#include "host/netfilter/key.hpp"

namespace host::netfilter {
namespace {

constexpr platform::Nanoseconds kSecond = 1'000'000'000;

std::string_view protocol_name(std::uint8_t protocol) {
  switch (protocol) {
    case kTcp:
      return "tcp";
    case kUdp:
      return "udp";
    case kIcmp:
      return "icmp";
    case kIcmp6:
      return "icmpv6";
    default:
      return "unknown";
  }
}

std::string_view state_name(TcpState state) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(TcpState::count)> kNames = {
      "NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string ports(const Tuple& tuple) {
  if (tuple.protocol == kTcp || tuple.protocol == kUdp) {
    return fmt::format("sport={} dport={} ", tuple.source_port, tuple.destination_port);
  }
  return is_icmp(tuple) ? fmt::format("type={} code={} id={} ", tuple.destination_port >> 8,
                                      tuple.destination_port & 0xffU, tuple.source_port)
                        : std::string();
}

/// All eight groups with all their digits, as the kernel prints %pI6.
std::string address(const Tuple& tuple, const headers::IpAddress& end) {
  if (!tuple.ipv6) {
    return to_string(end.ipv4());
  }
  std::string text;
  for (unsigned group = 0; group < 8; ++group) {
    text += fmt::format("{}{:04x}", text.empty() ? "" : ":", end.value.group(group));
  }
  return text;
}

std::string direction(const Connection& connection, Direction which, bool counted) {
  const Tuple& tuple = connection.tuple(which);
  const auto index = static_cast<std::size_t>(which);
  return fmt::format("src={} dst={} {}", address(tuple, tuple.source), address(tuple, tuple.destination),
                     ports(tuple)) +
         (counted ? fmt::format("packets={} bytes={} ", connection.packets[index], connection.bytes[index]) : "");
}

std::string line(const Connection& connection, platform::Nanoseconds now, bool counted) {
  const std::uint8_t protocol = connection.tuple(Direction::original).protocol;
  const std::string state = protocol == kTcp ? fmt::format("{} ", state_name(connection.tcp)) : std::string();
  const bool ipv6 = connection.tuple(Direction::original).ipv6;
  return fmt::format(
      "{} {:<8} {} {} {}{}{}{}{}mark={} use=1\n", ipv6 ? "ipv6     10" : "ipv4     2", protocol_name(protocol),
      protocol, (connection.deadline - now) / kSecond, state, direction(connection, Direction::original, counted),
      connection.has(ct_status::kSeenReply) ? "" : "[UNREPLIED] ", direction(connection, Direction::reply, counted),
      connection.has(ct_status::kAssured) ? "[ASSURED] " : "", connection.mark);
}

}  // namespace

std::string Conntrack::list() const {
  std::string text;
  const platform::Nanoseconds now = kernel_.now();
  for (const TupleLink* bucket : buckets_) {
    for (const TupleLink* each = bucket; each != nullptr; each = each->next) {
      if (each->direction == Direction::original && each->connection->deadline > now) {
        text += line(*each->connection, now, settings_.acct.value != 0);
      }
    }
  }
  return text;
}

std::string Conntrack::statistics() const {
  std::string text =
      "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  "
      "expect_new expect_create expect_delete search_restart\n";
  for (const ConntrackStats& each : stats_) {
    text += fmt::format(
        "{:08x}  {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} {:08x}  "
        "{:08x} {:08x} {:08x} {:08x}\n",
        count(), each.clashres, each.found, 0, each.invalid, 0, 0, 0, 0, each.insert_failed, each.drop, each.early_drop,
        each.icmp_error, 0, 0, 0, 0);
  }
  return text;
}

}  // namespace host::netfilter
