// SPDX-License-Identifier: Apache-2.0
// Two hosts talk: ping and UDP echo of every size, loss, silence, and the reflector.
#include <catch2/catch.hpp>

#include <set>

#include "host/apps/ping.hpp"
#include "host/apps/reflect.hpp"
#include "host/apps/udp_client.hpp"
#include "host/apps/udp_echo.hpp"
#include "tests/host/apps/test_world.hpp"

using namespace host;
using namespace host_test;

namespace {

using kernel::Process;
using kernel::Task;

void serve_echo(Station& station, apps::UdpEchoStats& stats) {
  static_cast<void>(station.start("udp-echo", [&](Process& self) -> Task<void> {
    static_cast<void>(co_await apps::udp_echo(self, station.host.sockets(), stats));
  }));
}

void run_client(Station& station, const apps::UdpClientOptions& options, apps::UdpClientReport& report) {
  static_cast<void>(station.start("udp-client", [&station, options, &report](Process& self) -> Task<void> {
    co_await apps::udp_client(self, station.host.sockets(), options, report);
  }));
}

void run_ping(Station& station, apps::PingOptions options, apps::PingReport& report) {
  static_cast<void>(station.start("ping", [&station, options, &report](Process& self) -> Task<void> {
    co_await apps::ping(self, station.host.sockets(), options, report);
  }));
}

/// What came in either was read, was answered below the sockets, or was dropped under one reason.
void check_nothing_held(Station& station) {
  CHECK(station.host.pool().in_use() == 0);
}

}  // namespace

TEST_CASE("UDP echo returns every size from 1 to 1472 unharmed", "[apps][udp]") {
  World world;
  apps::UdpEchoStats server;
  apps::UdpClientReport client;
  serve_echo(world[1], server);
  run_client(world[2], {.server = {address_of(1), apps::kEchoPort}, .sizes = apps::size_range(1, 1472)}, client);
  world.run_for(10 * kSecond);

  REQUIRE(client.finished);
  CHECK(client.echoed == 1472);
  CHECK(client.timeouts + client.corrupted + client.errors == 0);
  CHECK(server.received == 1472);
  CHECK(world[1].counter("Udp.InDatagrams") == 1472);
  CHECK(world[1].counter("Udp.OutDatagrams") == 1472);
  CHECK(world[1].counter("Udp.InErrors") == 0);
  CHECK(world[1].host.kernel().drops().total() == 0);
  CHECK(world[2].host.kernel().drops().total() == 0);
  check_nothing_held(world[1]);
  check_nothing_held(world[2]);
}

TEST_CASE("ping gets every size from 0 to 1472 back", "[apps][icmp]") {
  World world;
  std::vector<apps::PingReport> reports(1473);
  static_cast<void>(world[2].start("ping", [&](Process& self) -> Task<void> {
    for (std::size_t size = 0; size <= 1472; ++size) {
      const apps::PingOptions options{.target = address_of(1), .count = 1, .size = size, .interval = 0};
      co_await apps::ping(self, world[2].host.sockets(), options, reports[size]);
    }
  }));
  world.run_for(10 * kSecond);
  for (const auto& report : reports) {
    REQUIRE(report.finished);
    REQUIRE(report.transmitted == 1);
    REQUIRE(report.received == 1);
    REQUIRE(report.corrupted == 0);
  }
  CHECK(world[1].counter("Icmp.InEchos") == 1473);
  CHECK(world[1].counter("Icmp.OutEchoReps") == 1473);
  CHECK(world[2].counter("Icmp.OutEchos") == 1473);
  CHECK(world[2].counter("Icmp.InEchoReps") == 1473);
  check_nothing_held(world[1]);
}

TEST_CASE("ping beyond the MTU goes and comes back in pieces", "[apps][icmp]") {
  World world;
  apps::PingReport report;
  run_ping(world[2], {.target = address_of(1), .count = 1, .size = 1473}, report);
  world.run_for(kSecond);
  CHECK(report.received == 1);
  CHECK(report.corrupted == 0);
  CHECK(world[2].counter("Ip.FragCreates") == 2);
  CHECK(world[1].counter("Ip.ReasmOKs") == 1);
  check_nothing_held(world[1]);
}

TEST_CASE("ping beyond what IPv4 can carry says EMSGSIZE and sends nothing", "[apps][icmp]") {
  World world;
  apps::PingReport report;
  run_ping(world[2], {.target = address_of(1), .count = 1, .size = 65'508}, report);
  world.run_for(kSecond);
  CHECK(report.transmitted == 0);
  CHECK(report.last_error == base::Errno::message_size);
  CHECK(world[2].counter("eth0.tx_packets") == 0);
}

TEST_CASE("ping counts what was lost and says so as ping does", "[apps][icmp]") {
  World world;
  unsigned seen = 0;
  world[2].nic.on_wire = [&](Frame& frame) { return frame.size() < 90 || ++seen % 2 == 1; };
  apps::PingReport report;
  run_ping(
      world[2],
      {.target = address_of(1), .count = 10, .size = 64, .interval = 10 * kMillisecond, .timeout = 5 * kMillisecond},
      report);
  world.run_for(5 * kSecond);
  REQUIRE(report.finished);
  CHECK(report.transmitted == 10);
  CHECK(report.received == 5);
  CHECK(summary(report).find("10 packets transmitted, 5 received, 50% packet loss") == 0);
}

TEST_CASE("ping to an address that nobody has hears EHOSTUNREACH", "[apps][icmp][arp]") {
  World world;
  apps::PingReport report;
  run_ping(world[2], {.target = address_of(9), .count = 1, .timeout = 10 * kSecond}, report);
  world.run_for(20 * kSecond);
  REQUIRE(report.finished);
  CHECK(report.last_error == base::Errno::host_unreachable);
  CHECK(world[2].counter("drop.arp_unresolved") == 1);
  CHECK(world[2].counter("arp.res_failed") == 1);
}

TEST_CASE("a host pings itself through lo", "[apps][icmp]") {
  World world({.stations = 1});
  apps::PingReport own;
  apps::PingReport loopback;
  run_ping(world[1], {.target = address_of(1), .count = 3, .size = 4000, .interval = 0}, own);
  run_ping(world[1], {.target = headers::Ipv4Address::of(127, 0, 0, 1), .count = 3, .interval = 0}, loopback);
  world.run_for(kSecond);
  CHECK(own.received == 3);
  CHECK(loopback.received == 3);
  CHECK(world[1].counter("eth0.tx_packets") == 0);
}

TEST_CASE("the echo client hears ECONNREFUSED when nobody serves", "[apps][udp][icmp]") {
  World world;
  apps::UdpClientReport client;
  run_client(world[2], {.server = {address_of(1), 9}, .sizes = {10}}, client);
  world.run_for(5 * kSecond);
  REQUIRE(client.finished);
  CHECK(client.last_error == base::Errno::connection_refused);
  CHECK(world[1].counter("Udp.NoPorts") == 1);
  CHECK(world[1].counter("drop.udp_no_port") == 1);
  CHECK(world[1].counter("Icmp.OutDestUnreachs") == 1);
  CHECK(world[2].counter("Icmp.InDestUnreachs") == 1);
}

TEST_CASE("the echo client sees a damaged echo whose checksum was mended", "[apps][udp]") {
  World world;
  apps::UdpEchoStats server;
  apps::UdpClientReport client;
  serve_echo(world[1], server);
  world[1].nic.on_wire = [](Frame& frame) {
    if (frame.size() == 14 + 20 + 8 + 100) {
      frame[60] ^= std::byte{1};
      frame[40] = std::byte{0};  // a checksum of 0 is none
      frame[41] = std::byte{0};
    }
    return true;
  };
  run_client(world[2], {.server = {address_of(1), apps::kEchoPort}, .sizes = {99, 100, 101}}, client);
  world.run_for(5 * kSecond);
  CHECK(client.echoed == 2);
  CHECK(client.corrupted == 1);
}

TEST_CASE("two runs of one seed end with the same counters", "[apps][determinism]") {
  const auto run = [] {
    World world({.host = {.seed = 7, .costs = kernel::CostTable::typical()}});
    apps::UdpEchoStats server;
    apps::UdpClientReport client;
    serve_echo(world[1], server);
    run_client(world[2], {.server = {address_of(1), apps::kEchoPort}, .sizes = apps::size_range(1, 200)}, client);
    world.run_for(kSecond);
    CHECK(client.echoed == 200);
    return std::tuple(world[1].host.counters(), world[2].host.counters(), client.shortest, client.longest);
  };
  CHECK(run() == run());
}

TEST_CASE("echo works the same with costs and several CPUs", "[apps][udp]") {
  World world({.cpus = 3, .host = {.costs = kernel::CostTable::typical()}});
  apps::UdpEchoStats server;
  apps::UdpClientReport client;
  serve_echo(world[1], server);
  run_client(world[2], {.server = {address_of(1), apps::kEchoPort}, .sizes = apps::size_range(1, 300)}, client);
  world.run_for(5 * kSecond);
  CHECK(client.echoed == 300);
  CHECK(client.shortest > 0);
}

TEST_CASE("the reflector returns every frame unchanged and in order, whatever it holds", "[apps][reflect]") {
  World world({.stations = 1});
  const apps::Reflect reflect(world[1].host.net(), world[1].nic.device());
  std::vector<Frame> frames;
  for (std::size_t length = 60; length <= 1514; ++length) {
    Frame frame(length);
    for (std::size_t i = 0; i < length; ++i) {
      frame[i] = static_cast<std::byte>(i * 7 + length);
    }
    frames.push_back(frame);
    world[1].nic.deliver(std::move(frame));
  }
  world.run_for(kSecond);
  CHECK(world[1].nic.take_sent() == frames);
  CHECK(reflect.stats().sent == frames.size());
  CHECK(world[1].host.kernel().drops().total() == 0);
}

TEST_CASE("the reflector holds frames while the transmit ring is full and loses none", "[apps][reflect]") {
  World world({.stations = 1});
  const apps::Reflect reflect(world[1].host.net(), world[1].nic.device());
  world[1].nic.ring = 16;
  for (unsigned i = 0; i < 1000; ++i) {
    world[1].nic.deliver(Frame(64, static_cast<std::byte>(i)));
  }
  std::vector<Frame> back;
  for (unsigned round = 0; round < 200 && back.size() < 1000; ++round) {
    world.run_for(kMillisecond);
    const auto sent = world[1].nic.take_sent();
    back.insert(back.end(), sent.begin(), sent.end());
    world[1].nic.drain(16);
  }
  REQUIRE(back.size() == 1000);
  for (unsigned i = 0; i < 1000; ++i) {
    REQUIRE(back[i][0] == static_cast<std::byte>(i));
  }
  CHECK(world[1].nic.device().queue_stops() > 10);
  CHECK(world[1].host.kernel().drops().total() == 0);
}

TEST_CASE("what the reflector's queue cannot hold is a counted drop", "[apps][reflect]") {
  World world({.stations = 1});
  const apps::Reflect reflect(world[1].host.net(), world[1].nic.device(), 10);
  world[1].nic.ring = 4;
  for (unsigned i = 0; i < 50; ++i) {
    world[1].nic.deliver(Frame(64));
  }
  world.run_for(kSecond);
  const auto sent = world[1].nic.take_sent().size();
  CHECK(reflect.stats().received == 50);
  CHECK(reflect.stats().refused == world[1].counter("drop.qdisc_full"));
  CHECK(sent + world[1].nic.device().qdisc().backlog_packets() + reflect.stats().refused == 50);
}

TEST_CASE("/proc/net/snmp has Linux's lines", "[apps][counters]") {
  World world({.stations = 1});
  const std::string text = world[1].host.proc_net_snmp();
  CHECK(text.find("Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos "
                  "InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs "
                  "ReasmFails FragOKs FragFails FragCreates OutTransmits\nIp: 2 64 0 0") == 0);
  CHECK(text.find("\nIcmp: InMsgs InErrors InCsumErrors InDestUnreachs") != std::string::npos);
  CHECK(text.find("\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors "
                  "IgnoredMulti MemErrors\nUdp: 0 0 0 0 0 0 0 0 0\n") != std::string::npos);
}
