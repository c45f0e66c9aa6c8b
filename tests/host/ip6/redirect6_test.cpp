// SPDX-License-Identifier: Apache-2.0
// Redirects and path MTUs: when a router says them, when a host believes them (RFC 4861 section 8, RFC 8201).
#include <catch2/catch.hpp>

#include <algorithm>

#include "host/ip6/ip6_output.hpp"
#include "tests/host/ip6/router6_world.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using headers::Ipv6Address;

namespace {

const Ipv6Address kAway = Ipv6Address::of(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7);
const Ipv6Address kOther = headers::link_local_of(mac_of(9));
const Ipv6Address kRouter = headers::link_local_of(mac_of(2));

/// The router knows that kAway's gateway is a neighbour of the sender's.
struct Detour6 : Router6World {
  Detour6() { add_route(router(), router().nic, {Ipv6Address::of(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32}, kOther); }
  static Packet6Options away(const Ipv6Address& source = global_of(1)) {
    auto options = through();
    options.source = source;
    options.destination = kAway;
    return options;
  }
  std::size_t redirects(const Frame& frame) {
    const std::uint64_t before = counter("Icmp6.OutRedirects");
    static_cast<void>(from_left(frame));
    return counter("Icmp6.OutRedirects") - before;
  }
};

/// A host with a default route by station 2, and what it makes of what it hears.
struct Believing6 : Lone6 {
  Believing6() {
    REQUIRE(ip6().routes.add({.prefix = {}, .device = &eth0(), .gateway = kRouter}).ok());
    introduce();
  }
  ip6::OutputRoute6 route(const Ipv6Address& to = kAway) {
    return ip6_route_output(ip6(), station().host.kernel().cpu(0), {.destination = to}).value();
  }
  static Frame quote(const Ipv6Address& source = global_of(1)) {
    Packet6Options options;
    options.source = source;
    options.destination = kAway;
    const Frame frame = echo6_request(40, options);
    return {frame.begin() + kIp6At, frame.end()};
  }
  void hear_redirect(const Ipv6Address& target, const Ipv6Address& from = kRouter, unsigned hop_limit = 255) {
    headers::RedirectMessage redirect{target, kAway, {}};
    const Frame about = quote();
    redirect.options.target_link_layer = mac_of(9);
    redirect.options.redirected = about;
    Frame body(32 + 8 + 8 + about.size());
    headers::write_redirect_body(body, redirect);
    Packet6Options options;
    options.source = from;
    options.hop_limit = static_cast<std::uint8_t>(hop_limit);
    static_cast<void>(answer_to(icmp6_frame({.type = Icmp6Type::redirect}, body, options)));
  }
  void hear_too_big(std::uint32_t mtu, const Ipv6Address& source = global_of(1)) {
    static_cast<void>(
        answer_to(icmp6_frame({.type = Icmp6Type::packet_too_big, .code = 0, .word = mtu}, quote(source))));
  }
};

}  // namespace

TEST_CASE("A router tells a neighbour of the better gateway, and sends the packet on", "[ip6][redirect]") {
  Detour6 world;
  world.router().host.ip6().neighbours.update(world.router().host.kernel().cpu(0), world.router().nic.device(), kOther,
                                              {.mac = mac_of(9), .override_mac = true, .create = true});
  auto sent = world.from_left(echo6_request(100, Detour6::away()));
  REQUIRE(sent.size() == 2);  // the redirect, and the packet
  std::partition(sent.begin(), sent.end(),
                 [](const Frame& frame) { return icmp6_of(frame).type() == Icmp6Type::redirect; });
  const auto packet = ip6_of(sent[0]);
  CHECK(packet.source() == kRouter);
  CHECK(packet.destination() == global_of(1));
  CHECK(packet.hop_limit() == 255);
  const auto redirect = headers::parse_redirect(icmp6_of(sent[0]));
  REQUIRE(redirect);
  CHECK(redirect->target == kOther);
  CHECK(redirect->destination == kAway);
  CHECK(redirect->options.target_link_layer == mac_of(9));
  CHECK(redirect->options.redirected.size() == 144);  // of 148: whole units
  CHECK(headers::Ipv6View::parse_quoted(redirect->options.redirected)->destination() == kAway);
  CHECK(ip6_of(sent[1]).destination() == kAway);
  CHECK(world.counter("Ip6.OutForwDatagrams") == 1);
}

TEST_CASE("Redirects stay few, and go to neighbours only", "[ip6][redirect]") {
  Detour6 world;
  std::size_t sent = 0;
  for (int i = 0; i < 20; ++i) sent += world.redirects(echo6_request(10, Detour6::away()));
  CHECK(sent == 6);
  world.run_for(1'100 * kMillisecond);
  CHECK(world.redirects(echo6_request(10, Detour6::away())) == 1);
  Detour6 other;
  CHECK(other.redirects(echo6_request(10, Detour6::away(Ipv6Address::of(0xfd77, 0, 0, 0, 0, 0, 0, 1)))) == 0);
  CHECK(other.redirects(echo6_request(10, Detour6::away())) == 1);
}

TEST_CASE("A host goes by the gateway that it was told, for a while", "[ip6][redirect]") {
  Believing6 world;
  CHECK(world.route().next_hop == kRouter);
  world.hear_redirect(kOther);
  CHECK(world.route().next_hop == kOther);
  CHECK(world.ip6().neighbours.find(world.eth0(), kOther)->mac == mac_of(9));
  CHECK(world.route(Ipv6Address::of(0x2001, 0xdb8, 0, 0, 0, 0, 0, 8)).next_hop == kRouter);
  world.run_for(61 * kSecond);
  CHECK(world.route().next_hop == kRouter);
  world.set(1, "net.ipv6.route.gc_timeout", 300);
  world.hear_redirect(kAway);  // it is on the link itself
  world.run_for(200 * kSecond);
  CHECK(world.route().next_hop == kAway);
}

TEST_CASE("Redirects of others, from afar, or to where no router is, are not believed", "[ip6][redirect]") {
  Believing6 world;
  world.hear_redirect(kOther, headers::link_local_of(mac_of(3)));
  CHECK(world.route().next_hop == kRouter);
  world.hear_redirect(kOther, kRouter, 254);
  CHECK(world.route().next_hop == kRouter);
  world.hear_redirect(global_of(9));
  CHECK(world.route().next_hop == kRouter);
  world.hear_redirect(kOther, global_of(2));
  CHECK(world.route().next_hop == kRouter);
  world.set(1, "net.ipv6.conf.eth0.accept_redirects", 0);
  world.hear_redirect(kOther);
  CHECK(world.route().next_hop == kRouter);
  world.set(1, "net.ipv6.conf.eth0.accept_redirects", 1);
  world.set(1, "net.ipv6.conf.eth0.forwarding", 1);
  world.hear_redirect(kOther);
  CHECK(world.route().next_hop == kRouter);
  world.set(1, "net.ipv6.conf.eth0.forwarding", 0);
  world.hear_redirect(kOther);
  CHECK(world.route().next_hop == kOther);
}

TEST_CASE("A host remembers what a path takes, and asks again after mtu_expires", "[ip6][pmtu]") {
  Believing6 world;
  CHECK(mtu_of(world.route()) == 1500);
  world.hear_too_big(1400);
  CHECK(mtu_of(world.route()) == 1400);
  CHECK(mtu_of(world.route(global_of(2))) == 1500);
  world.hear_too_big(1450);
  CHECK(mtu_of(world.route()) == 1400);  // it grows by time alone
  world.run_for(599 * kSecond);
  CHECK(mtu_of(world.route()) == 1400);
  world.run_for(2 * kSecond);
  CHECK(mtu_of(world.route()) == 1500);
  world.set(1, "net.ipv6.route.mtu_expires", 10);
  world.hear_too_big(1300);
  world.run_for(11 * kSecond);
  CHECK(mtu_of(world.route()) == 1500);
}

TEST_CASE("Incredible path MTUs are not believed", "[ip6][pmtu]") {
  Believing6 world;
  for (const std::uint32_t told : {0U, 68U, 1279U, 1500U, 9000U}) {
    world.hear_too_big(told);
    CHECK(mtu_of(world.route()) == 1500);
  }
  world.hear_too_big(1300, global_of(5));  // no packet of ours
  CHECK(mtu_of(world.route()) == 1500);
  world.hear_too_big(1280);
  CHECK(mtu_of(world.route()) == 1280);
}

TEST_CASE("Beyond a narrow link the second large echo arrives, in pieces", "[ip6][pmtu]") {
  Router6World world(1400);
  const auto send = [&] {
    auto& host = world.near().host;
    const auto route = ip6_route_output(host.ip6(), host.kernel().cpu(0), {.destination = right6(3)});
    const Frame echo = echo6_request(1440, Router6World::through());
    skb::Skb packet = host.pool().allocate(1448);
    const auto payload = ip6_of(echo).payload();
    std::ranges::copy(payload, packet->put(static_cast<std::uint32_t>(payload.size())).begin());
    REQUIRE(
        ip6_xmit(host.ip6(), host.kernel().cpu(0), std::move(packet), *route, {.protocol = headers::NextHeader::icmp6})
            .ok());
    world.run_for(10 * kMillisecond);
    return world.far().counter("Icmp6.InEchos");
  };
  CHECK(send() == 0);
  CHECK(world.near().counter("Icmp6.InPktTooBigs") == 1);
  CHECK(send() == 1);
  CHECK(world.near().counter("Ip6.FragCreates") == 2);
  CHECK(world.far().counter("Ip6.ReasmOKs") == 1);
}
