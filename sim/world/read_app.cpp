// SPDX-License-Identifier: Apache-2.0
// [[host.app]]: which keys each program knows.
#include <fmt/format.h>

#include "sim/world/read_plan.hpp"
#include "sim/world/toml_table.hpp"

namespace sim::world {
namespace {

constexpr std::int64_t kMostDatagram = 65'507;
constexpr std::int64_t kMostCount = 1'000'000'000;

void read_port(TomlTable& table, AppPlan& app) {
  table.integer("port", app.port, 1, 65'535);
}

void read_target(TomlTable& table, AppPlan& app) {
  table.require("to");
  table.text("to", "an IPv4 address", [&](const std::string& text) {
    const auto address = host::headers::Ipv4Address::parse(text);
    if (address) app.to = *address;
    return address.has_value();
  });
}

/// How many, how large, how often, how long to wait for each.
void read_questions(TomlTable& table, AppPlan& app) {
  app.count = 10;
  app.timeout = 100 * kMillisecond;
  table.integer("count", app.count, 1, kMostCount);
  table.integer("size", app.size, 0, kMostDatagram);
  table.duration("interval", app.interval);
  table.duration("timeout", app.timeout);
}

}  // namespace

AppPlan read_app(TomlTable& table) {
  AppPlan app;
  table.require("run");
  table.choice("run", kAppNames, [&](std::size_t place) { app.kind = static_cast<App>(place); });
  app.name = kAppNames[static_cast<std::size_t>(app.kind)];
  table.text("name", app.name);
  table.integer("cpu", app.cpu, 0, 63);
  table.duration("start", app.start);
  switch (app.kind) {
    case App::udp_echo:
      read_port(table, app);
      break;
    case App::udp_check:
      read_port(table, app);
      [[fallthrough]];
    case App::ping:
      read_target(table, app);
      read_questions(table, app);
      break;
  }
  return app;
}

}  // namespace sim::world
