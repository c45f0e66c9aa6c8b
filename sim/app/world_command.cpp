// SPDX-License-Identifier: Apache-2.0
// cosnic world: several hosts, switches and wires out of a file, and what became of every frame.
#include <fmt/format.h>

#include <cstdio>

#include "sim/app/commands.hpp"
#include "sim/app/duration.hpp"
#include "sim/app/output_file.hpp"
#include "sim/app/summary.hpp"
#include "sim/app/terminal.hpp"
#include "sim/world/read_plan.hpp"
#include "sim/world/summary.hpp"
#include "sim/world/world.hpp"

namespace sim::app {
namespace {

void print(std::string_view text) {
  fmt::print("{}", text);
  std::fflush(stdout);
}

}  // namespace

int world_command(const WorldArguments& arguments) {
  world::WorldPlan plan = world::read_plan(arguments.file);
  if (arguments.seed) plan.seed = *arguments.seed;
  if (!arguments.nic.empty()) world::use_nic(plan, arguments.nic);
  const Picoseconds limit = arguments.limit.empty() ? 0 : parse_duration(arguments.limit);
  OutputFile json(arguments.json);
  world::World world(std::move(plan), {.prefix = {}, .print = print});
  const board::Report report = world.run(terminal_options(limit));
  end_progress();
  print(world::summary(world, report));
  json.write(report.json());
  return exit_status(report);
}

}  // namespace sim::app
