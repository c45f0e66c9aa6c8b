// SPDX-License-Identifier: Apache-2.0
#include "sim/world/read_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "host/headers/ipv6_address.hpp"
#include "sim/app/script.hpp"
#include "sim/pcie/user_error.hpp"
#include "sim/world/toml_table.hpp"

namespace sim::world {
namespace {

constexpr std::size_t kMostHosts = 64;
constexpr std::size_t kMostPorts = 64;
constexpr std::size_t kMostWires = 1024;
constexpr Picoseconds kLeastNicDelay = 40 * kNanosecond;  // 20 ns for each NIC's end: what it may run ahead
constexpr double kLeastGbps = 0.000'1;

bool is_name(const std::string& text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 15 && std::ranges::all_of(text, fits);
}

void read_name(TomlTable& table, std::string& out) {
  table.text("name", "a name of 1 to 15 letters, digits, '-' and '_'", [&](const std::string& text) {
    out = text;
    return is_name(text);
  });
}

bool is_prefix(const std::string& text) {
  return host::headers::Ipv4Prefix::parse(text).has_value() || host::headers::Ipv6Prefix::parse(text).has_value();
}

PortPlan read_port(TomlTable& table) {
  PortPlan port;
  read_name(table, port.name);
  table.choice("nic", kNicNames, [&](std::size_t place) { port.nic = static_cast<Nic>(place); });
  table.text("mac", "a unicast address like \"52:54:00:00:00:01\"", [&](const std::string& text) {
    port.mac = host::base::MacAddress::parse(text);
    return port.mac && !port.mac->is_multicast();
  });
  table.integer("mtu", port.mtu, 576, 9198);
  table.texts("address", port.addresses);
  for (const std::string& address : port.addresses) {
    if (!is_prefix(address)) {
      table.fail("address", fmt::format("'{}' is no address with a prefix length, like 10.0.0.1/24", address));
    }
  }
  table.integer("queues", port.queues, 1, 64);
  table.integer("ring", port.ring, 4, 32'768);
  return port;
}

HostPlan read_host(TomlTable& table, bool router) {
  HostPlan host;
  host.router = router;
  table.require("name");
  read_name(table, host.name);
  table.integer("cpus", host.cpus, 1, 64);
  if (table.has("seed")) table.integer("seed", host.seed.emplace(), 0, INT64_MAX);
  table.real("speed", host.speed, 0, 1000);
  table.numbers("costs", [&](const std::string& name, double value) { host.costs[name] = value; });
  table.entries("sysctl", host.sysctls);
  table.texts("routes", host.routes);
  table.texts("start", host.start);
  table.texts("script", host.script);
  for (const std::string& line : host.script) {
    try {
      static_cast<void>(app::parse_script(line, "script"));
    } catch (const UserError& error) {
      table.fail("script", error.what());
    }
  }
  table.each("port", [&](TomlTable& port) {
    if (host.ports.size() == kMostPorts) port.fail("name", fmt::format("a host has at most {} ports", kMostPorts));
    host.ports.push_back(read_port(port));
    const auto same = [&](const PortPlan& other) { return other.name == host.ports.back().name; };
    if (std::ranges::count_if(host.ports, same) > 1) {
      port.fail("name",
                fmt::format("'{}' has two ports '{}'; give one another name", host.name, host.ports.back().name));
    }
  });
  table.each("app", [&](TomlTable& app) {
    host.apps.push_back(read_app(app));
    if (host.apps.size() > kMostPorts) app.fail("run", fmt::format("a host has at most {} programs", kMostPorts));
    if (host.apps.back().cpu >= host.cpus) {
      app.fail("cpu",
               fmt::format("'{}' has CPUs 0 to {} only; give it more, or another one here", host.name, host.cpus - 1));
    }
  });
  return host;
}

SwitchPlan read_switch(TomlTable& table) {
  SwitchPlan bridge;
  table.require("name");
  read_name(table, bridge.name);
  table.integer("queue", bridge.queue, 1, 1'000'000);
  table.integer("table", bridge.table, 1, 1'000'000);
  table.duration("age", bridge.age);
  return bridge;
}

TapPlan read_tap(TomlTable& table) {
  TapPlan tap;
  table.require("name");
  read_name(table, tap.name);
  tap.device = tap.name;
  table.text("device", tap.device);
  table.text("netns", tap.netns);
  return tap;
}

/// Why a NIC cannot be at the end of a wire; or nothing.
std::string misfit(const WirePlan& wire, Nic nic) {
  if (nic == Nic::native) return {};
  const std::string_view name = kNicNames[static_cast<std::size_t>(nic)];
  if (wire.delay < kLeastNicDelay) {
    return fmt::format("a wire to a NIC of kind {} has a delay of {} ns or more", name, kLeastNicDelay / kNanosecond);
  }
  if (wire.gbps > 10 && wire.gbps != 25) {
    return fmt::format("a NIC of kind {} has a MAC for 10 or 25 Gbit/s; choose one of the two, or less", name);
  }
  return {};
}

WirePlan read_wire(TomlTable& table, const WorldPlan& world) {
  WirePlan wire;
  table.require("ends");
  std::vector<std::string> ends;
  table.texts("ends", ends);
  if (ends.size() != 2) table.fail("ends", "'wire.ends' must be two, like [\"client:eth0\", \"switch\"]");
  wire.ends = {ends[0], ends[1]};
  read_name(table, wire.name);
  table.real("gbps", wire.gbps, kLeastGbps, 400);
  table.duration("delay", wire.delay);
  table.integer("queue", wire.queue, 1, 1'000'000);
  table.real("loss", wire.impairment.loss, 0, 1);
  table.real("corrupt", wire.impairment.corrupt, 0, 1);
  table.real("damage", wire.impairment.damage, 0, 1);
  table.real("duplicate", wire.impairment.duplicate, 0, 1);
  table.real("reorder", wire.impairment.reorder, 0, 1);
  table.duration("hold", wire.impairment.hold);
  if (table.has("seed")) table.integer("seed", wire.seed.emplace(), 0, INT64_MAX);
  table.text("capture", wire.capture);
  for (const std::string& text : ends) {
    const auto end = find_end(world, text);
    if (!end) {
      table.fail("ends",
                 fmt::format("there is no '{}': write HOST:PORT, or the name of a switch or tap, of those above "
                             "the wire or below",
                             text));
    }
    if (end->kind != WireEnd::Kind::port) continue;
    const auto problem = misfit(wire, world.hosts[end->index].ports[end->port].nic);
    if (!problem.empty()) table.fail("ends", problem);
  }
  return wire;
}

/// Each port has one wire, each name one owner.
void check(const WorldPlan& world, const TomlTable& top) {
  std::set<std::string> names;
  const auto once = [&](const std::string& name, const char* kind) {
    if (!names.insert(name).second) top.fail(kind, fmt::format("two are called '{}'; give one another name", name));
  };
  for (const HostPlan& host : world.hosts) once(host.name, host.router ? "router" : "host");
  for (const SwitchPlan& bridge : world.switches) once(bridge.name, "switch");
  for (const TapPlan& tap : world.taps) once(tap.name, "tap");
  std::set<std::string> taken;
  for (const WirePlan& wire : world.wires) {
    once("wire " + wire.name, "wire");
    for (const std::string& end : wire.ends) {
      if (find_end(world, end)->kind == WireEnd::Kind::bridge || taken.insert(end).second) continue;
      top.fail("wire", fmt::format("two wires end at '{}'; give it another port, or a switch between", end));
    }
  }
  if (world.hosts.empty()) top.fail("host", "this world is empty; write a [[host]]");
}

WorldPlan read_world(const toml::table& table, const std::string& file) {
  WorldPlan world;
  world.file = file;
  TomlTable top(file, "", table);
  top.text("title", world.title);
  top.integer("seed", world.seed, 0, INT64_MAX);
  top.duration("for", world.duration);
  const auto host = [&](bool router) {
    return [&world, router](TomlTable& inner) {
      if (world.hosts.size() == kMostHosts) inner.fail("name", fmt::format("a world has at most {} hosts", kMostHosts));
      world.hosts.push_back(read_host(inner, router));
    };
  };
  top.each("host", host(false));
  top.each("router", host(true));
  top.each("switch", [&](TomlTable& inner) { world.switches.push_back(read_switch(inner)); });
  top.each("tap", [&](TomlTable& inner) { world.taps.push_back(read_tap(inner)); });
  top.each("wire", [&](TomlTable& inner) {
    if (world.wires.size() == kMostWires) inner.fail("ends", fmt::format("a world has at most {} wires", kMostWires));
    WirePlan wire = read_wire(inner, world);
    if (wire.name.empty()) wire.name = fmt::format("wire{}", world.wires.size());
    world.wires.push_back(std::move(wire));
  });
  top.finish();
  check(world, top);
  return world;
}

}  // namespace

void use_nic(WorldPlan& plan, const std::string& name) {
  const auto found = std::ranges::find(kNicNames, name);
  if (found == kNicNames.end()) {
    throw UserError(fmt::format("no NIC '{}'; write one of {}", name, fmt::join(kNicNames, ", ")));
  }
  const auto nic = static_cast<Nic>(found - kNicNames.begin());
  for (HostPlan& host : plan.hosts) {
    for (PortPlan& port : host.ports) port.nic = nic;
  }
  for (const WirePlan& wire : plan.wires) {
    if (std::string problem = misfit(wire, nic); !problem.empty()) {
      throw UserError(fmt::format("{}: wire '{}': {}", plan.file, wire.name, problem));
    }
  }
}

std::optional<WireEnd> find_end(const WorldPlan& plan, std::string_view text) {
  for (std::size_t i = 0; i < plan.switches.size(); ++i) {
    if (plan.switches[i].name == text) return WireEnd{WireEnd::Kind::bridge, i, 0};
  }
  for (std::size_t i = 0; i < plan.taps.size(); ++i) {
    if (plan.taps[i].name == text) return WireEnd{WireEnd::Kind::tap, i, 0};
  }
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) {
    if (plan.hosts[i].name != name) continue;
    const auto& ports = plan.hosts[i].ports;
    for (std::size_t port = 0; port < ports.size(); ++port) {
      const bool only = colon == std::string_view::npos && ports.size() == 1;
      if (only || (colon != std::string_view::npos && ports[port].name == text.substr(colon + 1))) {
        return WireEnd{WireEnd::Kind::port, i, port};
      }
    }
  }
  return std::nullopt;
}

WorldPlan parse_plan(std::string_view text, const std::string& file) {
  toml::table table;
  try {
    table = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    throw UserError(fmt::format("{}:{}: {}; see worlds/README.md for the form", file, error.source().begin.line,
                                error.description()));
  }
  return read_world(table, file);
}

WorldPlan read_plan(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw UserError(fmt::format("cannot read the world '{}': {}", file, std::strerror(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  WorldPlan plan = parse_plan(text.str(), file);
  // Recordings lie beside the file that names them, wherever it is run from.
  const auto folder = std::filesystem::path(file).parent_path();
  for (HostPlan& host : plan.hosts) {
    for (AppPlan& app : host.apps) {
      if (!app.file.empty()) app.file = (folder / app.file).string();
    }
  }
  return plan;
}

}  // namespace sim::world
