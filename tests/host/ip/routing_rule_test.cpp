// SPDX-License-Identifier: Apache-2.0
// `ip rule`: which table a packet is looked up in, and what a route says of the packets that we send.
#include <catch2/catch.hpp>

#include "host/ip/ip_route.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::Ipv4Address;
using headers::Ipv4Prefix;
using ip::Flow;
using ip::RoutingRule;
using ip::RuleAction;

namespace {

constexpr Ipv4Address kFar{0xc6336407};  // 198.51.100.7

/// Tables 100 and 101 lead to other gateways than main.
struct Policy : World {
  Policy() : World({.stations = 1}) {
    for (const auto& [table, gateway] : {std::pair{ip::kMainTable, 2U}, {100U, 3U}, {101U, 4U}}) {
      REQUIRE(fib.add({.prefix = {}, .gateway = address_of(gateway), .table = table}).ok());
    }
  }
  /// The gateway's number that the flow goes by.
  unsigned gateway(const Flow& flow) { return fib.lookup(flow).value()->gateway.value & 0xffU; }

  ip::Fib& fib = (*this)[1].host.ip().routes;
};

}  // namespace

TEST_CASE("the tables local, main and default are there from the start", "[ip][rule]") {
  const ip::Fib fib;
  REQUIRE(fib.rules().size() == 3);
  CHECK(fib.rules()[0] == RoutingRule{.priority = 0, .table = 255});
  CHECK(fib.rules()[1] == RoutingRule{.priority = 32'766, .table = 254});
  CHECK(fib.rules()[2] == RoutingRule{.priority = 32'767, .table = 253});
  CHECK(fib.next_rule_priority() == 32'765);
}

TEST_CASE("a rule chooses by source, destination, device, mark and type of service", "[ip][rule]") {
  struct Row {
    const char* what;
    RoutingRule rule;
    Flow inside;
    Flow outside;
  };
  Policy world;
  device::NetDevice& eth0 = world[1].nic.device();
  const Ipv4Prefix net = *Ipv4Prefix::parse("192.0.2.0/24");
  const Ipv4Address in_net = Ipv4Address::of(192, 0, 2, 9);
  const Row rows[] = {
      {"from", {.from = net}, {.destination = kFar, .source = in_net}, {.destination = kFar}},
      {"to", {.to = net}, {.destination = in_net}, {.destination = kFar}},
      {"iif", {.in = "eth0"}, {.destination = kFar, .in = &eth0}, {.destination = kFar}},
      {"iif lo: our own", {.in = "lo"}, {.destination = kFar}, {.destination = kFar, .in = &eth0}},
      {"oif", {.out = "eth0"}, {.destination = kFar, .out = &eth0}, {.destination = kFar}},
      {"fwmark with mask",
       {.mark = 0x10, .mark_mask = 0xf0},
       {.destination = kFar, .mark = 0x1f},
       {.destination = kFar, .mark = 0x0f}},
      {"tos", {.tos = 0x10}, {.destination = kFar, .tos = 0x10}, {.destination = kFar}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    RoutingRule rule = row.rule;
    rule.priority = 1000;
    rule.table = 100;
    REQUIRE(world.fib.add_rule(rule).ok());
    CHECK(world.gateway(row.inside) == 3);
    CHECK(world.gateway(row.outside) == 2);
    REQUIRE(world.fib.remove_rule(rule).ok());
    CHECK(world.gateway(row.inside) == 2);
  }
}

TEST_CASE("the rule with the least priority number goes first, a table without a route hands on", "[ip][rule]") {
  Policy world;
  const RoutingRule late{.priority = 2000, .table = 101};
  const RoutingRule early{.priority = 1000, .table = 100};
  REQUIRE(world.fib.add_rule(late).ok());
  CHECK(world.gateway({.destination = kFar}) == 4);
  REQUIRE(world.fib.add_rule(early).ok());
  CHECK(world.gateway({.destination = kFar}) == 3);
  REQUIRE(world.fib.remove({.prefix = {}, .table = 100}).ok());
  CHECK(world.gateway({.destination = kFar}) == 4);
  REQUIRE(world.fib.add_rule({.priority = 1500, .action = RuleAction::prohibit}).ok());
  CHECK(world.fib.lookup({.destination = kFar}).error() == Errno::access);
  CHECK(world.fib.add_rule(late).error() == Errno::exists);
  REQUIRE(world.fib.remove_rule(late).ok());
  CHECK(world.fib.remove_rule(late).error() == Errno::no_entry);
  CHECK(world.fib.add_rule({.from = *Ipv4Prefix::parse("192.0.2.1/24")}).error() == Errno::invalid);
  CHECK(world.fib.lookup({.destination = address_of(1)}).value()->type == ip::RouteType::local);  // rule 0 is first
}

TEST_CASE("a route gives our packets their source, and a named device needs none", "[ip][route]") {
  Policy world;
  auto& layer = world[1].host.ip();
  auto& cpu = world[1].host.kernel().cpu(0);
  device::NetDevice& eth0 = world[1].nic.device();
  const Ipv4Address other = Ipv4Address::of(192, 0, 2, 5);
  REQUIRE(layer.addresses.add(eth0, {other, 24}).ok());
  CHECK(ip_route_output(layer, cpu, kFar)->source == address_of(1));
  CHECK(ip_route_output(layer, cpu, Ipv4Address::of(192, 0, 2, 6))->source == other);
  REQUIRE(world.fib.add({.prefix = {kFar, 32}, .gateway = address_of(9), .preferred_source = other, .mtu = 900}).ok());
  CHECK(ip_route_output(layer, cpu, kFar)->source == other);
  CHECK(ip_route_output(layer, cpu, kFar)->next_hop == address_of(9));
  CHECK(ip_route_output(layer, cpu, kFar)->mtu == 900);

  REQUIRE(world.fib.remove({.prefix = {}}).ok());
  const Ipv4Address nowhere = Ipv4Address::of(203, 0, 113, 1);
  CHECK(ip_route_output(layer, cpu, nowhere).error() == Errno::network_unreachable);
  const auto named = ip_route_output(layer, cpu, {.destination = nowhere, .out = &eth0});
  REQUIRE(named.ok());
  CHECK(named->next_hop == nowhere);
  CHECK(ip_route_output(layer, cpu, headers::kLimitedBroadcast).error() == Errno::network_unreachable);
  const auto to_all = ip_route_output(layer, cpu, headers::kLimitedBroadcast, other);
  REQUIRE(to_all.ok());
  CHECK(to_all->device == &eth0);
  CHECK(to_all->type == ip::RouteType::broadcast);
}

TEST_CASE("a packet to a group is sent to the stations that listen to it", "[ip][multicast]") {
  Lone world;
  auto& host = world.station().host;
  const Ipv4Address group = Ipv4Address::of(239, 129, 2, 3);
  static_cast<void>(world.station().start("sender", [&](kernel::Process& self) -> kernel::Task<void> {
    const auto fd = host.sockets().socket(self, socket::SocketKind::udp);
    static_cast<void>(host.sockets().bind_to_device(*fd, "eth0"));
    const std::byte byte{};
    static_cast<void>(co_await host.sockets().sendto(self, *fd, {&byte, 1}, socket::SocketAddress{group, 9}));
  }));
  world.run_for(kMillisecond);
  const auto sent = world.take();
  REQUIRE(sent.size() == 1);
  CHECK(headers::EthernetView::parse(sent[0])->destination() == base::MacAddress{{0x01, 0x00, 0x5e, 0x01, 0x02, 0x03}});
  CHECK(ip_of(sent[0]).source() == address_of(1));
}

TEST_CASE("what a lookup said once is not said again when it is no longer so", "[ip][rule][route]") {
  Policy world;
  device::NetDevice& eth0 = world[1].nic.device();
  kernel::Cpu& cpu = world[1].host.kernel().cpu(0);
  const Flow flow{.destination = kFar};
  const Ipv4Prefix near = *Ipv4Prefix::parse("198.51.100.0/24");
  CHECK(world.gateway(flow) == 2);
  CHECK(world.gateway(flow) == 2);
  REQUIRE(world.fib.add({.prefix = near, .gateway = address_of(5)}).ok());
  CHECK(world.gateway(flow) == 5);
  REQUIRE(world.fib.remove({.prefix = near}).ok());
  CHECK(world.gateway(flow) == 2);
  const RoutingRule rule{.priority = 10, .table = 100};
  REQUIRE(world.fib.add_rule(rule).ok());
  CHECK(world.gateway(flow) == 3);
  REQUIRE(world.fib.remove_rule(rule).ok());
  CHECK(world.gateway(flow) == 2);
  CHECK(world.fib.address_type(address_of(77)) == ip::RouteType::unicast);
  REQUIRE(world[1].host.add_address(eth0, {address_of(77), 32}).ok());
  CHECK(world.fib.address_type(address_of(77)) == ip::RouteType::local);
  eth0.close(cpu);
  CHECK(world.fib.lookup(flow).error() == Errno::network_unreachable);
  CHECK(world.fib.lookup(flow).error() == Errno::network_unreachable);
  REQUIRE(eth0.open(cpu).ok());
  CHECK(world.gateway(flow) == 2);
}
