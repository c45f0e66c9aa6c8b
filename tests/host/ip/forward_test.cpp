// SPDX-License-Identifier: Apache-2.0
// A router between two hosts: what goes on, what is told to the sender, what is counted (RFC 1812).
#include <catch2/catch.hpp>

#include <random>

#include "host/apps/ping.hpp"
#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/ip/ip_route.hpp"
#include "tests/host/ip/router_world.hpp"

using namespace host;
using namespace host_test;
using headers::IcmpType;
using headers::IcmpView;
using headers::Ipv4Address;
using headers::Ipv4Prefix;
using ip::RouteType;

namespace {

IcmpView message_of(const Frame& frame) {
  return IcmpView::parse(ip_of(frame).payload()).value();
}

void run_ping(RouterWorld& world, apps::PingReport& report, std::size_t size = 56) {
  static_cast<void>(world.near().start("ping", [&world, &report, size](kernel::Process& self) -> kernel::Task<void> {
    const apps::PingOptions options{.target = right_address(3), .count = 3, .size = size, .interval = kMillisecond};
    co_await apps::ping(self, world.near().host.sockets(), options, report);
  }));
  world.run_for(5 * kSecond);
}

Frame dont_fragment(Frame frame) {
  base::store_be16(frame, kIpAt + 6, 0x4000);
  base::store_be16(frame, kIpAt + 10, 0);
  base::store_be16(frame, kIpAt + 10, base::internet_checksum(std::span(frame).subspan(kIpAt, 20)));
  return frame;
}

}  // namespace

TEST_CASE("a ping goes through the router and back, one hop older each way", "[ip][forward]") {
  RouterWorld world;
  std::vector<std::uint8_t> ttls;
  world.right.on_wire = [&](const Frame& frame) {
    if (headers::EthernetView::parse(frame)->type() == headers::EtherType::ipv4) {
      const auto view = headers::Ipv4View::parse(std::span(frame).subspan(kIpAt));
      ttls.push_back(std::get<headers::Ipv4View>(view).ttl());  // whose checksum is right
    }
    return true;
  };
  apps::PingReport report;
  run_ping(world, report);
  CHECK(report.received == 3);
  CHECK(report.corrupted == 0);
  CHECK(ttls == std::vector<std::uint8_t>{63, 63, 63});
  CHECK(world.counter("Ip.ForwDatagrams") == 6);
  CHECK(world.counter("Ip.OutTransmits") == 6);
  CHECK(world.counter("Ip.OutRequests") == 0);
  CHECK(world.counter("Ip.InDelivers") == 0);
  CHECK(world.counter("Ip.Forwarding") == 1);
  CHECK(world.near().counter("Ip.Forwarding") == 2);
  CHECK(world.router().host.kernel().drops().total() == 0);
  CHECK(world.router().host.pool().in_use() == 0);
}

TEST_CASE("a host that does not forward counts and keeps silent", "[ip][forward]") {
  RouterWorld world;
  REQUIRE(world.set("net.ipv4.ip_forward", 0));
  apps::PingReport report;
  run_ping(world, report);
  CHECK(report.received == 0);
  CHECK(world.counter("Ip.InAddrErrors") == 3);
  CHECK(world.counter("drop.ip_not_local") == 3);
  CHECK(world.counter("eth1.tx_packets") == 0);

  // One device's word is enough for what comes by it.
  REQUIRE(world.set("net.ipv4.conf.eth0.forwarding", 1));
  CHECK(world.from_left(udp_frame(4000, 9, 10, RouterWorld::through())).empty());
  CHECK(world.counter("Ip.ForwDatagrams") == 1);
}

TEST_CASE("ip_forward and conf.all.forwarding are one, and decide about redirects", "[ip][forward][sysctl]") {
  RouterWorld world;
  const auto& sysctl = world.router().host.kernel().sysctl();
  CHECK(*sysctl.value("net.ipv4.conf.all.forwarding") == 1);
  CHECK(*sysctl.value("net.ipv4.conf.default.forwarding") == 1);
  CHECK(*sysctl.value("net.ipv4.conf.eth1.forwarding") == 1);
  CHECK(*sysctl.value("net.ipv4.conf.all.accept_redirects") == 0);
  REQUIRE(world.set("net.ipv4.conf.eth1.forwarding", 0));
  REQUIRE(world.set("net.ipv4.ip_forward", 1));  // nothing new: eth1 keeps its own
  CHECK(*sysctl.value("net.ipv4.conf.eth1.forwarding") == 0);
  REQUIRE(world.set("net.ipv4.conf.all.forwarding", 0));
  CHECK(*sysctl.value("net.ipv4.ip_forward") == 0);
  CHECK(*sysctl.value("net.ipv4.conf.eth0.forwarding") == 0);
  CHECK(*sysctl.value("net.ipv4.conf.all.accept_redirects") == 1);
  CHECK_FALSE(sysctl.contains("net.ipv4.conf.eth2.forwarding"));
}

using Answer = std::pair<IcmpType, unsigned>;

TEST_CASE("the sender is told why his packet does not arrive", "[ip][forward][icmp]") {
  struct Row {
    const char* what;
    PacketOptions options;
    std::optional<ip::Route> route;
    std::optional<Answer> answer;
    const char* counter;
    const char* reason;
  };
  const Ipv4Address nowhere = Ipv4Address::of(203, 0, 113, 1);
  const auto to = [&](Ipv4Address destination, std::uint8_t ttl = 64) {
    PacketOptions options = RouterWorld::through();
    options.destination = destination;
    options.ttl = ttl;
    return options;
  };
  const auto route = [&](RouteType type) { return ip::Route{.prefix = {nowhere, 32}, .type = type}; };
  const auto unreachable = IcmpType::destination_unreachable;
  PacketOptions to_all_stations = RouterWorld::through();
  to_all_stations.destination_mac = base::MacAddress::broadcast();
  const Row rows[] = {
      {"too old",
       to(right_address(3), 1),
       {},
       Answer{IcmpType::time_exceeded, 0},
       "Ip.InHdrErrors",
       "drop.ip_ttl_expired"},
      {"dead on arrival",
       to(right_address(3), 0),
       {},
       Answer{IcmpType::time_exceeded, 0},
       "Ip.InHdrErrors",
       "drop.ip_ttl_expired"},
      {"no route", to(nowhere), {}, Answer{unreachable, 0}, "IpExt.InNoRoutes", "drop.ip_no_route"},
      {"unreachable", to(nowhere), route(RouteType::unreachable), Answer{unreachable, 1}, "rt_cache.in_no_route",
       "drop.ip_no_route"},
      {"prohibited", to(nowhere), route(RouteType::prohibit), Answer{unreachable, 13}, "rt_cache.in_no_route",
       "drop.ip_no_route"},
      {"black hole", to(nowhere), route(RouteType::blackhole), {}, "rt_cache.in_no_route", "drop.ip_no_route"},
      {"in a broadcast frame", to_all_stations, {}, {}, "drop.ip_not_local", "drop.ip_not_local"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    RouterWorld world;
    if (row.route) {
      REQUIRE(world.router().host.ip().routes.add(*row.route).ok());
    }
    const Frame frame = udp_frame(4000, 9, 100, row.options);
    const auto answers = world.from_left(frame);
    CHECK(world.counter(row.counter) == 1);
    CHECK(world.counter(row.reason) == 1);
    CHECK(world.router().host.kernel().drops().total() == 1);
    REQUIRE(answers.size() == (row.answer ? 1 : 0));
    if (row.answer) {
      CHECK(ip_of(answers[0]).source() == address_of(2));  // the router's address on our side
      CHECK(ip_of(answers[0]).tos() == 0xc0);
      CHECK(message_of(answers[0]).type() == row.answer->first);
      CHECK(message_of(answers[0]).fields().code == row.answer->second);
      const auto quote = message_of(answers[0]).payload();
      CHECK(std::equal(quote.begin(), quote.end(), frame.begin() + kIpAt));
    }
  }
}

TEST_CASE("a packet too large for the way, not to be fragmented, is answered with the MTU", "[ip][forward][icmp]") {
  RouterWorld world(600);
  const auto answers = world.from_left(dont_fragment(udp_frame(4000, 9, 573, RouterWorld::through())));
  REQUIRE(answers.size() == 1);
  CHECK(message_of(answers[0]).fields().code == 4);
  CHECK(message_of(answers[0]).fields().sequence == 600);
  CHECK(world.counter("Ip.FragFails") == 1);
  CHECK(world.counter("drop.ip_too_big") == 1);
  static_cast<void>(world.from_left(dont_fragment(udp_frame(4000, 9, 572, RouterWorld::through()))));
  CHECK(world.far().counter("Udp.NoPorts") == 1);  // it has arrived
  CHECK(world.counter("drop.ip_too_big") == 1);
}

TEST_CASE("a merged packet passes where the packets passed that it is made of", "[ip][forward][gso]") {
  RouterWorld world(600);
  Station& router = world.router();
  std::vector<std::size_t> arrived;
  world.right.on_wire = [&](const Frame& frame) {
    if (headers::EthernetView::parse(frame)->type() == headers::EtherType::ipv4) arrived.push_back(frame.size());
    return true;
  };
  const auto merged = [&](std::uint16_t gso_size) {
    const Frame frame = dont_fragment(udp_frame(4000, 9, 1'500, RouterWorld::through()));
    skb::Skb skb = router.host.pool().allocate(static_cast<std::uint32_t>(frame.size()));
    std::ranges::copy(frame, skb->put(static_cast<std::uint32_t>(frame.size())).begin());
    REQUIRE(device::eth_type_trans(*skb, router.nic.device()));
    skb->ip_summed = skb::IpSummed::unnecessary;
    skb->gso_type = skb::GsoType::udp_l4;
    skb->gso_size = gso_size;
    auto& cpu = router.host.kernel().cpu(0);
    router.host.net().netif_receive_skb(cpu, std::move(skb));
    world.run_for(kSecond);
  };
  merged(500);  // 528 bytes each
  CHECK(arrived == std::vector<std::size_t>{14 + 528, 14 + 528, 14 + 528});
  CHECK(world.counter("drop.ip_too_big") == 0);
  merged(600);  // 628 bytes each
  CHECK(arrived.size() == 3);
  CHECK(world.counter("drop.ip_too_big") == 1);
}

TEST_CASE("a neighbour who does not answer is unreachable to the sender", "[ip][forward][icmp]") {
  RouterWorld world;
  PacketOptions options = RouterWorld::through();
  options.destination = right_address(77);
  CHECK(world.from_left(udp_frame(4000, 9, 10, options)).empty());
  world.run_for(4 * kSecond);
  CHECK(world.counter("drop.arp_unresolved") == 1);
  CHECK(world.near().counter("Icmp.InDestUnreachs") == 1);
}

TEST_CASE("icmp_ratemask says which messages are limited", "[ip][icmp][limit]") {
  const auto answers_to_hundred = [](RouterWorld& world, std::uint8_t ttl) {
    PacketOptions options = RouterWorld::through();
    options.ttl = ttl;
    options.destination = ttl == 1 ? options.destination : address_of(2);
    std::size_t answers = 0;
    for (unsigned i = 0; i < 100; ++i) {
      answers += world.from_left(echo_request(10, options)).size();
    }
    return answers;
  };
  RouterWorld world;
  CHECK(answers_to_hundred(world, 64) == 100);  // echo replies are free
  CHECK(answers_to_hundred(world, 1) == 6);
  REQUIRE(world.set("net.ipv4.icmp_ratemask", 0x1819));
  CHECK(answers_to_hundred(world, 64) == 0);  // the tokens are the same ones
  REQUIRE(world.set("net.ipv4.icmp_ratemask", 0));
  CHECK(answers_to_hundred(world, 1) == 100);
}

TEST_CASE("a recorded route names the router where the packet leaves, a timestamp its time", "[ip][forward][options]") {
  RouterWorld world;
  std::vector<Frame> arrived;
  world.right.on_wire = [&](const Frame& frame) {
    if (headers::EthernetView::parse(frame)->type() == headers::EtherType::ipv4) arrived.push_back(frame);
    return true;
  };
  const Frame plain = echo_request(8, RouterWorld::through());
  world.run_for(7 * kSecond);
  static_cast<void>(world.from_left(with_options(plain, {7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0})));
  static_cast<void>(world.from_left(with_options(plain, {68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0})));
  static_cast<void>(world.from_left(with_options(plain, {68, 8, 9, 0, 0, 0, 0, 0})));
  // Addresses that the sender named: one is nobody's here, one is the router's.
  static_cast<void>(world.from_left(with_options(plain, {68, 12, 5, 3, 10, 9, 9, 9, 0, 0, 0, 0})));
  const std::uint32_t own = right_address(2).value;
  static_cast<void>(world.from_left(
      with_options(plain, {68, 12, 5, 3, own >> 24, own >> 16 & 0xff, own >> 8 & 0xff, own & 0xff, 0, 0, 0, 0})));
  world.run_for(kSecond);
  REQUIRE(arrived.size() == 5);
  const auto options = [&](std::size_t i) { return ip_of(arrived[i]).options(); };  // ip_of checks the checksum
  CHECK(base::load_u8(options(0), 2) == 8);
  CHECK(base::load_be32(options(0), 3) == right_address(2).value);
  CHECK(base::load_u8(options(1), 2) == 13);
  CHECK(base::load_be32(options(1), 4) == right_address(2).value);
  CHECK(base::load_be32(options(1), 8) == 7001);
  CHECK(base::load_u8(options(2), 3) == 0x10);  // no room: one overflow
  CHECK(base::load_u8(options(3), 2) == 5);
  CHECK(base::load_be32(options(3), 8) == 0);
  CHECK(base::load_u8(options(4), 2) == 13);
  CHECK(base::load_be32(options(4), 8) == 7004);
  CHECK(ip_of(arrived[0]).payload().size() == 16);
}

TEST_CASE("mutated frames through a router are all accounted for", "[ip][forward][fuzz]") {
  std::mt19937 random(GENERATE(range(1U, 5U)));
  RouterWorld world;
  const Frame frames[] = {udp_frame(4000, 9, 60, RouterWorld::through()), echo_request(20, RouterWorld::through()),
                          with_options(echo_request(8, RouterWorld::through()), {7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0})};
  for (unsigned i = 0; i < 3000; ++i) {
    Frame frame = frames[random() % std::size(frames)];
    for (std::size_t flips = random() % 3; flips > 0; --flips) {
      frame[kIpAt + random() % 32] ^= static_cast<std::byte>(1U << random() % 8);
    }
    base::store_be16(frame, kIpAt + 10, 0);
    const std::size_t header = std::min<std::size_t>((base::load_u8(frame, kIpAt) & 0xfU) * 4U, frame.size() - kIpAt);
    base::store_be16(frame, kIpAt + 10, base::internet_checksum(std::span(frame).subspan(kIpAt, header)));
    world.router().nic.deliver(std::move(frame));
    if (i % 16 == 0) {
      world.run_for(kMillisecond);
    }
  }
  world.run_for(60 * kSecond);
  const auto c = world.router().host.counters();
  const auto sum = [&](std::initializer_list<const char*> names) {
    std::uint64_t total = 0;
    for (const char* name : names) {
      total += c.at(name);
    }
    return total;
  };
  CHECK(c.at("Ip.ForwDatagrams") > 500);
  CHECK(c.at("Ip.InReceives") + c.at("Ip.ReasmOKs") ==
        sum({"Ip.InHdrErrors", "IpExt.InTruncatedPkts", "Ip.InAddrErrors", "Ip.InDiscards", "drop.ip_bad_source",
             "drop.ip_bad_destination", "drop.ip_source_route", "drop.ip_not_member", "drop.ip_no_route",
             "drop.ip_not_local", "Ip.ReasmReqds", "Ip.InUnknownProtos", "Ip.InDelivers", "Ip.ForwDatagrams"}));
  CHECK(c.at("skb.in_use") == 0);
}
