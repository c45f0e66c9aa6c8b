// SPDX-License-Identifier: Apache-2.0
// Addresses that come by themselves: link-local ones, duplicate detection, routers' networks (RFC 4862).
#include <catch2/catch.hpp>

#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using headers::Ipv6Address;
using headers::Ipv6Prefix;
using ip6::AddressState;

namespace {

const Ipv6Address kRouter = Ipv6Address::of(0xfe80, 0, 0, 0, 0, 0, 0, 0x99);

struct Advertised {
  unsigned lifetime = 1800;
  unsigned hop_limit = 0;
  std::optional<std::string> prefix = {};
  unsigned flags = 0xc0;  // on link, autonomous
  unsigned valid = 1000;
  unsigned preferred = 500;
  Ipv6Address router = kRouter;
};

Frame router_advertisement(const Advertised& what) {
  Frame body(8 + (what.prefix ? 32 : 0));
  if (what.prefix) {
    const auto prefix = *Ipv6Prefix::parse(*what.prefix);
    auto option = std::span(body).subspan(8);
    base::store_u8(option, 0, 3);
    base::store_u8(option, 1, 4);
    base::store_u8(option, 2, static_cast<std::uint8_t>(prefix.length));
    base::store_u8(option, 3, static_cast<std::uint8_t>(what.flags));
    base::store_be32(option, 4, what.valid);
    base::store_be32(option, 8, what.preferred);
    prefix.address.store(option, 16);
  }
  Packet6Options options;
  options.source = what.router;
  options.destination = headers::kAllNodes;
  options.hop_limit = 255;
  return icmp6_frame({.type = Icmp6Type::router_advertisement, .code = 0, .word = what.hop_limit << 24 | what.lifetime},
                     body, options);
}

/// A station whose IPv6 nobody has touched yet.
struct Fresh : World {
  Fresh() : World({.stations = 1, .cpus = 1, .mtu = 1500, .host = {}}) {}
  Station& station() { return (*this)[1]; }
  device::NetDevice& eth0() { return station().nic.device(); }
  ip6::Ip6Layer& ip6() { return station().host.ip6(); }
  void set(std::string_view name, std::int64_t value) {
    REQUIRE(station().host.kernel().sysctl().set(name, value).ok());
  }
  void enable() { set("net.ipv6.conf.eth0.disable_ipv6", 0); }
  /// What is sent in that time, but for reports of groups: those are mld_test's.
  std::vector<Frame> after(Nanoseconds time) {
    run_for(time);
    return without_mld(station().nic.take_sent());
  }
  ip6::InterfaceAddress6* address(const std::string& text) {
    return ip6().addresses.find(eth0(), *Ipv6Address::parse(text));
  }
};

std::vector<Icmp6Type> types_of(const std::vector<Frame>& frames) {
  std::vector<Icmp6Type> types;
  for (const Frame& frame : frames) types.push_back(icmp6_of(frame).type());
  return types;
}

constexpr const char* kLinkLocal = "fe80::ff:fe00:1";
constexpr const char* kLearnt = "2001:db8::ff:fe00:1";

}  // namespace

TEST_CASE("A host has no IPv6 until it is enabled, and none again when it is disabled", "[ip6][addrconf]") {
  Fresh world;
  CHECK(world.after(5 * kSecond).empty());
  CHECK(world.ip6().addresses.all().empty());
  world.station().nic.deliver(echo6_request(10));
  CHECK(world.after(kSecond).empty());
  CHECK(world.station().counter("drop.ip6_disabled") == 1);
  CHECK(world.ip6()
            .addrconf->add_address(world.station().host.kernel().cpu(0), world.eth0(), {global_of(1), 64})
            .error() == base::Errno::access);
  world.enable();
  const auto sent = world.after(20 * kSecond);
  // One probe, then three questions for routers.
  CHECK(types_of(sent) == std::vector{Icmp6Type::neighbor_solicitation, Icmp6Type::router_solicitation,
                                      Icmp6Type::router_solicitation, Icmp6Type::router_solicitation});
  CHECK(ip6_of(sent[0]).source().is_unspecified());
  CHECK(to_string(ip6_of(sent[1]).source()) == kLinkLocal);
  CHECK(ip6_of(sent[1]).destination() == headers::kAllRouters);
  REQUIRE(world.address(kLinkLocal) != nullptr);
  CHECK(world.address(kLinkLocal)->state == AddressState::preferred);
  world.set("net.ipv6.conf.all.disable_ipv6", 1);
  world.run_for(kMillisecond);
  CHECK(world.ip6().addresses.all().empty());
  CHECK(world.ip6().routes.routes().empty());
}

TEST_CASE("dad_transmits says how often, accept_dad whether, a new address is asked for", "[ip6][addrconf]") {
  Fresh world;
  world.set("net.ipv6.conf.eth0.accept_ra", 0);
  const int probes = GENERATE(0, 1, 3);
  world.set("net.ipv6.conf.eth0.dad_transmits", probes);
  world.enable();
  CHECK(world.after(kMillisecond).size() <= 1);
  CHECK((world.address(kLinkLocal)->state == AddressState::preferred) == (probes == 0));
  CHECK(world.after(10 * kSecond).size() <= static_cast<std::size_t>(probes));
  CHECK(world.station().counter("Icmp6.OutNeighborSolicits") == static_cast<std::uint64_t>(probes));
  CHECK(world.address(kLinkLocal)->state == AddressState::preferred);
}

TEST_CASE("router_solicitations, _interval and _delay say how routers are asked for", "[ip6][addrconf]") {
  Fresh world;
  world.set("net.ipv6.conf.eth0.accept_dad", 0);
  world.set("net.ipv6.conf.eth0.router_solicitations", 2);
  world.set("net.ipv6.conf.eth0.router_solicitation_interval", 9);
  world.set("net.ipv6.conf.eth0.router_solicitation_delay", 20);
  world.enable();
  const auto asked = [&](Nanoseconds time) {
    const auto types = types_of(world.after(time));
    return std::ranges::count(types, Icmp6Type::router_solicitation);
  };
  CHECK(asked(20 * kSecond) == 0);
  CHECK(asked(21 * kSecond) > 0);
  CHECK(asked(60 * kSecond) <= 1);

  Fresh none;
  none.set("net.ipv6.conf.eth0.router_solicitations", 0);
  none.enable();
  CHECK(types_of(none.after(30 * kSecond)) == std::vector{Icmp6Type::neighbor_solicitation});

  Fresh twice;
  twice.set("net.ipv6.conf.eth0.router_solicitations", 2);
  twice.set("net.ipv6.conf.eth0.router_solicitation_interval", 9);
  twice.enable();
  CHECK(types_of(twice.after(5 * kSecond)).size() == 2);  // one of them the probe
  CHECK(twice.after(5 * kSecond).empty());
  CHECK(types_of(twice.after(5 * kSecond)) == std::vector{Icmp6Type::router_solicitation});
  CHECK(twice.after(60 * kSecond).empty());
}

TEST_CASE("An address that somebody else has, or asks for too, is not used", "[ip6][addrconf]") {
  Fresh world;
  world.set("net.ipv6.conf.eth0.accept_ra", 0);
  world.enable();
  world.run_for(kMillisecond);
  const Ipv6Address own = *Ipv6Address::parse(kLinkLocal);
  SECTION("it answers") {
    Packet6Options from;
    from.source = own;
    from.destination = headers::kAllNodes;
    world.station().nic.deliver(neighbor_frame(
        {.type = Icmp6Type::neighbor_advertisement, .code = 0, .word = headers::kNaOverride}, own, mac_of(2), from));
  }
  SECTION("it probes") {
    Packet6Options from;
    from.source = {};
    from.destination = own.solicited_node();
    world.station().nic.deliver(neighbor_frame({.type = Icmp6Type::neighbor_solicitation}, own, std::nullopt, from));
  }
  world.run_for(5 * kSecond);
  CHECK(world.address(kLinkLocal)->state == AddressState::duplicate);
  static_cast<void>(world.station().nic.take_sent());
  Packet6Options to;
  to.destination = own;
  world.station().nic.deliver(echo6_request(10, to));
  CHECK(world.after(kMillisecond).empty());
  CHECK(world.station().counter("drop.ip_not_local") == 1);
}

TEST_CASE("A router brings a network, an address and the way out, each for its time", "[ip6][addrconf]") {
  Fresh world;
  world.enable();
  world.run_for(5 * kSecond);
  world.station().nic.deliver(router_advertisement({.hop_limit = 33, .prefix = "2001:db8::/64"}));
  world.run_for(3 * kSecond);
  REQUIRE(world.address(kLearnt) != nullptr);
  CHECK(world.address(kLearnt)->state == AddressState::preferred);
  CHECK(world.ip6().addrconf->hop_limit(world.eth0()) == 33);
  const auto outside = *Ipv6Address::parse("2001:db8:1::1");
  REQUIRE(world.ip6().routes.lookup(outside) != nullptr);
  CHECK(world.ip6().routes.lookup(outside)->gateway == kRouter);
  CHECK(world.ip6().routes.lookup(*Ipv6Address::parse("2001:db8::77"))->gateway.is_unspecified());
  // No more solicitations: it has a router.
  static_cast<void>(world.station().nic.take_sent());
  CHECK(world.after(20 * kSecond).empty());

  world.run_for(500 * kSecond);
  CHECK(world.address(kLearnt)->state == AddressState::deprecated);
  world.run_for(500 * kSecond);
  CHECK(world.address(kLearnt) == nullptr);
  CHECK(world.ip6().routes.lookup(*Ipv6Address::parse("2001:db8::77"))->gateway == kRouter);
  world.run_for(900 * kSecond);
  CHECK(world.ip6().routes.lookup(outside) == nullptr);
  CHECK(world.address(kLinkLocal)->state == AddressState::preferred);
}

TEST_CASE("A router that ends leaves its place to the next", "[ip6][addrconf]") {
  Fresh world;
  world.enable();
  world.run_for(5 * kSecond);
  const Ipv6Address second = Ipv6Address::of(0xfe80, 0, 0, 0, 0, 0, 0, 0x98);
  world.station().nic.deliver(router_advertisement({}));
  world.station().nic.deliver(router_advertisement({.router = second}));
  world.run_for(kMillisecond);
  const auto outside = *Ipv6Address::parse("2001:db8:1::1");
  CHECK(world.ip6().routes.lookup(outside)->gateway == kRouter);
  world.station().nic.deliver(router_advertisement({.lifetime = 0}));
  world.run_for(kMillisecond);
  REQUIRE(world.ip6().routes.lookup(outside) != nullptr);
  CHECK(world.ip6().routes.lookup(outside)->gateway == second);
}

TEST_CASE("Each accept switch keeps out what it names", "[ip6][addrconf]") {
  Fresh world;
  world.enable();
  world.run_for(5 * kSecond);
  const auto outside = *Ipv6Address::parse("2001:db8:1::1");
  const auto inside = *Ipv6Address::parse("2001:db8::77");
  const auto advertise = [&] {
    world.station().nic.deliver(router_advertisement({.prefix = "2001:db8::/64"}));
    world.run_for(3 * kSecond);
  };
  SECTION("accept_ra") {
    world.set("net.ipv6.conf.eth0.accept_ra", 0);
    advertise();
    CHECK(world.ip6().routes.lookup(outside) == nullptr);
    CHECK(world.address(kLearnt) == nullptr);
  }
  SECTION("accept_ra of who routes himself: only 2 is yes") {
    world.set("net.ipv6.conf.all.forwarding", 1);
    world.run_for(kSecond);
    advertise();
    CHECK(world.ip6().routes.lookup(outside) == nullptr);
    world.set("net.ipv6.conf.eth0.accept_ra", 2);
    advertise();
    CHECK(world.ip6().routes.lookup(outside) != nullptr);
  }
  SECTION("accept_ra_defrtr") {
    world.set("net.ipv6.conf.eth0.accept_ra_defrtr", 0);
    advertise();
    CHECK(world.ip6().routes.lookup(outside) == nullptr);
    CHECK(world.address(kLearnt) != nullptr);
  }
  SECTION("accept_ra_pinfo") {
    world.set("net.ipv6.conf.eth0.accept_ra_pinfo", 0);
    advertise();
    CHECK(world.ip6().routes.lookup(outside) != nullptr);
    CHECK(world.ip6().routes.lookup(inside)->gateway == kRouter);
    CHECK(world.address(kLearnt) == nullptr);
  }
  SECTION("autoconf") {
    world.set("net.ipv6.conf.eth0.autoconf", 0);
    advertise();
    CHECK(world.ip6().routes.lookup(inside)->gateway.is_unspecified());
    CHECK(world.address(kLearnt) == nullptr);
  }
  SECTION("a router must speak from its link") {
    world.station().nic.deliver(router_advertisement({.prefix = "2001:db8::/64", .router = global_of(9)}));
    world.run_for(3 * kSecond);
    CHECK(world.address(kLearnt) == nullptr);
    CHECK(world.station().counter("drop.nd_malformed") == 1);
  }
}

TEST_CASE("An advertisement cannot cut an address' life short", "[ip6][addrconf]") {
  Fresh world;
  world.enable();
  world.run_for(5 * kSecond);
  world.station().nic.deliver(router_advertisement({.prefix = "2001:db8::/64", .valid = 100'000, .preferred = 50'000}));
  world.run_for(3 * kSecond);
  world.station().nic.deliver(router_advertisement({.prefix = "2001:db8::/64", .valid = 1, .preferred = 1}));
  world.run_for(kSecond);
  REQUIRE(world.address(kLearnt) != nullptr);
  const auto left = world.address(kLearnt)->valid_until - world.now();
  CHECK(left > 7'198 * kSecond);
  CHECK(left <= 7'200 * kSecond);
}

TEST_CASE("Advertised networks without end stay bounded", "[ip6][addrconf]") {
  Fresh world;
  world.enable();
  world.run_for(5 * kSecond);
  for (unsigned n = 0; n < 100; ++n) {
    world.station().nic.deliver(
        router_advertisement({.prefix = to_string(Ipv6Prefix{Ipv6Address::of(0x2001, 0xdb8, n, 0, 0, 0, 0, 0), 64})}));
    world.run_for(kMillisecond);
  }
  CHECK(world.ip6().addresses.all().size() <= 1 + 1 + 16);
  CHECK(world.ip6().routes.routes().size() < 60);
}

TEST_CASE("A network whose lifetimes contradict each other is not taken", "[ip6][addrconf]") {
  Fresh world;
  world.enable();
  world.run_for(5 * kSecond);
  world.station().nic.deliver(router_advertisement({.prefix = "2001:db8::/64", .valid = 10, .preferred = 11}));
  world.station().nic.deliver(router_advertisement({.prefix = "fe80::/64"}));
  world.run_for(3 * kSecond);
  CHECK(world.address(kLearnt) == nullptr);
  CHECK(world.ip6().addresses.all().size() == 1);  // the link's own
}

TEST_CASE("A device that goes down asks no more for its addresses", "[ip6][addrconf]") {
  Fresh world;
  world.set("net.ipv6.conf.eth0.dad_transmits", 5);
  REQUIRE(world.station().host.add_address(world.eth0(), Ipv6Prefix{global_of(1), 64}).ok());
  world.run_for(2 * kSecond);
  world.eth0().close(world.station().host.kernel().cpu(0));
  const auto asked = world.station().counter("Icmp6.OutMsgs");
  CHECK(asked > 0);
  world.run_for(20 * kSecond);
  CHECK(world.station().counter("Icmp6.OutMsgs") == asked);
  CHECK(world.address("fd00::1")->state == AddressState::tentative);
}

TEST_CASE("Addresses by hand survive a device that goes down; learnt ones do not", "[ip6][addrconf]") {
  Fresh world;
  auto& cpu = world.station().host.kernel().cpu(0);
  REQUIRE(world.station().host.add_address(world.eth0(), Ipv6Prefix{global_of(1), 64}).ok());
  CHECK(world.station().host.add_address(world.eth0(), Ipv6Prefix{global_of(1), 64}).error() == base::Errno::exists);
  CHECK(world.station().host.add_address(world.eth0(), Ipv6Prefix{headers::kAllNodes, 64}).error() ==
        base::Errno::invalid);
  world.run_for(5 * kSecond);
  world.station().nic.deliver(router_advertisement({.prefix = "2001:db8::/64"}));
  world.run_for(3 * kSecond);
  REQUIRE(world.address(kLearnt) != nullptr);
  world.eth0().close(cpu);
  CHECK(world.address(kLearnt) == nullptr);
  REQUIRE(world.address("fd00::1") != nullptr);
  CHECK(world.address("fd00::1")->state == AddressState::tentative);
  REQUIRE(world.eth0().open(cpu).ok());
  world.run_for(5 * kSecond);
  CHECK(world.address("fd00::1")->state == AddressState::preferred);
  CHECK(world.address(kLinkLocal)->state == AddressState::preferred);
  CHECK(world.ip6().addrconf->remove_address(cpu, world.eth0(), global_of(1)).ok());
  CHECK(world.ip6().addrconf->remove_address(cpu, world.eth0(), global_of(1)).error() ==
        base::Errno::address_not_available);
  CHECK(world.ip6().routes.lookup(global_of(5)) == nullptr);
}

TEST_CASE("Only a prefix of 64 bits becomes an address", "[ip6][addrconf]") {
  Fresh world;
  world.enable();
  world.run_for(5 * kSecond);
  world.station().nic.deliver(router_advertisement({.prefix = "2001:db8::/63"}));
  world.run_for(3 * kSecond);
  CHECK(world.ip6().routes.lookup(*Ipv6Address::parse("2001:db8::77"))->gateway.is_unspecified());
  CHECK(world.address(kLearnt) == nullptr);
}

TEST_CASE("Sixteen routers are remembered, whoever speaks", "[ip6][addrconf]") {
  Fresh world;
  world.enable();
  world.run_for(5 * kSecond);
  const auto router = [](unsigned n) { return Ipv6Address::of(0xfe80, 0, 0, 0, 0, 0, 1, n); };
  for (unsigned n = 0; n < 20; ++n) world.station().nic.deliver(router_advertisement({.router = router(n)}));
  world.run_for(kMillisecond);
  const auto outside = *Ipv6Address::parse("2001:db8:1::1");
  for (unsigned n = 0; n < 16; ++n) {
    REQUIRE(world.ip6().routes.lookup(outside) != nullptr);
    CHECK(world.ip6().routes.lookup(outside)->gateway == router(n));
    world.station().nic.deliver(router_advertisement({.lifetime = 0, .router = router(n)}));
    world.run_for(kMillisecond);
  }
  CHECK(world.ip6().routes.lookup(outside) == nullptr);
}
