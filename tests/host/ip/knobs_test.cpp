// SPDX-License-Identifier: Apache-2.0
// Tunables of IPv4 that change numbers rather than decisions: limits, times, sizes.
#include <catch2/catch.hpp>

#include "host/ip/icmp_limit.hpp"
#include "host/ip/ip_route.hpp"
#include "tests/host/ip/router_world.hpp"

using namespace host;
using namespace host_test;
using headers::IcmpType;
using headers::Ipv4Address;
using kernel::Process;
using kernel::Task;

namespace {

constexpr Ipv4Address kFar{0xc6336407};  // 198.51.100.7

bool set(Station& station, const char* name, std::int64_t value) {
  return station.host.kernel().sysctl().set(name, value).ok();
}

std::size_t errors_of(Lone& world, unsigned datagrams) {
  std::size_t answers = 0;
  for (unsigned i = 0; i < datagrams; ++i) answers += world.answer_to(udp_frame(4000, 9, 10)).size();
  return answers;
}

/// IGMP messages that go out within the time.
std::vector<Nanoseconds> told(Lone& world, Nanoseconds duration) {
  std::vector<Nanoseconds> times;
  world.station().nic.on_wire = [&](const Frame& frame) {
    const auto type = headers::EthernetView::parse(frame)->type();
    if (type == headers::EtherType::ipv4 && ip_of(frame).protocol() == headers::IpProtocol::igmp)
      times.push_back(world.now());
    return false;
  };
  world.run_for(duration);
  world.station().nic.on_wire = nullptr;
  return times;
}

Nanoseconds longest_pause(const char* knob, std::int64_t milliseconds, std::int64_t version) {
  Nanoseconds longest = 0;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Lone world({.seed = seed});
    auto& host = world.station().host;
    REQUIRE(set(world.station(), "net.ipv4.conf.eth0.force_igmp_version", version));
    REQUIRE(set(world.station(), knob, milliseconds));
    host.ip().igmp.join(host.kernel().cpu(0), world.station().nic.device(), Ipv4Address{0xef010203});
    const auto times = told(world, 120 * kSecond);
    REQUIRE(times.size() == 2);
    longest = std::max(longest, times[1] - times[0]);
  }
  return longest;
}

}  // namespace

TEST_CASE("ip_default_ttl is what our packets start with", "[ip][sysctl]") {
  Lone world;
  CHECK(ip_of(world.answer_to(udp_frame(4000, 9, 10)).at(0)).ttl() == 64);
  REQUIRE(set(world.station(), "net.ipv4.ip_default_ttl", 9));
  CHECK(ip_of(world.answer_to(udp_frame(4000, 9, 10)).at(0)).ttl() == 9);
}

TEST_CASE("icmp_ratelimit is the time between errors to one host", "[ip][icmp][sysctl]") {
  Lone world;
  REQUIRE(set(world.station(), "net.ipv4.icmp_ratelimit", 250));
  CHECK(errors_of(world, 20) == 6);
  world.run_for(kSecond);
  CHECK(errors_of(world, 20) == 4);
  REQUIRE(set(world.station(), "net.ipv4.icmp_ratelimit", 0));
  CHECK(errors_of(world, 40) == 40);
}

TEST_CASE("icmp_msgs_burst and icmp_msgs_per_sec bound errors to all hosts", "[ip][icmp][sysctl]") {
  kernel::SysctlTable sysctl;
  ip::IcmpLimiter limiter(sysctl);
  const auto allowed = [&](Nanoseconds now) {
    unsigned count = 0;
    for (unsigned i = 0; i < 500; ++i) {
      count += limiter.take(Ipv4Address{0x0a00'0000 + i * 7919}, now) == ip::IcmpLimit::allowed ? 1U : 0U;
    }
    return count;
  };
  REQUIRE(sysctl.set("net.ipv4.icmp_ratelimit", 0).ok());
  CHECK(allowed(kSecond) == 50);
  REQUIRE(sysctl.set("net.ipv4.icmp_msgs_burst", 200).ok());
  CHECK(allowed(2 * kSecond) == 200);
  CHECK(allowed(2 * kSecond + 100 * kMillisecond) == 100);  // 1000 a second
  REQUIRE(sysctl.set("net.ipv4.icmp_msgs_per_sec", 200).ok());
  CHECK(allowed(2 * kSecond + 200 * kMillisecond) == 20);
}

TEST_CASE("redirect_number, redirect_load and redirect_silence say how often redirects are sent", "[ip][sysctl]") {
  RouterWorld world;
  REQUIRE(world.router().host.add_route({{kFar.value & 0xffffff00U}, 24}, address_of(9)).ok());
  PacketOptions options = RouterWorld::through();
  options.destination = kFar;
  const auto redirects = [&] {
    const std::uint64_t before = world.counter("Icmp.OutRedirects");
    static_cast<void>(world.from_left(udp_frame(4000, 9, 10, options)));
    return world.counter("Icmp.OutRedirects") - before;
  };
  REQUIRE(world.set("net.ipv4.route.redirect_load", 500));
  REQUIRE(world.set("net.ipv4.route.redirect_number", 2));
  REQUIRE(world.set("net.ipv4.icmp_ratelimit", 0));
  CHECK(redirects() == 1);
  world.run_for(900 * kMillisecond);
  CHECK(redirects() == 0);  // twice 500 ms are not over
  world.run_for(110 * kMillisecond);
  CHECK(redirects() == 1);
  world.run_for(15 * kSecond);
  CHECK(redirects() == 0);  // that were two
  REQUIRE(world.set("net.ipv4.route.redirect_silence", 3000));
  world.run_for(2900 * kMillisecond);
  CHECK(redirects() == 0);
  world.run_for(3100 * kMillisecond);
  CHECK(redirects() == 1);
}

TEST_CASE("gc_timeout is how long a redirect is believed", "[ip][sysctl]") {
  for (const std::int64_t seconds : {5, 60}) {
    Lone world;
    auto& host = world.station().host;
    REQUIRE(host.add_route({}, address_of(2)).ok());
    REQUIRE(set(world.station(), "net.ipv4.route.gc_timeout", seconds));
    Frame quote(28);
    headers::write_ipv4(
        quote,
        {.total_length = 28, .protocol = headers::IpProtocol::icmp, .source = address_of(1), .destination = kFar});
    quote[20] = std::byte{8};
    const std::uint32_t gateway = address_of(9).value;
    static_cast<void>(world.answer_to(icmp_frame({.type = IcmpType::redirect,
                                                  .code = 1,
                                                  .id = static_cast<std::uint16_t>(gateway >> 16),
                                                  .sequence = static_cast<std::uint16_t>(gateway)},
                                                 quote)));
    const auto by = [&] { return ip_route_output(host.ip(), host.kernel().cpu(0), kFar)->next_hop; };
    CHECK(by() == address_of(9));
    world.run_for(seconds * kSecond - 100 * kMillisecond);
    CHECK(by() == address_of(9));
    world.run_for(200 * kMillisecond);
    CHECK(by() == address_of(2));
  }
}

TEST_CASE("unsolicited_report_interval is the longest pause before a report is repeated", "[ip][igmp][sysctl]") {
  const char* const v3 = "net.ipv4.conf.eth0.igmpv3_unsolicited_report_interval";
  const char* const v2 = "net.ipv4.conf.eth0.igmpv2_unsolicited_report_interval";
  CHECK(longest_pause(v3, 1'000, 3) < 1'010 * kMillisecond);
  const Nanoseconds slow = longest_pause(v3, 20'000, 3);
  CHECK(slow > 5 * kSecond);
  CHECK(slow < 20'010 * kMillisecond);
  CHECK(longest_pause(v2, 500, 2) < 510 * kMillisecond);
  CHECK(longest_pause(v2, 60'000, 2) > 15 * kSecond);
}

TEST_CASE("rmem_default is a socket's first buffer, rmem_max the most it may ask for", "[ip][sysctl]") {
  /// How many of 400 datagrams a new socket drops that asks for `asked` bytes, or for none.
  const auto dropped = [](std::int64_t first, std::int64_t most, int asked) {
    Lone world;
    REQUIRE(set(world.station(), "net.core.rmem_default", first));
    REQUIRE(set(world.station(), "net.core.rmem_max", most));
    static_cast<void>(world.station().start("reader", [&world, asked](Process& self) -> Task<void> {
      auto& calls = world.station().host.sockets();
      const int fd = *calls.socket(self, socket::SocketKind::udp);
      if (asked != 0) {
        CHECK(calls.set_receive_buffer(fd, asked).ok());
      }
      CHECK(calls.bind(self, fd, {{}, 1000}).ok());
      co_return;
    }));
    for (unsigned i = 0; i < 400; ++i) static_cast<void>(world.answer_to(udp_frame(4000, 1000, 10)));
    return world.counter("Udp.RcvbufErrors");
  };
  const auto usual = dropped(212'992, 212'992, 0);
  CHECK(usual > 0);
  CHECK(dropped(21'299, 212'992, 0) > usual + 50);
  CHECK(dropped(2'000'000, 212'992, 0) == 0);
  CHECK(dropped(212'992, 212'992, 1'000'000) < usual);  // it gets twice rmem_max
  CHECK(dropped(212'992, 10'000, 1'000'000) > usual + 50);
}
