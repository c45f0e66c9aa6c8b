// SPDX-License-Identifier: Apache-2.0
// MLD: what routers ask, in which version they are answered, and what other members say (RFC 2710, RFC 3810).
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "tests/host/ip6/mld_world.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using headers::Ipv6Address;

TEST_CASE("A general query is answered with all groups, once, after a random while", "[ip6][mld]") {
  struct Row {
    unsigned code;
    Nanoseconds longest;
  };
  // RFC 3810 section 5.1.3: from 32768 on three bits of exponent.
  for (const Row& row : {Row{5000, 5 * kSecond}, Row{0x9000, 65'536 * kMillisecond}}) {
    std::set<Nanoseconds> delays;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Member6 world(seed * 7919);
      world.settled();
      world.join(kGroup);
      static_cast<void>(world.within(5 * kSecond));
      const Nanoseconds asked = world.now();
      world.hear({.code = row.code});
      world.hear({.code = row.code});
      const auto said = world.within(70 * kSecond);
      REQUIRE(said.size() == 1);
      CHECK(said[0].to == headers::kMldV2Routers);
      CHECK(said[0].records == Records{{kOwn.solicited_node(), kIsExclude}, {kGroup, kIsExclude}});
      CHECK(said[0].at - asked <= row.longest + 2 * kMillisecond);
      delays.insert(said[0].at - asked);
    }
    CHECK(delays.size() > 10);
    CHECK(*delays.rbegin() > row.longest / 2);
  }
}

TEST_CASE("A query for a group, or for sources of it, is answered by its members", "[ip6][mld]") {
  Member6 world;
  world.settled();
  world.join(kGroup);
  static_cast<void>(world.within(5 * kSecond));
  world.hear({.group = kOther});
  CHECK(world.within(5 * kSecond).empty());
  for (const std::size_t sources : {0U, 2U}) {
    world.hear({.group = kGroup, .sources = static_cast<unsigned>(sources), .listed = sources});
    const auto said = world.within(5 * kSecond);
    REQUIRE(said.size() == 1);
    CHECK(said[0].records == Records{{kGroup, kIsExclude}});
  }
  CHECK(world.counter("Icmp6.InGroupMembQueries") == 2);  // what is for others is not ours to count
}

TEST_CASE("A router of version 1 is spoken to in its version, until it has been silent for long", "[ip6][mld]") {
  Member6 world;
  world.settled();
  world.hear({.code = 1000, .robustness = std::nullopt});
  auto said = world.within(5 * kSecond);
  REQUIRE(said.size() == 1);  // the address' group
  CHECK(said[0].type == Icmp6Type::multicast_listener_report);
  CHECK(said[0].to == kOwn.solicited_node());
  CHECK(said[0].group == kOwn.solicited_node());
  world.join(kGroup);
  said = world.within(30 * kSecond);
  REQUIRE(said.size() == 2);
  CHECK(said[0].to == kGroup);
  CHECK(said[1].group == kGroup);
  world.leave(kGroup);
  world.run_for(kSecond);
  CHECK(world.counter("Icmp6.OutGroupMembReductions") == 1);
  CHECK(world.counter("Icmp6.OutGroupMembResponses") == 3);
  // A query of version 2 does not end it; its floating number is no number to version 1.
  world.hear({.code = 0xffff});
  said = world.within(40 * kSecond);
  REQUIRE(said.size() == 1);
  CHECK(said[0].type == Icmp6Type::multicast_listener_report);
  world.run_for(260 * kSecond);
  world.join(kGroup);
  CHECK(world.within(5 * kSecond).at(0).type == Icmp6Type::multicast_listener_report_v2);
}

TEST_CASE("A \"done\" goes to all routers", "[ip6][mld]") {
  Member6 world;
  world.settled();
  world.hear({.robustness = std::nullopt});
  world.join(kGroup);
  static_cast<void>(world.within(30 * kSecond));
  world.said.clear();
  world.leave(kGroup);
  world.run_for(kMillisecond);
  REQUIRE(world.said.size() == 1);
  CHECK(world.said[0].type == Icmp6Type::multicast_listener_done);
  CHECK(world.said[0].to == headers::kAllRouters);
  CHECK(world.said[0].group == kGroup);
}

TEST_CASE("Version 1 lasts as long as the querier's own numbers say", "[ip6][mld]") {
  Member6 world;
  world.settled();
  world.hear({.code = 1000, .robustness = 3U, .interval = 10});  // 3 * 10 s + 1 s
  world.run_for(5 * kSecond);
  world.hear({.robustness = std::nullopt});
  const auto version = [&](Nanoseconds pause) {
    world.run_for(pause);
    world.join(kGroup);
    world.said.clear();
    world.run_for(10 * kMillisecond);
    world.leave(kGroup);
    return world.said.at(0).type == Icmp6Type::multicast_listener_report_v2 ? 2 : 1;
  };
  CHECK(version(30 * kSecond) == 1);
  CHECK(version(2 * kSecond) == 2);
}

TEST_CASE("A querier's robustness is taken, but none below two", "[ip6][mld]") {
  struct Row {
    unsigned said;
    std::size_t told;
  };
  for (const Row& row : {Row{0, 2}, Row{1, 2}, Row{4, 4}, Row{7, 7}}) {
    Member6 world;
    world.settled();
    world.hear({.code = 1, .robustness = row.said});
    world.run_for(kSecond);
    world.join(kGroup);
    CHECK(world.within(20 * kSecond).size() == row.told);
  }
}

TEST_CASE("Who hears another's report keeps his own, and says no \"done\"", "[ip6][mld]") {
  Member6 world;
  world.settled();
  world.hear({.robustness = std::nullopt});
  world.join(kGroup);
  static_cast<void>(world.within(30 * kSecond));
  const auto asked_and_heard = [&](const Packet6Options& options) {
    world.hear({.group = kGroup, .code = 10'000, .robustness = std::nullopt});
    world.run_for(kMillisecond);
    world.hear_report(kGroup, options);
    return world.within(20 * kSecond).size();
  };
  CHECK(asked_and_heard({}) == 0);
  CHECK(asked_and_heard({.source = {}}) == 0);
  world.leave(kGroup);
  world.run_for(kSecond);
  CHECK(world.said.empty());
  world.join(kGroup);
  static_cast<void>(world.within(30 * kSecond));
  CHECK(asked_and_heard({.source = global_of(7)}) == 1);
  CHECK(world.counter("drop.mld_malformed") == 1);
  CHECK(asked_and_heard({.destination_mac = mac_of(1)}) == 1);  // the router may not have heard it
  CHECK(world.counter("drop.mld_unwanted") == 1);
}

TEST_CASE("Queries that cannot be a router's of the link are counted drops", "[ip6][mld]") {
  Member6 world;
  world.settled();
  const std::vector<Query> refused{
      {.source = global_of(9)},
      {.source = {}},
      {.hop_limit = 2},
      {.hop_limit = 255},
      {.alert = std::nullopt},
      {.alert = std::uint16_t{1}},
      {.group = global_of(1)},
      {.sources = 1, .listed = 1},  // of all groups
      {.group = kOwn.solicited_node(), .sources = 2, .listed = 1},
  };
  for (const Query& query : refused) world.hear(query);
  for (const std::size_t length : {0U, 12U, 18U}) {  // behind ICMPv6's header; 16 is version 1, 20 version 2
    const Packet6Options options{.source = kRouter, .destination = headers::kAllNodes, .hop_limit = 1};
    world.station().nic.deliver(
        with_router_alert(icmp6_frame({.type = Icmp6Type::multicast_listener_query}, Frame(length), options)));
  }
  CHECK(world.within(20 * kSecond).empty());
  CHECK(world.counter("drop.mld_malformed") == refused.size() + 3);
  CHECK(world.counter("Icmp6.InGroupMembQueries") == refused.size() + 3);
  CHECK(world.station().host.pool().in_use() == 0);
}
