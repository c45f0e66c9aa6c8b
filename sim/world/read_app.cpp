// SPDX-License-Identifier: Apache-2.0
// [[host.app]]: which keys each program knows.
#include <fmt/format.h>

#include <array>

#include "sim/world/read_plan.hpp"
#include "sim/world/toml_table.hpp"

namespace sim::world {
namespace {

constexpr std::int64_t kMostDatagram = 65'507;
constexpr std::int64_t kMostCount = 1'000'000'000;

void read_port(TomlTable& table, AppPlan& app) {
  table.integer("port", app.port, 1, 65'535);
}

std::function<bool(const std::string&)> into(host::headers::IpAddress& out) {
  return [&out](const std::string& text) {
    if (const auto four = host::headers::Ipv4Address::parse(text)) {
      out = *four;
      return true;
    }
    const auto six = host::headers::Ipv6Address::parse(text);
    if (six) out = *six;
    return six.has_value();
  };
}

void read_target(TomlTable& table, AppPlan& app) {
  table.require("to");
  table.text("to", "an address", into(app.to));
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

void read_blast(TomlTable& table, AppPlan& app) {
  constexpr std::array<std::string_view, 3> kDistributions = {"constant", "poisson", "burst"};
  app.port = 9;
  read_port(table, app);
  read_target(table, app);
  table.integer("count", app.count, 0, kMostCount);
  table.integer("size", app.size, 4, kMostDatagram);
  table.real("rate", app.rate, 0.1, 1e9);
  table.choice("distribution", kDistributions, [&](std::size_t place) { app.distribution = kDistributions[place]; });
  table.integer("burst", app.burst, 1, 1'000'000);
}

void read_sink(TomlTable& table, AppPlan& app) {
  app.port = 9;
  read_port(table, app);
  table.boolean("reuse_port", app.reuse_port);
  table.integer("receive_buffer", app.receive_buffer, 0, INT32_MAX);
  table.duration("work", app.work);
  if (app.kind != App::multicast) return;
  table.require("group");
  table.text("group", "a multicast address, like 239.1.2.3 or ff05::123",
             [&](const std::string& text) { return into(app.group)(text) && app.group.is_multicast(); });
}

void read_names(TomlTable& table, AppPlan& app) {
  app.port = 53;
  read_port(table, app);
  std::vector<std::pair<std::string, std::string>> names;
  table.entries("names", names);
  for (auto& [name, text] : names) {
    const auto address = host::headers::Ipv4Address::parse(text);
    if (!address) table.fail("names", fmt::format("'{}' of '{}' is no IPv4 address", text, name));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    app.names.emplace_back(name, *address);
  }
}

void read_replay(TomlTable& table, AppPlan& app) {
  app.count = 1;
  table.require("file");
  table.text("file", app.file);
  table.text("device", app.device);
  table.integer("count", app.count, 1, kMostCount);
  table.real("speed", app.speed, 1e-6, 1e6);
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
    case App::latency_probe:
      read_port(table, app);
      read_target(table, app);
      read_questions(table, app);
      break;
    case App::udp_blast:
      read_blast(table, app);
      break;
    case App::udp_sink:
    case App::multicast:
      read_sink(table, app);
      break;
    case App::dns:
      read_names(table, app);
      break;
    case App::udp_forward:
      table.require("to_port");
      read_port(table, app);
      read_target(table, app);
      table.integer("to_port", app.to_port, 1, 65'535);
      break;
    case App::replay:
      read_replay(table, app);
      break;
  }
  return app;
}

}  // namespace sim::world
