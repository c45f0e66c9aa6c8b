// SPDX-License-Identifier: Apache-2.0
// MLD: what routers are told unasked, when, how often (RFC 2710, RFC 3810).
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/host/ip6/mld_world.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using headers::Ipv6Address;

namespace {

Nanoseconds longest_pause(const char* knob, std::int64_t milliseconds, std::int64_t version) {
  Nanoseconds longest = 0;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Member6 world(seed);
    world.settled();
    world.set("net.ipv6.conf.eth0.force_mld_version", version);
    world.set(knob, milliseconds);
    world.join(kGroup);
    const auto said = world.within(120 * kSecond);
    REQUIRE(said.size() == 2);
    longest = std::max(longest, said[1].at - said[0].at);
  }
  return longest;
}

}  // namespace

TEST_CASE("A new address' group is told as nobody, and again by name", "[ip6][mld]") {
  Member6 world;
  world.set("net.ipv6.conf.eth0.dad_transmits", 3);
  CHECK(world.within(5 * kSecond).empty());
  world.enable();
  const auto said = world.within(20 * kSecond);
  REQUIRE(said.size() == 4);
  for (std::size_t i = 0; i < said.size(); ++i) {
    CHECK(said[i].from == (i < 2 ? Ipv6Address{} : kOwn));
    CHECK(said[i].to == headers::kMldV2Routers);
    CHECK(said[i].records == world.all(kToExclude));
  }
  CHECK(said[2].at - said[0].at >= 3 * kSecond);  // when duplicate detection was over
  CHECK(world.counter("Icmp6.OutMLDv2Reports") == 4);
  CHECK(world.mld().groups(world.device()).size() == 1);
  auto& addrconf = *world.station().host.ip6().addrconf;
  REQUIRE(addrconf.add_address(world.cpu(), world.device(), {global_of(0x1234), 64}).ok());
  CHECK(world.within(10 * kSecond).size() == 2);
  REQUIRE(addrconf.remove_address(world.cpu(), world.device(), global_of(0x1234)).ok());
  CHECK(world.within(10 * kSecond).at(1).records == Records{{global_of(0x1234).solicited_node(), kToInclude}});
}

TEST_CASE("Joining and leaving a group of IPv6 are told as often as mld_qrv says", "[ip6][mld]") {
  Member6 world;
  world.settled();
  world.join(kGroup);
  auto said = world.within(5 * kSecond);
  REQUIRE(said.size() == 2);
  CHECK(said[0].from == kOwn);
  CHECK(said[0].records == Records{{kGroup, kToExclude}});
  CHECK(said[1].records == said[0].records);
  CHECK(said[1].at - said[0].at <= kSecond + kMillisecond);
  world.join(kGroup);  // a second user
  world.leave(kGroup);
  CHECK(world.within(5 * kSecond).empty());
  CHECK(world.mld().is_member(world.device(), kGroup));
  world.leave(kGroup);
  CHECK_FALSE(world.mld().is_member(world.device(), kGroup));
  said = world.within(5 * kSecond);
  REQUIRE(said.size() == 2);
  CHECK(said[0].records == Records{{kGroup, kToInclude}});
  world.set("net.ipv6.mld_qrv", 5);
  world.set("net.ipv6.conf.eth0.disable_ipv6", 1);  // an interface takes it as it starts
  world.run_for(kSecond);
  world.settled();
  world.join(kGroup);
  CHECK(world.within(20 * kSecond).size() == 5);
}

TEST_CASE("Groups of everybody and of the interface alone are nobody's business", "[ip6][mld]") {
  Member6 world;
  world.settled();
  for (const Ipv6Address& group : {headers::kAllNodes, kOfInterface}) {
    world.join(group);
    CHECK(world.mld().is_member(world.device(), group));
    world.hear({.group = group});
    world.hear({.group = group, .robustness = std::nullopt});
    CHECK(world.within(20 * kSecond).empty());
    world.leave(group);
    CHECK(world.within(20 * kSecond).empty());
  }
  CHECK(world.counter("Icmp6.OutGroupMembResponses") == 0);
}

TEST_CASE("force_mld_version overrules routers, that of all the interface's", "[ip6][mld]") {
  Member6 world;
  world.settled();
  const auto first_type = [&] {
    world.join(kGroup);
    const auto said = world.within(20 * kSecond);
    world.leave(kGroup);
    static_cast<void>(world.within(20 * kSecond));
    return said.at(0).type;
  };
  world.set("net.ipv6.conf.eth0.force_mld_version", 1);
  CHECK(first_type() == Icmp6Type::multicast_listener_report);
  world.set("net.ipv6.conf.all.force_mld_version", 2);
  CHECK(first_type() == Icmp6Type::multicast_listener_report_v2);
  world.hear({.robustness = std::nullopt});
  CHECK(world.within(5 * kSecond).empty());
  CHECK(world.counter("drop.mld_unwanted") == 1);
  CHECK(first_type() == Icmp6Type::multicast_listener_report_v2);
}

TEST_CASE("Groups outlive an interface that goes down, and are told of again", "[ip6][mld]") {
  Member6 world;
  world.settled();
  world.join(kGroup);
  static_cast<void>(world.within(5 * kSecond));
  world.hear({.code = 10'000, .robustness = std::nullopt});
  world.run_for(kMillisecond);
  world.device().close(world.cpu());
  CHECK(world.within(20 * kSecond).empty());
  CHECK(world.mld().is_member(world.device(), kGroup));
  CHECK_FALSE(world.mld().is_member(world.device(), kOwn.solicited_node()));
  world.leave(kOther);  // nobody's
  world.join(kOther);
  REQUIRE(world.device().open(world.cpu()).ok());
  const auto said = world.within(10 * kSecond);
  REQUIRE(said.size() >= 3);
  const Records all{{kOwn.solicited_node(), kToExclude}, {kGroup, kToExclude}, {kOther, kToExclude}};
  CHECK(said.front().records == all);  // and of version 2: what was known of routers is old
  CHECK(said.back().records == all);
  CHECK(said.back().from == kOwn);
}

TEST_CASE("A router belongs to the groups of routers, and says so", "[ip6][mld]") {
  Member6 world;
  world.settled();
  world.set("net.ipv6.conf.all.forwarding", 1);
  const Ipv6Address of_site = Ipv6Address::of(0xff05, 0, 0, 0, 0, 0, 0, 2);
  CHECK(world.within(5 * kSecond).at(0).records == Records{{headers::kAllRouters, kToExclude}, {of_site, kToExclude}});
  world.set("net.ipv6.conf.all.forwarding", 0);
  CHECK(world.within(5 * kSecond).at(0).records == Records{{headers::kAllRouters, kToInclude}, {of_site, kToInclude}});
}

TEST_CASE("Many groups are told in as many reports as the MTU makes of them", "[ip6][mld]") {
  Member6 world;
  world.settled();
  for (unsigned n = 0; n < 100; ++n) world.join(Ipv6Address::of(0xff05, 0, 0, 0, 0, 0, 1, n));
  const auto said = world.within(kMillisecond + kMillisecond / 2);
  REQUIRE(said.size() == 2);
  CHECK(said[0].records.size() == 72);  // (1500 - 40 - 8 - 8) / 20
  CHECK(said[1].records.size() == 28);
}

TEST_CASE("mldv1_ and mldv2_unsolicited_report_interval are the longest pauses before a report again", "[ip6][mld]") {
  for (const auto& [knob, version] : {std::pair("net.ipv6.conf.eth0.mldv1_unsolicited_report_interval", 1),
                                      std::pair("net.ipv6.conf.eth0.mldv2_unsolicited_report_interval", 2)}) {
    const Nanoseconds short_pause = longest_pause(knob, 100, version);
    CHECK(short_pause <= 101 * kMillisecond);
    CHECK(longest_pause(knob, 30'000, version) > 10 * kSecond);
  }
}

TEST_CASE("An interface that goes takes its groups and their timers along", "[ip6][mld]") {
  Member6 world;
  world.settled();
  auto& host = world.station().host;
  {
    CableNic second(host, world.station().irqs, base::MacAddress{{2, 0, 0, 0, 9, 9}}, 1500, "eth1");
    world.mld().join(world.cpu(), second.device(), kGroup);
    REQUIRE(host.kernel().sysctl().set("net.ipv6.conf.eth1.disable_ipv6", 0).ok());
    world.run_for(kMillisecond);
  }
  world.run_for(10 * kSecond);
  CHECK(world.mld().groups(world.device()).size() == 1);
  CHECK(host.pool().in_use() == 0);
}
