// SPDX-License-Identifier: Apache-2.0
// The small programs that make, measure, relay and answer traffic.
#include <catch2/catch.hpp>

#include "host/apps/dns_responder.hpp"
#include "host/apps/frame_player.hpp"
#include "host/apps/latency_probe.hpp"
#include "host/apps/udp_blast.hpp"
#include "host/apps/udp_echo.hpp"
#include "host/apps/udp_forward.hpp"
#include "host/base/byte_order.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;

namespace {

std::vector<std::byte> query(std::string_view name, std::uint16_t type = 1) {
  std::vector<std::byte> out(12);
  base::store_be16(out, 0, 0x1234);
  base::store_be16(out, 2, 0x0100);
  base::store_be16(out, 4, 1);
  while (!name.empty()) {
    const auto dot = std::min(name.find('.'), name.size());
    out.push_back(static_cast<std::byte>(dot));
    for (const char c : name.substr(0, dot)) out.push_back(static_cast<std::byte>(c));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  out.resize(out.size() + 5);
  base::store_be16(out, out.size() - 4, type);
  base::store_be16(out, out.size() - 2, 1);
  return out;
}

/// Sends `options.count` from station 1 to a sink on station 2 and returns when each frame stood on the wire.
std::vector<Nanoseconds> blast_times(apps::UdpBlastOptions options, apps::UdpBlastReport& sent,
                                     apps::UdpSinkReport& received) {
  World world;
  std::vector<Nanoseconds> times;
  world[1].nic.on_wire = [&](Frame& frame) {
    if (frame.size() > 60 + 40) times.push_back(world.now());
    return true;
  };
  options.to = {address_of(2), 9};
  options.size = 200;
  static_cast<void>(world[2].start("sink", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await apps::udp_sink(self, world[2].host.sockets(), {}, received));
  }));
  static_cast<void>(world[1].start("blast", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await apps::udp_blast(self, world[1].host.sockets(), options, sent));
  }));
  world.run_for(kSecond);
  return times;
}

}  // namespace

TEST_CASE("udp-blast keeps its rate in each distribution", "[apps][udp]") {
  apps::UdpBlastReport sent;
  apps::UdpSinkReport received;
  apps::UdpBlastOptions options{.to = {}, .rate = 100'000, .count = 400};
  SECTION("constant") {
    const auto times = blast_times(options, sent, received);
    REQUIRE(times.size() == 400);
    for (std::size_t i = 2; i < times.size(); ++i) CHECK(times[i] - times[i - 1] == 10'000);
  }
  SECTION("poisson") {
    options.distribution = apps::Distribution::poisson;
    const auto times = blast_times(options, sent, received);
    REQUIRE(times.size() == 400);
    const auto mean = static_cast<double>(times.back() - times.front()) / 399;
    CHECK(mean == Approx(10'000).epsilon(0.15));
    unsigned short_ones = 0;  // of exponential gaps 1 - 1/e are below the mean
    for (std::size_t i = 1; i < times.size(); ++i) short_ones += times[i] - times[i - 1] < 10'000 ? 1 : 0;
    CHECK(short_ones > 0.55 * 399);
    CHECK(short_ones < 0.71 * 399);
  }
  SECTION("burst") {
    options.distribution = apps::Distribution::burst;
    options.burst = 20;
    const auto times = blast_times(options, sent, received);
    REQUIRE(times.size() == 400);
    CHECK(times[39] == times[20]);
    CHECK(times[40] - times[39] == 200'000);
  }
  CHECK(sent.sent == 400);
  CHECK(received.received == 400);
  CHECK(received.bytes == 400 * 200);
  CHECK(received.late == 0);
  CHECK(received.highest == 400);
}

TEST_CASE("the latency prober times answers and counts those that are lost or late", "[apps][udp]") {
  World world;
  apps::UdpEchoStats server;
  apps::LatencyProbeReport report;
  static_cast<void>(world[2].start("echo", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await apps::udp_echo(self, world[2].host.sockets(), server));
  }));
  unsigned answers = 0;
  Frame kept;
  world[2].nic.on_wire = [&](Frame& frame) {
    if (frame.size() < 100) return true;
    ++answers;
    if (answers == 3) kept = frame;  // the third comes late, in place of the fourth
    if (answers == 4) std::swap(frame, kept);
    return answers != 3 && answers != 7;
  };
  apps::LatencyProbeOptions options{.server = {address_of(2), apps::kEchoPort}, .size = 100, .count = 10};
  options.timeout = kMillisecond;
  static_cast<void>(world[1].start("probe", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await apps::latency_probe(self, world[1].host.sockets(), options, report));
  }));
  world.run_for(kSecond);
  CHECK(report.sent == 10);
  CHECK(report.lost == 3);
  CHECK(report.late == 1);
  CHECK(report.round_trips.size() == 7);
  CHECK(report.errors == 0);
}

TEST_CASE("a name server answers what it knows, and says what it does not", "[apps][dns]") {
  const apps::DnsNames names = {{"www.test", {address_of(7), address_of(8)}},
                                {"many.test", std::vector<headers::Ipv4Address>(100, address_of(1))}};
  apps::DnsStats stats;
  const auto rcode = [](const std::vector<std::byte>& answer) { return base::load_be16(answer, 2) & 0xf; };
  const auto found = apps::dns_answer(query("WWW.Test"), names, stats);
  REQUIRE(found.size() == query("www.test").size() + 2 * 16);
  CHECK(base::load_be16(found, 0) == 0x1234);
  CHECK((base::load_be16(found, 2) & 0x8000) != 0);
  CHECK(rcode(found) == 0);
  CHECK(base::load_be16(found, 6) == 2);
  CHECK(base::load_be32(found, found.size() - 4) == address_of(8).value);
  CHECK(rcode(apps::dns_answer(query("ftp.test"), names, stats)) == 3);
  const auto no_data = apps::dns_answer(query("www.test", 28), names, stats);
  CHECK(rcode(no_data) == 0);
  CHECK(base::load_be16(no_data, 6) == 0);
  const auto many = apps::dns_answer(query("many.test"), names, stats);
  CHECK(many.size() <= 512);
  CHECK((base::load_be16(many, 2) & 0x0200) != 0);
  auto cut = query("www.test");
  cut.resize(cut.size() - 3);
  CHECK(rcode(apps::dns_answer(cut, names, stats)) == 1);
  CHECK(apps::dns_answer(found, names, stats).empty());  // an answer gets none
  CHECK(apps::dns_answer(Frame(11), names, stats).empty());
  CHECK(stats.queries == 5);
  CHECK(stats.answered == 2);
  CHECK(stats.unknown == 1);
  CHECK(stats.no_data == 1);
  CHECK(stats.refused == 1);
  CHECK(stats.ignored == 2);
  for (std::size_t length = 0; length < query("www.test").size(); ++length) {  // wherever it is cut
    CHECK_NOTHROW(apps::dns_answer(headers::Bytes(query("www.test")).first(length), names, stats));
  }
}

TEST_CASE("a relay brings answers back to whoever asked", "[apps][udp]") {
  World world;
  apps::UdpEchoStats server;
  apps::UdpForwardStats relay;
  static_cast<void>(world[1].start("echo", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await apps::udp_echo(self, world[1].host.sockets(), server));
  }));
  static_cast<void>(world[2].start("relay", [&](kernel::Process& self) -> kernel::Task<void> {
    apps::UdpForwardOptions options;
    options.port = 5000;
    options.server = {address_of(1), apps::kEchoPort};
    options.clients = 2;
    static_cast<void>(co_await apps::udp_forward(self, world[2].host.sockets(), options, relay));
  }));
  std::vector<apps::LatencyProbeReport> reports(3);
  for (apps::LatencyProbeReport& report : reports) {
    static_cast<void>(world[1].start("probe", [&](kernel::Process& self) -> kernel::Task<void> {
      const apps::LatencyProbeOptions options{.server = {address_of(2), 5000}, .size = 50, .count = 5};
      static_cast<void>(co_await apps::latency_probe(self, world[1].host.sockets(), options, report));
    }));
    world.run_for(kSecond);
  }
  for (const auto& report : reports) CHECK(report.round_trips.size() == 5);
  CHECK(relay.to_server == 15);
  CHECK(relay.to_clients == 15);
  CHECK(relay.clients == 3);
  CHECK(relay.evicted == 1);
  CHECK(relay.failures == 0);
}

TEST_CASE("recorded frames are played at their times", "[apps]") {
  World world({.stations = 1});
  std::vector<Nanoseconds> times;
  world[1].nic.on_wire = [&](Frame&) {
    times.push_back(world.now());
    return true;
  };
  const std::vector<apps::RecordedFrame> frames = {
      {udp_frame(1, 2, 30), 0}, {udp_frame(1, 2, 40), 5'000}, {Frame(10), 6'000}};
  apps::FramePlayerStats stats;
  static_cast<void>(world[1].start("play", [&](kernel::Process& self) -> kernel::Task<void> {
    co_await apps::play_frames(self, world[1].host.net(), world[1].nic.device(), frames, {.rounds = 2, .speed = 0.5},
                               stats);
  }));
  world.run_for(kSecond);
  CHECK(stats.sent == 4);
  CHECK(stats.refused == 2);
  REQUIRE(times.size() == 4);
  CHECK(times[1] - times[0] == 10'000);
  CHECK(world[1].nic.take_sent().at(1) == frames[1].bytes);
}
