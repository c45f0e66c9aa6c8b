// SPDX-License-Identifier: Apache-2.0
// ARP scenarios: who is answered, who is learned, what waits, what gives up (RFC 826; Linux: net/ipv4/arp.c).
#include <catch2/catch.hpp>

#include "host/ip/arp.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using headers::ArpFields;
using headers::ArpOperation;
using ip::NeighbourState;

namespace {

std::optional<ArpFields> arp_of(const Frame& frame) {
  return headers::parse_arp(std::span(frame).subspan(14));
}

ArpFields reply_from(unsigned n, base::MacAddress mac) {
  return {.operation = ArpOperation::reply,
          .sender_mac = mac,
          .sender = address_of(n),
          .target_mac = mac_of(1),
          .target = address_of(1)};
}

std::optional<ip::NeighbourTable::View> neighbour(World& world, unsigned n) {
  return world[1].host.ip().neighbours.find(world[1].nic.device(), address_of(n));
}

/// The station sends a datagram to station n.
void send_to(World& world, unsigned n, std::size_t bytes = 10) {
  static_cast<void>(world[1].start("sender", [&world, n, bytes](kernel::Process& self) -> kernel::Task<void> {
    auto& sockets = world[1].host.sockets();
    const auto fd = sockets.socket(self, socket::SocketKind::udp);
    const std::vector<std::byte> payload(bytes);
    const socket::SocketAddress to{address_of(n), 4000};
    static_cast<void>(co_await sockets.sendto(self, *fd, payload, to));
    static_cast<void>(sockets.close(self, *fd));
  }));
}

}  // namespace

TEST_CASE("a request for our address is answered to the asker alone, and the asker is known", "[ip][arp]") {
  World world({.stations = 1});
  world[1].nic.deliver(introduction(2));
  world.run_for(kMillisecond);
  const auto sent = world[1].nic.take_sent();
  REQUIRE(sent.size() == 1);
  CHECK(headers::EthernetView::parse(sent[0])->destination() == mac_of(2));
  const auto reply = arp_of(sent[0]).value();
  CHECK(reply.operation == ArpOperation::reply);
  CHECK(reply.sender_mac == mac_of(1));
  CHECK(reply.sender == address_of(1));
  CHECK(reply.target_mac == mac_of(2));
  CHECK(reply.target == address_of(2));
  CHECK(neighbour(world, 2)->state == NeighbourState::stale);
}

TEST_CASE("a request for somebody else is neither answered nor remembered", "[ip][arp]") {
  World world({.stations = 1});
  world[1].nic.deliver(arp_frame({.operation = ArpOperation::request,
                                  .sender_mac = mac_of(2),
                                  .sender = address_of(2),
                                  .target_mac = {},
                                  .target = address_of(3)},
                                 base::MacAddress::broadcast()));
  world.run_for(kMillisecond);
  CHECK(world[1].nic.take_sent().empty());
  CHECK_FALSE(neighbour(world, 2).has_value());
}

TEST_CASE("a probe for a duplicate address is answered (RFC 5227)", "[ip][arp]") {
  World world({.stations = 1});
  world[1].nic.deliver(arp_frame({.operation = ArpOperation::request,
                                  .sender_mac = mac_of(2),
                                  .sender = {},
                                  .target_mac = {},
                                  .target = address_of(1)},
                                 base::MacAddress::broadcast()));
  world.run_for(kMillisecond);
  CHECK(world[1].nic.take_sent().size() == 1);
  CHECK(world[1].host.ip().neighbours.size() == 0);
}

TEST_CASE("what cannot be ARP is a counted drop", "[ip][arp]") {
  World world({.stations = 1});
  Frame bad = introduction(2);
  bad[14] = std::byte{9};
  world[1].nic.deliver(bad);
  auto group = introduction(2);
  group[22] = std::byte{1};  // the sender's address is a group's
  world[1].nic.deliver(group);
  world.run_for(kMillisecond);
  CHECK(world[1].counter("drop.arp_malformed") == 2);
  CHECK(world[1].nic.take_sent().empty());
}

TEST_CASE("packets wait for the answer and leave in order", "[ip][arp]") {
  World world({.stations = 1});
  for (const std::size_t bytes : {10U, 20U, 30U}) {
    send_to(world, 2, bytes);
  }
  world.run_for(kMillisecond);
  auto sent = world[1].nic.take_sent();
  REQUIRE(sent.size() == 1);  // one question for three packets
  CHECK(arp_of(sent[0])->target == address_of(2));
  CHECK(arp_of(sent[0])->sender == address_of(1));
  CHECK(headers::EthernetView::parse(sent[0])->destination().is_broadcast());
  CHECK(neighbour(world, 2)->state == NeighbourState::incomplete);
  CHECK(neighbour(world, 2)->queued == 3);

  world[1].nic.deliver(arp_frame(reply_from(2, mac_of(2)), mac_of(1)));
  world.run_for(kMillisecond);
  sent = world[1].nic.take_sent();
  REQUIRE(sent.size() == 3);
  CHECK(ip_of(sent[0]).total_length() == 38);
  CHECK(ip_of(sent[1]).total_length() == 48);
  CHECK(ip_of(sent[2]).total_length() == 58);
  CHECK(headers::EthernetView::parse(sent[0])->destination() == mac_of(2));
  CHECK(neighbour(world, 2)->state == NeighbourState::reachable);
}

TEST_CASE("three questions a second apart, then the neighbour has failed", "[ip][arp]") {
  World world({.stations = 1});
  send_to(world, 2);
  for (unsigned second = 0; second < 3; ++second) {
    world.run_for(second == 0 ? 500 * kMillisecond : kSecond);
    CHECK(world[1].nic.take_sent().size() == 1);
    CHECK(neighbour(world, 2)->state == NeighbourState::incomplete);
  }
  world.run_for(kSecond);
  CHECK(world[1].nic.take_sent().empty());
  CHECK(neighbour(world, 2)->state == NeighbourState::failed);
  CHECK(world[1].counter("drop.arp_unresolved") == 1);

  send_to(world, 2);  // a new packet asks anew
  world.run_for(kMillisecond);
  CHECK(world[1].nic.take_sent().size() == 1);
}

TEST_CASE("a neighbour's queue is bounded: the oldest gives way", "[ip][arp]") {
  World world({.stations = 1});
  REQUIRE(world[1].host.kernel().sysctl().set("net.ipv4.neigh.eth0.unres_qlen_bytes", 50'000).ok());
  for (unsigned i = 0; i < 150; ++i) {
    send_to(world, 2);
  }
  world.run_for(kMillisecond);
  const std::size_t queued = neighbour(world, 2)->queued;
  CHECK(queued > 10);
  CHECK(queued < 100);
  CHECK(world[1].counter("arp.unresolved_discards") == 150 - queued);
  CHECK(world[1].counter("drop.arp_queue_full") == 150 - queued);
}

TEST_CASE("reachable grows stale; use asks the neighbour alone; silence fails it", "[ip][arp]") {
  Lone world;
  world.station().nic.deliver(arp_frame(reply_from(2, mac_of(2)), mac_of(1)));
  world.run_for(kMillisecond);
  CHECK(neighbour(world, 2)->state == NeighbourState::reachable);
  world.run_for(46 * kSecond);
  CHECK(neighbour(world, 2)->state == NeighbourState::stale);

  send_to(world, 2);
  world.run_for(kMillisecond);
  CHECK(world.take().size() == 1);  // it goes out at once
  CHECK(neighbour(world, 2)->state == NeighbourState::delay);
  world.run_for(5 * kSecond);
  CHECK(neighbour(world, 2)->state == NeighbourState::probe);
  const auto sent = world.take();
  REQUIRE(sent.size() == 1);
  CHECK(headers::EthernetView::parse(sent[0])->destination() == mac_of(2));

  SECTION("an answer makes it reachable") {
    world.station().nic.deliver(arp_frame(reply_from(2, mac_of(2)), mac_of(1)));
    world.run_for(kMillisecond);
    CHECK(neighbour(world, 2)->state == NeighbourState::reachable);
  }
  SECTION("silence fails it after three questions") {
    world.run_for(5 * kSecond);
    CHECK(world.take().size() == 2);
    CHECK(neighbour(world, 2)->state == NeighbourState::failed);
  }
}

TEST_CASE("every search has its three questions, however many the last one took", "[ip][arp]") {
  World world({.stations = 1});
  send_to(world, 2);
  world.run_for(2500 * kMillisecond);
  CHECK(world[1].nic.take_sent().size() == 3);
  world[1].nic.deliver(arp_frame(reply_from(2, mac_of(2)), mac_of(1)));
  world.run_for(46 * kSecond);
  CHECK(world[1].nic.take_sent().size() == 1);

  send_to(world, 2);  // stale by now: used at once, then asked for alone
  world.run_for(20 * kSecond);
  CHECK(world[1].nic.take_sent().size() == 1 + 3);
  CHECK(neighbour(world, 2)->state == NeighbourState::failed);

  send_to(world, 2);  // failed: asked for again, of everybody
  world.run_for(20 * kSecond);
  CHECK(world[1].nic.take_sent().size() == 3);
}

TEST_CASE("a gratuitous ARP moves a known neighbour and makes no new one", "[ip][arp]") {
  Lone world;
  const base::MacAddress moved{{2, 0, 0, 0, 9, 9}};
  const auto announce = [&](unsigned n) {
    return arp_frame({.operation = ArpOperation::request,
                      .sender_mac = moved,
                      .sender = address_of(n),
                      .target_mac = {},
                      .target = address_of(n)},
                     base::MacAddress::broadcast());
  };
  world.station().nic.deliver(announce(2));
  world.station().nic.deliver(announce(3));
  world.run_for(kMillisecond);
  CHECK(neighbour(world, 2)->mac == moved);
  CHECK(neighbour(world, 2)->state == NeighbourState::stale);
  CHECK_FALSE(neighbour(world, 3).has_value());
}

TEST_CASE("an unasked reply cannot take over an entry within the lock time", "[ip][arp]") {
  Lone world;
  world.station().nic.deliver(arp_frame(reply_from(2, {{2, 0, 0, 0, 6, 6}}), mac_of(1)));
  world.run_for(kMillisecond);
  CHECK(neighbour(world, 2)->mac == mac_of(2));
}

TEST_CASE("our own address in another's mouth changes nothing", "[ip][arp]") {
  Lone world;
  world.station().nic.deliver(arp_frame(reply_from(1, mac_of(6)), mac_of(1)));
  world.run_for(kMillisecond);
  CHECK_FALSE(neighbour(world, 1).has_value());
}

TEST_CASE("an announcement names us to everybody", "[ip][arp]") {
  World world({.stations = 1});
  arp_announce(world[1].host.ip(), world[1].host.kernel().cpu(0), world[1].nic.device(), address_of(1));
  const auto sent = world[1].nic.take_sent();
  REQUIRE(sent.size() == 1);
  CHECK(arp_of(sent[0])->sender == address_of(1));
  CHECK(arp_of(sent[0])->target == address_of(1));
}

TEST_CASE("the table stays bounded under a flood of askers and still serves", "[ip][arp]") {
  World world({.stations = 1});
  for (unsigned i = 0; i < 5000; ++i) {
    const base::MacAddress mac{{2, 0, 1, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}};
    world[1].nic.deliver(arp_frame({.operation = ArpOperation::request,
                                    .sender_mac = mac,
                                    .sender = headers::Ipv4Address{address_of(0).value + 0x10000 + i},
                                    .target_mac = {},
                                    .target = address_of(1)},
                                   base::MacAddress::broadcast()));
  }
  world.run_for(kSecond);
  CHECK(world[1].nic.take_sent().size() == 5000);
  CHECK(world[1].host.ip().neighbours.size() == 1024);
  CHECK(world[1].counter("arp.table_fulls") == 5000 - 1024);  // all are fresh
  world.run_for(6 * kSecond);
  world[1].nic.deliver(introduction(2));
  world.run_for(kMillisecond);
  CHECK(neighbour(world, 2)->state == NeighbourState::stale);
  CHECK(world[1].host.ip().neighbours.size() == 513);
}

TEST_CASE("a table full of waiting packets refuses more, counted", "[ip][arp]") {
  World world({.stations = 1});
  REQUIRE(world[1].host.kernel().sysctl().set("net.ipv4.neigh.default.gc_thresh3", 8).ok());
  for (unsigned n = 2; n < 22; ++n) {
    send_to(world, n);
  }
  world.run_for(kMillisecond);
  CHECK(world[1].host.ip().neighbours.size() == 8);
  CHECK(world[1].counter("arp.table_fulls") == 12);
  CHECK(world[1].counter("drop.arp_queue_full") == 12);
}
