// SPDX-License-Identifier: Apache-2.0
// Neighbour discovery: who is answered, who is learned, what is not believed (RFC 4861).
#include <catch2/catch.hpp>

#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using headers::Ipv6Address;
using ip::NeighbourState;

namespace {

std::optional<ip::NeighbourTable::View> neighbour(Lone6& world, unsigned n) {
  return world.ip6().neighbours.find(world.eth0(), global_of(n));
}

Frame advertisement(std::uint32_t flags, base::MacAddress station, Packet6Options options = {}) {
  return neighbor_frame({.type = Icmp6Type::neighbor_advertisement, .code = 0, .word = flags}, global_of(2), station,
                        options);
}

}  // namespace

TEST_CASE("A solicitation for our address is answered to the asker, who is known then", "[ip6][ndisc]") {
  Lone6 world;
  const auto sent = world.answer_to(solicitation(global_of(1)));
  REQUIRE(sent.size() == 1);
  CHECK(headers::EthernetView::parse(sent[0])->destination() == mac_of(2));
  const auto packet = ip6_of(sent[0]);
  CHECK(packet.source() == global_of(1));
  CHECK(packet.destination() == global_of(2));
  CHECK(packet.hop_limit() == 255);
  const auto answer = icmp6_of(sent[0]);
  CHECK(answer.type() == Icmp6Type::neighbor_advertisement);
  CHECK(answer.checksum_ok(packet.source(), packet.destination()));
  CHECK(answer.word() == (headers::kNaSolicited | headers::kNaOverride));
  const auto about = headers::parse_neighbor_message(answer);
  REQUIRE(about);
  CHECK(about->target == global_of(1));
  CHECK(about->options.target_link_layer == mac_of(1));
  CHECK(neighbour(world, 2)->mac == mac_of(2));
  CHECK(world.counter("Icmp6.InNeighborSolicits") == 1);
}

TEST_CASE("A solicitation for somebody else is for nobody here", "[ip6][ndisc]") {
  Lone6 world;
  // Its group is not ours; with the same last three bytes it is, and then the target decides.
  CHECK(world.answer_to(solicitation(global_of(3))).empty());
  CHECK(world.counter("drop.ip_not_member") == 1);
  CHECK(world.answer_to(solicitation(Ipv6Address::of(0xfd00, 0, 0, 0, 0, 0, 1, 1))).empty());
  CHECK_FALSE(neighbour(world, 2));
}

TEST_CASE("Messages from further away, of another code or with an empty option are not believed", "[ip6][ndisc]") {
  Lone6 world;
  Packet6Options far;
  far.hop_limit = 254;
  CHECK(world.answer_to(solicitation(global_of(1), far)).empty());
  Packet6Options to_group;
  to_group.destination = global_of(1).solicited_node();
  CHECK(world
            .answer_to(neighbor_frame({.type = Icmp6Type::neighbor_solicitation, .code = 1}, global_of(1), mac_of(2),
                                      to_group))
            .empty());
  CHECK(world
            .answer_to(
                neighbor_frame({.type = Icmp6Type::neighbor_solicitation}, headers::kAllNodes, mac_of(2), to_group))
            .empty());
  // A probe that says who asks.
  Packet6Options probe = to_group;
  probe.source = {};
  CHECK(world.answer_to(neighbor_frame({.type = Icmp6Type::neighbor_solicitation}, global_of(1), mac_of(2), probe))
            .empty());
  CHECK(world.counter("drop.nd_malformed") == 4);
  CHECK(world.counter("Icmp6.InErrors") == 4);
  CHECK_FALSE(neighbour(world, 2));
}

TEST_CASE("A probe for our address is answered to all nodes", "[ip6][ndisc]") {
  Lone6 world;
  Packet6Options probe;
  probe.source = {};
  probe.destination = global_of(1).solicited_node();
  const auto sent =
      world.answer_to(neighbor_frame({.type = Icmp6Type::neighbor_solicitation}, global_of(1), std::nullopt, probe));
  REQUIRE(sent.size() == 1);
  CHECK(ip6_of(sent[0]).destination() == headers::kAllNodes);
  CHECK(headers::EthernetView::parse(sent[0])->destination() == headers::kAllNodes.multicast_mac());
  CHECK(icmp6_of(sent[0]).word() == headers::kNaOverride);
}

TEST_CASE("A packet waits for its neighbour, who is asked by his group", "[ip6][ndisc]") {
  Lone6 world;
  const auto asked = world.answer_to(echo6_request(10));
  REQUIRE(asked.size() == 1);
  CHECK(icmp6_of(asked[0]).type() == Icmp6Type::neighbor_solicitation);
  CHECK(ip6_of(asked[0]).destination() == global_of(2).solicited_node());
  CHECK(ip6_of(asked[0]).source() == global_of(1));
  CHECK(neighbour(world, 2)->state == NeighbourState::incomplete);
  const auto sent = world.answer_to(advertisement(headers::kNaSolicited | headers::kNaOverride, mac_of(2)));
  REQUIRE(sent.size() == 1);
  CHECK(icmp6_of(sent[0]).type() == Icmp6Type::echo_reply);
  CHECK(neighbour(world, 2)->state == NeighbourState::reachable);
}

TEST_CASE("A neighbour who never answers costs the packets that wait, each counted once", "[ip6][ndisc]") {
  Lone6 world;
  static_cast<void>(world.answer_to(echo6_request(10)));
  static_cast<void>(world.answer_to(echo6_request(10)));
  world.run_for(5 * kSecond);
  CHECK(neighbour(world, 2)->state == NeighbourState::failed);
  CHECK(world.counter("drop.nd_unresolved") == 2);
  CHECK(world.counter("nd.res_failed") == 1);
  CHECK(world.counter("skb.in_use") == 0);
}

TEST_CASE("Without override another address only casts doubt; with it, it counts", "[ip6][ndisc]") {
  Lone6 world;
  static_cast<void>(world.answer_to(echo6_request(10)));
  static_cast<void>(world.answer_to(advertisement(headers::kNaSolicited | headers::kNaOverride, mac_of(2))));
  REQUIRE(neighbour(world, 2)->state == NeighbourState::reachable);
  static_cast<void>(world.answer_to(advertisement(headers::kNaSolicited, mac_of(9))));
  CHECK(neighbour(world, 2)->mac == mac_of(2));
  CHECK(neighbour(world, 2)->state == NeighbourState::stale);
  static_cast<void>(world.answer_to(advertisement(headers::kNaOverride, mac_of(9))));
  CHECK(neighbour(world, 2)->mac == mac_of(9));
  CHECK(neighbour(world, 2)->state == NeighbourState::stale);
}

TEST_CASE("An advertisement that nobody asked for makes no entry", "[ip6][ndisc]") {
  Lone6 world;
  static_cast<void>(world.answer_to(advertisement(headers::kNaSolicited | headers::kNaOverride, mac_of(2))));
  CHECK_FALSE(neighbour(world, 2));
  // And a solicited one to a group is not valid.
  Packet6Options all;
  all.destination = headers::kAllNodes;
  static_cast<void>(world.answer_to(advertisement(headers::kNaSolicited, mac_of(2), all)));
  CHECK(world.counter("drop.nd_malformed") == 1);
}
