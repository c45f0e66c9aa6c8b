// SPDX-License-Identifier: Apache-2.0
// Counters as plain struct members, with the name that /proc gives each (Linux: struct snmp_mib).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace host::ip {

/// One row of a group: how Linux names the counter and which member holds it.
template <typename Counters>
struct CounterName {
  std::string_view name;
  std::uint64_t Counters::*member;
};

/// Name -> value over all groups: `Ip.InReceives`. Ordered, so that two snapshots compare as text.
using CounterMap = std::map<std::string, std::uint64_t, std::less<>>;

template <typename Counters>
void add_to_map(CounterMap& map, std::string_view group, std::span<const CounterName<Counters>> names,
                const Counters& counters) {
  for (const auto& [name, member] : names) {
    std::string key(group);
    key.append(".").append(name);
    map[std::move(key)] = counters.*member;
  }
}

/// The two lines of a group in /proc/net/snmp: names, then values.
template <typename Counters>
[[nodiscard]] std::string proc_lines(std::string_view group, std::span<const CounterName<Counters>> names,
                                     const Counters& counters) {
  std::string header(group);
  std::string values(group);
  header += ':';
  values += ':';
  for (const auto& [name, member] : names) {
    header.append(" ").append(name);
    values.append(" ").append(std::to_string(counters.*member));
  }
  return header + '\n' + values + '\n';
}

}  // namespace host::ip
