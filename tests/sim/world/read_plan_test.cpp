// SPDX-License-Identifier: Apache-2.0
// The TOML form of a world: what it says arrives in the plan, and every mistake is told with its line.
#include "sim/world/read_plan.hpp"

#include <catch2/catch.hpp>

#include "sim/pcie/user_error.hpp"

using namespace sim;
using namespace sim::world;

namespace {

const std::string kTwo = R"(
[[host]]
name = "a"
[[host.port]]
address = "10.0.0.1/24"
[[host]]
name = "b"
[[host.port]]
address = ["10.0.0.2/24", "fd00::2/64"]
[[wire]]
ends = ["a:eth0", "b"]
)";

/// The message that `text` is refused with.
std::string refusal(const std::string& text) {
  try {
    static_cast<void>(parse_plan(text, "w.toml"));
  } catch (const UserError& error) {
    return error.what();
  }
  return "not refused";
}

}  // namespace

TEST_CASE("a world's file becomes a plan", "[sim][world]") {
  const WorldPlan plan = parse_plan(R"(
title = "t"
seed = 5
for = "20ms"
[[host]]
name = "a"
cpus = 2
seed = 9
speed = 0.5
sysctl = { "net.core.rmem_default" = 4096 }
routes = "default via 10.0.0.254"
script = ["ip addr", "at 2ms ip link"]
[[host.port]]
name = "lan"
nic = "rtl"
mtu = 9000
mac = "02:00:00:00:00:09"
address = "10.0.0.1/24"
[[host.app]]
run = "udp-check"
to = "10.0.0.2"
count = 3
start = "1ms"
cpu = 1
[[router]]
name = "r"
[[switch]]
name = "s"
queue = 7
[[wire]]
ends = ["a:lan", "s"]
gbps = 1
delay = "5us"
loss = 0.25
reorder = 1
hold = "1us"
seed = 3
capture = "x.pcapng"
)",
                                    "w.toml");
  CHECK(plan.seed == 5);
  CHECK(plan.duration == 20 * kMillisecond);
  REQUIRE(plan.hosts.size() == 2);
  const HostPlan& a = plan.hosts[0];
  CHECK(a.cpus == 2);
  CHECK(a.seed == 9U);
  CHECK(a.speed == 0.5);
  CHECK(a.sysctls == std::vector<std::pair<std::string, std::string>>{{"net.core.rmem_default", "4096"}});
  CHECK(a.routes == std::vector<std::string>{"default via 10.0.0.254"});
  REQUIRE(a.ports.size() == 1);
  CHECK(a.ports[0].nic == Nic::rtl);
  CHECK(a.ports[0].mtu == 9000);
  CHECK(a.ports[0].mac->to_string() == "02:00:00:00:00:09");
  REQUIRE(a.apps.size() == 1);
  CHECK(a.apps[0].kind == App::udp_check);
  CHECK(a.apps[0].count == 3);
  CHECK(a.apps[0].start == kMillisecond);
  CHECK(plan.hosts[1].router);
  CHECK(plan.switches[0].queue == 7);
  const WirePlan& wire = plan.wires[0];
  CHECK(wire.delay == 5 * kMicrosecond);
  CHECK(wire.impairment.loss == 0.25);
  CHECK(wire.impairment.hold == kMicrosecond);
  CHECK(wire.seed == 3U);
  CHECK(wire.name == "wire0");
}

TEST_CASE("every mistake in a world's file is one line with file and line", "[sim][world]") {
  struct Row {
    std::string text;
    std::string line;
    std::string word;
  };
  const std::vector<Row> rows = {
      {"", ":", "[[host]]"},
      {"seed = \n", ":1:", "README"},
      {"sed = 1\n", ":1:", "unknown key 'sed'"},
      {"\nseed = -1\n", ":2:", "'seed'"},
      {"seed = 1.5\n", ":1:", "'seed'"},
      {"for = \"10 parsecs\"\n", ":1:", "10ms"},
      {"[host]\nname = \"a\"\n", ":1:", "[[host]]"},
      {"host = [1]\n", ":1:", "[[host]]"},
      {"[[host]]\ncpus = 1\n", ":1:", "'host.name' is missing"},
      {"[[host]]\nname = \"a b\"\n", ":2:", "15 letters"},
      {"[[host]]\nname = \"a\"\ncpus = 65\n", ":3:", "host.cpus"},
      {"[[host]]\nname = \"a\"\nports = 2\n", ":3:", "unknown key 'host.ports'"},
      {"[[host]]\nname = \"a\"\n[[host.port]]\nnic = \"e1000\"\n", ":4:", "native, model, rtl, rtl128"},
      {"[[host]]\nname = \"a\"\n[[host.port]]\nmac = \"01:00:00:00:00:00\"\n", ":4:", "unicast"},
      {"[[host]]\nname = \"a\"\n[[host.port]]\naddress = \"10.0.0.1\"\n", ":4:", "10.0.0.1/24"},
      {"[[host]]\nname = \"a\"\n[[host.port]]\n[[host.port]]\n", ":", "two ports 'eth0'"},
      {"[[host]]\nname = \"a\"\n[[host.app]]\nrun = \"quake\"\n", ":4:", "udp-echo"},
      {"[[host]]\nname = \"a\"\n[[host.app]]\nrun = \"ping\"\n", ":3:", "'host.app.to' is missing"},
      {"[[host]]\nname = \"a\"\n[[host.app]]\nrun = \"udp-echo\"\ncount = 3\n", ":5:", "host.app.count"},
      {"[[host]]\nname = \"a\"\n[[host.app]]\nrun = \"udp-echo\"\ncpu = 1\n", ":5:", "CPUs 0 to 0"},
      {"[[host]]\nname = \"a\"\nscript = [\"at soon ls\"]\n", ":3:", "soon"},
      {"[[host]]\nname = \"a\"\nsysctl = { net.core.x = 1 }\n", ":3:", "quotes"},
      {"[[host]]\nname = \"a\"\n[[host]]\nname = \"a\"\n", ":", "two are called 'a'"},
      {kTwo + "loss = 1.5\n", ":12:", "wire.loss"},
      {kTwo + "[[wire]]\nends = [\"a\", \"b\"]\n", ":", "two wires end at"},
      {kTwo + "[[wire]]\nends = [\"a:eth1\", \"b\"]\n", ":13:", "no 'a:eth1'"},
      {kTwo + "[[wire]]\nends = [\"a\"]\n", ":13:", "two"},
  };
  for (const Row& row : rows) {
    const std::string told = refusal(row.text);
    INFO(row.text << "-> " << told);
    CHECK(told.starts_with("w.toml" + row.line));
    CHECK(told.find(row.word) != std::string::npos);
    CHECK(told.find('\n') == std::string::npos);
  }
}

TEST_CASE("a NIC's wire must suit its MAC", "[sim][world]") {
  WorldPlan plan = parse_plan(kTwo + "delay = \"10ns\"\n", "w.toml");
  CHECK_THROWS_AS(use_nic(plan, "rtl"), UserError);
  CHECK_THROWS_AS(use_nic(plan, "none"), UserError);
  WorldPlan fast = parse_plan(kTwo + "gbps = 40\n", "w.toml");
  CHECK_NOTHROW(use_nic(fast, "native"));
  CHECK_THROWS_AS(use_nic(fast, "model"), UserError);
}

TEST_CASE("a wire's end is a port, a switch or a tap", "[sim][world]") {
  const WorldPlan plan = parse_plan(kTwo + "[[switch]]\nname = \"s\"\n[[tap]]\nname = \"t\"\n", "w.toml");
  CHECK(find_end(plan, "b")->index == 1);
  CHECK(find_end(plan, "b:eth0")->kind == WireEnd::Kind::port);
  CHECK(find_end(plan, "s")->kind == WireEnd::Kind::bridge);
  CHECK(find_end(plan, "t")->kind == WireEnd::Kind::tap);
  CHECK_FALSE(find_end(plan, "c"));
  CHECK_FALSE(find_end(plan, "b:"));
}
