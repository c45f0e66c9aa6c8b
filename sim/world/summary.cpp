// SPDX-License-Identifier: Apache-2.0
#include "sim/world/summary.hpp"

#include <fmt/format.h>

#include <iterator>

#include "sim/app/duration.hpp"
#include "sim/world/world.hpp"

namespace sim::world {
namespace {

using Text = std::back_insert_iterator<std::string>;

/// "name 12, other 3" of the counters that are not 0.
std::string listed(const board::CounterGroup& group, std::string_view prefix) {
  std::string text;
  for (const auto& [name, value] : group.counters) {
    if (value == 0 || !std::string_view(name).starts_with(prefix)) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name.substr(prefix.size()), value);
  }
  return text;
}

void wires(Text out, const World& world) {
  fmt::format_to(out, "{:<34} {:>10} {:>10} {:>10}  lost on the way\n", "wire", "frames", "delivered", "Mbit");
  for (const auto& wire : world.wires()) {
    for (unsigned end = 0; end < 2; ++end) {
      const Wire::Counters& c = wire->counters(end);
      std::string lost;
      const auto note = [&](std::string_view name, std::uint64_t value) {
        if (value != 0) lost += fmt::format("{}{} {}", lost.empty() ? "" : ", ", name, value);
      };
      note("queue full", c.queue_full);
      note("lost", c.lost);
      note("corrupted", c.corrupted);
      note("damaged", c.damaged);
      note("duplicated", c.duplicated);
      note("reordered", c.reordered);
      const auto& ends = wire->plan().ends;
      fmt::format_to(out, "{:<34} {:>10} {:>10} {:>10.2f}  {}\n", fmt::format("{} > {}", ends[end], ends[1 - end]),
                     c.frames, c.delivered, static_cast<double>(c.bytes) * 8 / 1e6, lost.empty() ? "-" : lost);
    }
  }
  for (const auto& bridge : world.bridges()) {
    const Bridge::Counters& c = bridge->counters();
    fmt::format_to(out, "switch {}: {} received, {} forwarded, {} flooded, {} queue full, {} addresses\n",
                   bridge->plan().name, c.received, c.forwarded, c.flooded, c.queue_full, c.learned);
  }
}

void programs(Text out, World& world, const board::Report& report) {
  for (std::size_t i = 0; i < world.plan().hosts.size(); ++i) {
    const HostPlan& host = world.plan().hosts[i];
    for (const board::CounterGroup& group : report.groups) {
      for (const AppPlan& app : host.apps) {
        const std::string name = host.name + "." + app.name;
        if (group.name != name && !group.name.starts_with(name + "#")) continue;
        fmt::format_to(out, "{}: {}\n", group.name, listed(group, ""));
        break;
      }
    }
  }
}

void packets(Text out, const World& world, const board::Report& report) {
  fmt::format_to(out, "\n{:<16} {:>10} {:>10} {:>10} {:>10} {:>10} {:>8}\n", "host: packets", "received", "delivered",
                 "forwarded", "consumed", "dropped", "held");
  for (const HostPlan& host : world.plan().hosts) {
    const std::string name = host.name + ".packets";
    const auto value = [&](std::string_view counter) { return report.value(name, counter); };
    fmt::format_to(out, "{:<16} {:>10} {:>10} {:>10} {:>10} {:>10} {:>8}\n", host.name, value("received"),
                   value("delivered"), value("forwarded"), value("consumed") + value("merged"),
                   report.sum(name, "drop."), value("held"));
    for (const board::CounterGroup& group : report.groups) {
      if (group.name != name || report.sum(name, "drop.") == 0) continue;
      fmt::format_to(out, "{:<16} dropped: {}\n", "", listed(group, "drop."));
    }
  }
}

}  // namespace

std::string summary(World& world, const board::Report& report) {
  std::string text;
  const Text out(text);
  const WorldPlan& plan = world.plan();
  fmt::format_to(out, "{} simulated in {:.2f} s, seed {}\n", app::format_duration(report.simulated),
                 report.wall_seconds, plan.seed);
  wires(out, world);
  programs(out, world, report);
  packets(out, world, report);
  if (report.violations.empty()) {
    text += "every frame has one end\n";
    return text;
  }
  for (const std::string& violation : report.violations) fmt::format_to(out, "WRONG: {}\n", violation);
  return text;
}

}  // namespace sim::world
