// SPDX-License-Identifier: Apache-2.0
// Two hosts talk over IPv6: ping and UDP echo of every size, with global and link-local addresses.
#include <catch2/catch.hpp>

#include "host/apps/ping.hpp"
#include "host/apps/udp_client.hpp"
#include "host/apps/udp_echo.hpp"
#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;

namespace {

using kernel::Process;
using kernel::Task;

void serve_both(Station& station, apps::UdpEchoStats& stats) {
  static_cast<void>(station.start("udp-echo", [&](Process& self) -> Task<void> {
    static_cast<void>(
        co_await apps::udp_echo(self, station.host.sockets(), stats, apps::kEchoPort, socket::SocketKind::udp6));
  }));
}

apps::UdpClientReport talk(World& world, const socket::SocketAddress& server, std::vector<std::size_t> sizes) {
  apps::UdpClientReport report;
  const apps::UdpClientOptions options{.server = server, .sizes = std::move(sizes)};
  static_cast<void>(world[2].start("udp-client", [&](Process& self) -> Task<void> {
    co_await apps::udp_client(self, world[2].host.sockets(), options, report);
  }));
  world.run_for(10 * kSecond);
  CHECK(report.finished);
  CHECK(report.timeouts + report.corrupted + report.errors == 0);
  return report;
}

apps::PingReport ping(World& world, apps::PingOptions options) {
  apps::PingReport report;
  options.interval = 0;
  static_cast<void>(world[2].start("ping", [&](Process& self) -> Task<void> {
    co_await apps::ping(self, world[2].host.sockets(), options, report);
  }));
  world.run_for(10 * kSecond);
  CHECK(report.finished);
  return report;
}

}  // namespace

TEST_CASE("UDP echo over IPv6 returns every size from 1 to 1452 unharmed", "[apps][udp][ip6]") {
  Lone6 world(2);
  apps::UdpEchoStats server;
  serve_both(world[1], server);
  const auto report = talk(world, {global_of(1), apps::kEchoPort}, apps::size_range(1, 1452));
  CHECK(report.echoed == 1452);
  CHECK(world[1].counter("Udp6.InDatagrams") == 1452);
  CHECK(world[1].counter("Udp6.OutDatagrams") == 1452);
  CHECK(world[1].counter("Udp6.InErrors") == 0);
  CHECK(world[1].counter("Udp.InDatagrams") == 0);
  CHECK(world[1].host.pool().in_use() == 0);
}

TEST_CASE("one echo server serves both families and link-local clients", "[apps][udp][ip6]") {
  Lone6 world(2);
  apps::UdpEchoStats server;
  serve_both(world[1], server);
  CHECK(talk(world, {address_of(1), apps::kEchoPort}, {1, 100, 1472}).echoed == 3);
  const socket::SocketAddress link{headers::link_local_of(mac_of(1)), apps::kEchoPort, world[2].nic.device().ifindex()};
  CHECK(talk(world, link, {1, 100, 1452}).echoed == 3);
  CHECK(world[1].counter("Udp.InDatagrams") == 3);
  CHECK(world[1].counter("Udp6.InDatagrams") == 3);
}

TEST_CASE("the echo client over IPv6 hears ECONNREFUSED when nobody serves", "[apps][udp][ip6]") {
  Lone6 world(2);
  apps::UdpClientReport report;
  const apps::UdpClientOptions options{.server = {global_of(1), apps::kEchoPort}, .sizes = apps::size_range(10, 10)};
  static_cast<void>(world[2].start("udp-client", [&](Process& self) -> Task<void> {
    co_await apps::udp_client(self, world[2].host.sockets(), options, report);
  }));
  world.run_for(10 * kSecond);
  REQUIRE(report.finished);
  CHECK(report.last_error == base::Errno::connection_refused);
  CHECK(world[1].counter("Udp6.NoPorts") == 1);
  CHECK(world[2].counter("Icmp6.InDestUnreachs") == 1);
}

TEST_CASE("ping over IPv6 gets every size back, from global and link-local addresses", "[apps][icmp][ip6]") {
  Lone6 world(2);
  for (const std::size_t size : {0U, 1U, 56U, 1000U, 1452U}) {
    const auto report = ping(world, {.target = global_of(1), .count = 10, .size = size});
    CHECK(report.received == 10);
    CHECK(report.corrupted == 0);
  }
  const auto near =
      ping(world, {.target = headers::link_local_of(mac_of(1)), .scope = world[2].nic.device().ifindex(), .count = 3});
  CHECK(near.received == 3);
  const auto itself = ping(world, {.target = global_of(2), .count = 3});
  CHECK(itself.received == 3);
  const auto nowhere = ping(world, {.target = headers::Ipv6Address::of(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), .count = 1});
  CHECK(nowhere.last_error == base::Errno::network_unreachable);
}
