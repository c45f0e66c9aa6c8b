// SPDX-License-Identifier: Apache-2.0
#include "sim/board/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sim::board {
namespace {

nlohmann::ordered_json to_json(const StageSummary& summary) {
  return {
      {"frames", summary.frames}, {"p50_ns", summary.p50_ns}, {"p99_ns", summary.p99_ns}, {"last_ns", summary.last_ns}};
}

}  // namespace

void Report::add(std::string_view group, std::string_view counter, std::uint64_t value) {
  auto found = std::find_if(groups.begin(), groups.end(), [&](const CounterGroup& g) { return g.name == group; });
  if (found == groups.end()) found = groups.insert(groups.end(), CounterGroup{std::string(group), {}});
  found->counters.emplace_back(counter, value);
}

std::uint64_t Report::value(std::string_view group, std::string_view counter) const {
  for (const CounterGroup& g : groups) {
    if (g.name != group) continue;
    for (const auto& [name, count] : g.counters) {
      if (name == counter) return count;
    }
  }
  return 0;
}

std::uint64_t Report::sum(std::string_view group, std::string_view prefix) const {
  std::uint64_t total = 0;
  for (const CounterGroup& g : groups) {
    if (g.name != group) continue;
    for (const auto& [name, count] : g.counters) {
      if (std::string_view(name).starts_with(prefix)) total += count;
    }
  }
  return total;
}

void Report::expect_equal(std::string_view left, std::uint64_t a, std::string_view right, std::uint64_t b) {
  if (a != b) violations.push_back(fmt::format("frames are missing: {} = {}, {} = {}", left, a, right, b));
}

double Report::kcycles_per_second() const {
  return wall_seconds > 0 ? static_cast<double>(core_cycles) / wall_seconds / 1000 : 0;
}

std::string Report::json() const {
  nlohmann::ordered_json out;
  out["simulated_ns"] = simulated / 1000;
  out["core_cycles"] = core_cycles;
  out["seed"] = seed;
  for (const CounterGroup& group : groups) {
    for (const auto& [name, count] : group.counters) out["counters"][group.name][name] = count;
  }
  for (const StageRow& row : stages) {
    out["stages"][std::string(row.name)] = {{"receive", to_json(row.receive)}, {"transmit", to_json(row.transmit)}};
  }
  out["stages_reliable"] = stages_reliable;
  out["violations"] = violations;
  out["speed"] = {{"wall_seconds", wall_seconds}, {"kcycles_per_second", kcycles_per_second()}};
  return out.dump(2) + "\n";
}

}  // namespace sim::board
