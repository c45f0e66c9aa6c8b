// SPDX-License-Identifier: Apache-2.0
// arp_ignore, arp_announce, arp_filter, arp_accept, arp_notify, proxy_arp: who is answered, as whom, who is remembered.
#include <catch2/catch.hpp>

#include "tests/host/ip/router_world.hpp"

using namespace host;
using namespace host_test;
using headers::ArpFields;
using headers::ArpOperation;
using headers::EtherType;
using headers::Ipv4Address;
using headers::Ipv4Prefix;

namespace {

Frame request(Ipv4Address sender, Ipv4Address target) {
  return arp_frame({.operation = ArpOperation::request,
                    .sender_mac = mac_of(7),
                    .sender = sender,
                    .target_mac = {},
                    .target = target},
                   base::MacAddress::broadcast());
}

std::vector<ArpFields> arps_of(const std::vector<Frame>& frames) {
  std::vector<ArpFields> all;
  for (const Frame& frame : frames) {
    if (headers::EthernetView::parse(frame)->type() == EtherType::arp) {
      all.push_back(*headers::parse_arp(std::span(frame).subspan(14)));
    }
  }
  return all;
}

/// A router whose left side is a lone wire: what it says there is kept.
struct LeftWire : RouterWorld {
  LeftWire() {
    router().nic.on_wire = [this](const Frame& frame) {
      said.push_back(frame);
      return false;
    };
  }
  ~LeftWire() { router().nic.on_wire = nullptr; }
  LeftWire(const LeftWire&) = delete;
  LeftWire& operator=(const LeftWire&) = delete;

  std::vector<ArpFields> hear(const Frame& frame) {
    said.clear();
    router().nic.deliver(frame);
    run_for(kMillisecond);
    return arps_of(said);
  }
  bool knows(Ipv4Address address) {
    return router().host.ip().neighbours.find(router().nic.device(), address).has_value();
  }
  std::vector<Frame> said;
};

}  // namespace

TEST_CASE("arp_ignore keeps addresses from devices", "[ip][arp][policy]") {
  struct Row {
    std::int64_t ignore;
    Ipv4Address sender;
    Ipv4Address target;
    bool answered;
  };
  const Ipv4Address near = address_of(7);
  const Ipv4Address foreign = Ipv4Address::of(203, 0, 113, 7);
  const Ipv4Address here = address_of(2);
  const Ipv4Address other_side = right_address(2);
  const Row rows[] = {{0, near, here, true},       {0, near, other_side, true},  {0, foreign, here, true},
                      {1, near, here, true},       {1, near, other_side, false}, {1, foreign, here, true},
                      {2, near, here, true},       {2, foreign, here, false},    {2, near, other_side, false},
                      {3, near, other_side, true}, {8, near, here, false},       {0, {}, here, true},
                      {1, {}, other_side, false}};
  for (const Row& row : rows) {
    INFO(row.ignore << ": " << to_string(row.sender) << " asks for " << to_string(row.target));
    LeftWire world;
    REQUIRE(world.set("net.ipv4.conf.eth0.arp_ignore", row.ignore));
    const auto said = world.hear(request(row.sender, row.target));
    CHECK(said.size() == (row.answered ? 1 : 0));
    CHECK(world.knows(row.sender) == (row.answered && !row.sender.is_any()));
    if (row.answered) {
      CHECK(said[0].sender == row.target);
      CHECK(said[0].sender_mac == mac_of(2));
    }
  }
}

TEST_CASE("arp_filter answers only by the device that leads back to the asker", "[ip][arp][policy]") {
  LeftWire world;
  REQUIRE(world.router().host.add_route({Ipv4Address::of(203, 0, 113, 0), 24}, right_address(3)).ok());
  const Frame asked = request(Ipv4Address::of(203, 0, 113, 7), address_of(2));
  CHECK(world.hear(asked).size() == 1);
  REQUIRE(world.set("net.ipv4.conf.all.arp_filter", 1));
  CHECK(world.hear(asked).empty());
  CHECK(world.counter("rt_cache.ArpFilter") == 1);
  CHECK(world.hear(request(address_of(7), address_of(2))).size() == 1);
}

TEST_CASE("a router answers for those behind it with proxy_arp", "[ip][arp][policy]") {
  LeftWire world;
  const Frame for_far = request(address_of(7), right_address(3));
  CHECK(world.hear(for_far).empty());
  CHECK_FALSE(world.knows(address_of(7)));
  REQUIRE(world.set("net.ipv4.conf.eth0.proxy_arp", 1));
  const auto said = world.hear(for_far);
  REQUIRE(said.size() == 1);
  CHECK(said[0].sender == right_address(3));
  CHECK(said[0].sender_mac == mac_of(2));
  CHECK(world.knows(address_of(7)));
  CHECK(world.hear(request(address_of(7), address_of(9))).empty());                // he can hear it himself
  CHECK(world.hear(request(address_of(7), Ipv4Address::of(8, 8, 8, 8))).empty());  // no way there
  REQUIRE(world.set("net.ipv4.ip_forward", 0));
  CHECK(world.hear(for_far).empty());
}

TEST_CASE("arp_announce says which address a question comes from", "[ip][arp][policy]") {
  struct Row {
    std::int64_t announce;
    Ipv4Address speaker;
    Ipv4Address asks_as;
  };
  const Ipv4Address second = address_of(5);
  const Row rows[] = {{0, right_address(2), right_address(2)},
                      {1, right_address(2), address_of(2)},
                      {2, right_address(2), address_of(2)},
                      {0, second, second},
                      {1, second, second},
                      {2, second, address_of(2)}};
  for (const Row& row : rows) {
    INFO(row.announce << " " << to_string(row.speaker));
    LeftWire world;
    auto& host = world.router().host;
    REQUIRE(host.add_address(world.router().nic.device(), {second, 24}).ok());
    REQUIRE(world.set("net.ipv4.conf.all.arp_announce", row.announce));
    static_cast<void>(world.router().start("sender", [&](kernel::Process& self) -> kernel::Task<void> {
      const int fd = *host.sockets().socket(self, socket::SocketKind::udp);
      CHECK(host.sockets().bind(self, fd, {row.speaker, 1000}).ok());
      const std::byte byte{};
      static_cast<void>(co_await host.sockets().sendto(self, fd, {&byte, 1}, socket::SocketAddress{address_of(9), 9}));
    }));
    world.run_for(kMillisecond);
    const auto asked = arps_of(world.said);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].target == address_of(9));
    CHECK(asked[0].sender == row.asks_as);
  }
}

TEST_CASE("who was not asked is remembered only with arp_accept", "[ip][arp][policy]") {
  const auto remembered = [](std::int64_t accept, ArpOperation operation, Ipv4Address sender, Ipv4Address target) {
    LeftWire world;
    REQUIRE(world.set("net.ipv4.conf.eth0.arp_accept", accept));
    static_cast<void>(world.hear(arp_frame(
        {.operation = operation, .sender_mac = mac_of(7), .sender = sender, .target_mac = mac_of(2), .target = target},
        mac_of(2))));
    return world.knows(sender);
  };
  const Ipv4Address near = address_of(7);
  const Ipv4Address foreign = Ipv4Address::of(203, 0, 113, 7);
  CHECK_FALSE(remembered(0, ArpOperation::reply, near, address_of(2)));
  CHECK(remembered(1, ArpOperation::reply, near, address_of(2)));
  CHECK(remembered(1, ArpOperation::request, near, near));  // gratuitous
  CHECK_FALSE(remembered(0, ArpOperation::request, near, near));
  CHECK_FALSE(remembered(1, ArpOperation::request, near, address_of(9)));
  CHECK(remembered(1, ArpOperation::reply, foreign, address_of(2)));
  CHECK_FALSE(remembered(2, ArpOperation::reply, foreign, address_of(2)));
}

TEST_CASE("gratuitous ARP is dropped when asked for, and sent when a device comes up", "[ip][arp][policy]") {
  LeftWire world;
  static_cast<void>(world.hear(request(address_of(7), address_of(2))));
  REQUIRE(world.set("net.ipv4.conf.eth0.drop_gratuitous_arp", 1));
  static_cast<void>(world.hear(request(address_of(7), address_of(7))));
  CHECK(world.counter("drop.arp_unwanted") == 1);

  auto& device = world.router().nic.device();
  auto& cpu = world.router().host.kernel().cpu(0);
  world.said.clear();
  device.close(cpu);
  REQUIRE(device.open(cpu).ok());
  CHECK(arps_of(world.said).empty());
  REQUIRE(world.set("net.ipv4.conf.eth0.arp_notify", 1));
  device.close(cpu);
  REQUIRE(device.open(cpu).ok());
  const auto said = arps_of(world.said);
  REQUIRE(said.size() == 1);
  CHECK(said[0].operation == ArpOperation::request);
  CHECK(said[0].sender == address_of(2));
  CHECK(said[0].target == address_of(2));
}
