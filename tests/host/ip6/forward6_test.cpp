// SPDX-License-Identifier: Apache-2.0
// IPv6 packets for somebody else: what goes on, what does not, and what their senders hear (RFC 8200, RFC 4443).
#include <catch2/catch.hpp>

#include "tests/host/ip6/router6_world.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using headers::Ipv6Address;

namespace {

struct Report {
  Icmp6Type type{};
  unsigned code = 0;
  std::uint32_t word = 0;
  Ipv6Address from = {};
  friend bool operator==(const Report&, const Report&) = default;
};

/// What the one message says that the router sent back.
Report only_report(const std::vector<Frame>& sent) {
  REQUIRE(sent.size() == 1);
  const auto message = icmp6_of(sent[0]);
  CHECK(message.checksum_ok(ip6_of(sent[0]).source(), ip6_of(sent[0]).destination()));
  return {message.type(), message.code(), message.word(), ip6_of(sent[0]).source()};
}

}  // namespace

TEST_CASE("A router sends IPv6 packets on, one hop older", "[ip6][forward]") {
  Router6World world;
  const std::uint64_t dropped = world.router().host.kernel().drops().total();
  std::optional<unsigned> hop_limit;
  world.right.on_wire = [&](const Frame& out) {
    if (ip6_of(out).destination() == right6(3) && icmp6_of(out).type() == Icmp6Type::echo_request) {
      hop_limit = ip6_of(out).hop_limit();
    }
    return true;
  };
  const auto answers = world.from_left(echo6_request(100, Router6World::through()));
  CHECK(hop_limit == 63U);
  REQUIRE(answers.size() == 1);
  CHECK(icmp6_of(answers[0]).type() == Icmp6Type::echo_reply);
  CHECK(ip6_of(answers[0]).source() == right6(3));
  CHECK(ip6_of(answers[0]).hop_limit() == 63);
  CHECK(world.near().counter("Icmp6.InEchoReplies") == 1);
  CHECK(world.counter("Ip6.OutForwDatagrams") == 2);
  CHECK(world.router().host.kernel().drops().total() == dropped);
}

TEST_CASE("A host sends nothing on", "[ip6][forward]") {
  Router6World world;
  world.set("net.ipv6.conf.all.forwarding", 0);
  const std::uint64_t dropped = world.counter("drop.ip_not_local");
  CHECK(world.from_left(echo6_request(10, Router6World::through())).empty());
  CHECK(world.counter("Ip6.OutForwDatagrams") == 0);
  CHECK(world.counter("Ip6.InAddrErrors") == 1);
  CHECK(world.counter("drop.ip_not_local") == dropped + 1);
}

TEST_CASE("A packet that has come too far ends, and traceroute sees where", "[ip6][forward]") {
  Router6World world;
  auto options = Router6World::through();
  options.hop_limit = 1;
  CHECK(only_report(world.from_left(echo6_request(10, options))) ==
        Report{Icmp6Type::time_exceeded, 0, 0, global_of(2)});
  CHECK(world.counter("Ip6.InHdrErrors") == 1);
  CHECK(world.counter("drop.ip_ttl_expired") == 1);
  options.hop_limit = 2;
  CHECK(only_report(world.from_left(echo6_request(10, options))).type == Icmp6Type::echo_reply);
}

TEST_CASE("Nobody on the way makes pieces of an IPv6 packet", "[ip6][forward]") {
  Router6World world(1400);
  CHECK(only_report(world.from_left(echo6_request(1352, Router6World::through()))).type == Icmp6Type::echo_reply);
  CHECK(only_report(world.from_left(echo6_request(1353, Router6World::through()))) ==
        Report{Icmp6Type::packet_too_big, 0, 1400, global_of(2)});
  CHECK(world.counter("Ip6.InTooBigErrors") == 1);
  CHECK(world.counter("Ip6.FragFails") == 1);
  CHECK(world.counter("drop.ip_too_big") == 1);
}

TEST_CASE("Without a way the sender hears of it", "[ip6][forward]") {
  Router6World world;
  auto options = Router6World::through();
  options.destination = Ipv6Address::of(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
  CHECK(only_report(world.from_left(echo6_request(10, options))) ==
        Report{Icmp6Type::destination_unreachable, 0, 0, global_of(2)});
  CHECK(world.counter("Ip6.InNoRoutes") == 1);
  CHECK(world.counter("drop.ip_no_route") == 1);
}

TEST_CASE("Nobody at the far end who answers: the sender hears of that, too", "[ip6][forward]") {
  Router6World world;
  auto options = Router6World::through();
  options.destination = right6(77);
  std::vector<Frame> sent = world.from_left(echo6_request(10, options));
  CHECK(sent.empty());
  std::size_t told = 0;
  world.router().nic.on_wire = [&](const Frame& out) {
    const auto message = icmp6_of(out);
    if (message.type() == Icmp6Type::destination_unreachable && message.code() == 3) ++told;
    return true;
  };
  world.run_for(10 * kSecond);
  CHECK(told == 1);
  CHECK(world.counter("drop.nd_unresolved") == 1);
}

TEST_CASE("A packet of a link does not leave it", "[ip6][forward]") {
  Router6World world;
  auto options = Router6World::through();
  options.source = headers::link_local_of(mac_of(1));
  CHECK(only_report(world.from_left(echo6_request(10, options))) ==
        Report{Icmp6Type::destination_unreachable, 2, 0, headers::link_local_of(mac_of(2))});
  CHECK(world.counter("Ip6.InAddrErrors") == 1);
  options.source = {};
  CHECK(world.from_left(echo6_request(10, options)).empty());
  CHECK(world.counter("Ip6.InAddrErrors") == 2);
  CHECK(world.counter("Ip6.OutForwDatagrams") == 0);
}

TEST_CASE("Routers look at hop-by-hop options, and at no others", "[ip6][forward]") {
  Router6World world;
  const auto options = Router6World::through();
  const auto with = [&](headers::NextHeader where) {
    return ipv6_frame(where, {std::byte{59}, std::byte{0}, std::byte{0x9e}, std::byte{4}, {}, {}, {}, {}}, options);
  };
  CHECK(only_report(world.from_left(with(headers::NextHeader::hop_by_hop))) ==
        Report{Icmp6Type::parameter_problem, 2, 42, global_of(2)});
  CHECK(world.counter("Ip6.OutForwDatagrams") == 0);
  CHECK(only_report(world.from_left(with(headers::NextHeader::destination_options))).from == right6(3));
}

TEST_CASE("Errors are limited by net.ipv6.icmp.ratelimit, words about size are not", "[ip6][forward]") {
  Router6World world(1400);
  auto nowhere = Router6World::through();
  nowhere.destination = Ipv6Address::of(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
  const auto reports = [&](const Frame& frame) {
    std::size_t all = 0;
    for (int i = 0; i < 30; ++i) all += world.from_left(frame).size();
    return all;
  };
  CHECK(reports(echo6_request(10, nowhere)) == 6);
  CHECK(world.counter("Icmp6.OutRateLimitHost") == 24);
  CHECK(reports(echo6_request(1400, Router6World::through())) == 30);
  world.set("net.ipv6.icmp.ratelimit", 0);
  CHECK(reports(echo6_request(10, nowhere)) == 30);
}

TEST_CASE("A router listens to the group of routers and says that it is one", "[ip6][forward]") {
  Router6World world;
  const auto& eth0 = world.router().nic.device();
  const auto answer = [&] {
    std::uint32_t flags = 0;
    world.router().nic.on_wire = [&](const Frame& out) {
      if (icmp6_of(out).type() == Icmp6Type::neighbor_advertisement) flags = icmp6_of(out).word();
      return true;
    };
    world.router().nic.deliver(solicitation(global_of(2), {.source_mac = mac_of(1), .source = global_of(1)}));
    world.run_for(kMillisecond);
    world.router().nic.on_wire = nullptr;
    return flags;
  };
  CHECK(world.router().host.ip6().mld.is_member(eth0, headers::kAllRouters));
  CHECK((answer() & headers::kNaRouter) != 0);
  world.set("net.ipv6.conf.eth0.forwarding", 0);
  CHECK_FALSE(world.router().host.ip6().mld.is_member(eth0, headers::kAllRouters));
  CHECK(answer() != 0);
  CHECK((answer() & headers::kNaRouter) == 0);
}

TEST_CASE("What came to everybody's station goes nowhere else", "[ip6][forward]") {
  Router6World world;
  auto options = Router6World::through();
  options.destination_mac = base::MacAddress::broadcast();
  CHECK(world.from_left(echo6_request(10, options)).empty());
  CHECK(world.counter("Ip6.OutForwDatagrams") == 0);
  CHECK(world.counter("Ip6.InAddrErrors") == 1);
}

TEST_CASE("A redirect that came too far is told to nobody", "[ip6][forward][icmp6]") {
  Router6World world;
  auto options = Router6World::through();
  options.hop_limit = 1;
  CHECK(world.from_left(icmp6_frame({.type = Icmp6Type::redirect}, Frame(32), options)).empty());
  CHECK(world.counter("drop.ip_ttl_expired") == 1);
}
