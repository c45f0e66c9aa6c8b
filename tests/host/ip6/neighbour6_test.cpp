// SPDX-License-Identifier: Apache-2.0
// The neighbours of IPv6 have tunables of their own (the table is that of IPv4: neighbour_test).
#include <catch2/catch.hpp>

#include "tests/host/ip6/packets6.hpp"

using namespace host;
using namespace host_test;
using ip::NeighbourState;

namespace {

/// A station without peer, and neighbours that introduce themselves to it.
struct Neighbourhood6 : World {
  Neighbourhood6() : World({.stations = 1, .cpus = 1, .mtu = 1500, .host = {}}) {
    REQUIRE(station().host.add_address(eth0(), headers::Ipv6Prefix{global_of(1), 64}).ok());
    run_for(10 * kSecond);
    static_cast<void>(station().nic.take_sent());
  }
  Station& station() { return (*this)[1]; }
  ip::NeighbourTable& table() { return station().host.ip6().neighbours; }
  kernel::Cpu& cpu() { return station().host.kernel().cpu(0); }
  device::NetDevice& eth0() { return station().nic.device(); }
  std::uint64_t counter(const std::string& name) { return station().counter(name); }

  void set(const std::string& name, std::int64_t value) {
    REQUIRE(station().host.kernel().sysctl().set("net.ipv6.neigh." + name, value).ok());
  }
  void hear(unsigned n, bool solicited = true, base::MacAddress mac = mac_of(2)) {
    table().update(cpu(), eth0(), global_of(n), {.mac = mac, .solicited = solicited, .create = true});
  }
  std::optional<NeighbourState> state(unsigned n) {
    const auto view = table().find(eth0(), global_of(n));
    return view ? std::optional(view->state) : std::nullopt;
  }
  base::Result<void> send(unsigned n) {
    constexpr std::uint32_t kBytes = 100;
    skb::Skb packet = station().host.pool().allocate(kBytes);
    headers::write_ipv6(packet->put(kBytes), {.payload_length = kBytes - 40,
                                              .next_header = headers::NextHeader::udp,
                                              .hop_limit = 64,
                                              .source = global_of(1),
                                              .destination = global_of(n)});
    packet->reset_network_header();
    packet->dev = &eth0();  // as ip6_output leaves it
    packet->protocol = static_cast<std::uint16_t>(headers::EtherType::ipv6);
    return table().output(cpu(), eth0(), global_of(n), std::move(packet));
  }
  /// The questions until that time has passed: to the group, and to one station.
  struct Asked {
    std::size_t everybody = 0;
    std::size_t alone = 0;
    friend bool operator==(const Asked&, const Asked&) = default;
  };
  Asked asked_within(Nanoseconds time) {
    constexpr std::size_t kTypeAt = kTransport6At;
    run_for(time);
    Asked asked;
    for (const Frame& frame : station().nic.take_sent()) {
      if (frame.at(kTypeAt) != static_cast<std::byte>(headers::Icmp6Type::neighbor_solicitation)) continue;
      ++(base::MacAddress::load(frame, 0).is_multicast() ? asked.everybody : asked.alone);
    }
    return asked;
  }
};

using Asked = Neighbourhood6::Asked;

}  // namespace

TEST_CASE("Who is asked for over IPv6, how often and when, are tunables", "[ip6][neighbour]") {
  Neighbourhood6 world;
  CHECK(world.send(2).ok());
  CHECK(world.asked_within(10 * kSecond) == Asked{3, 0});
  world.set("eth0.mcast_solicit", 5);
  CHECK(world.send(3).ok());
  CHECK(world.asked_within(10 * kSecond) == Asked{5, 0});
  world.hear(4, false);
  world.set("eth0.delay_first_probe_time", 2);
  world.set("eth0.ucast_solicit", 4);
  world.set("eth0.mcast_resolicit", 2);
  CHECK(world.send(4).ok());
  CHECK(world.asked_within(1'900 * kMillisecond) == Asked{});
  CHECK(world.asked_within(10 * kSecond) == Asked{2, 4});
  CHECK(world.state(4) == NeighbourState::failed);
}

TEST_CASE("How long a neighbour of IPv6 is believed, and kept, are tunables", "[ip6][neighbour]") {
  Neighbourhood6 world;
  world.set("eth0.base_reachable_time_ms", 2'000);
  world.hear(2);
  CHECK(world.state(2) == NeighbourState::reachable);
  world.run_for(4 * kSecond);  // one and a half of it at most
  CHECK(world.state(2) == NeighbourState::stale);

  world.hear(3);
  world.hear(3, false, mac_of(6));  // by default nothing is locked
  CHECK(world.table().find(world.eth0(), global_of(3))->mac == mac_of(6));
  world.set("eth0.locktime", 200);
  world.hear(3, false, mac_of(7));
  CHECK(world.table().find(world.eth0(), global_of(3))->mac == mac_of(6));

  world.set("eth0.gc_stale_time", 30);
  world.set("default.gc_thresh1", 1);
  world.run_for(300 * kSecond);
  world.hear(9);
  world.run_for(40 * kSecond);
  CHECK_FALSE(world.state(2));
}

TEST_CASE("The table of IPv6 and what waits in it are bounded by tunables", "[ip6][neighbour]") {
  Neighbourhood6 world;
  world.set("eth0.unres_qlen_bytes", 10'000);
  const std::uint32_t each = world.station().host.pool().allocate(100)->truesize();
  for (unsigned i = 0; i < 50; ++i) CHECK(world.send(2).ok());
  CHECK(world.table().find(world.eth0(), global_of(2))->queued == 10'000 / each);
  CHECK(world.counter("drop.nd_queue_full") == 50 - 10'000 / each);
  world.set("eth0.unres_qlen", 1);
  CHECK(world.station().host.kernel().sysctl().find("net.ipv6.neigh.eth0.unres_qlen_bytes").value == 2'090);

  world.set("default.gc_thresh2", 10);
  world.set("default.gc_thresh3", 20);
  for (unsigned n = 10; n < 60; ++n) world.hear(n, false);
  CHECK(world.table().size() <= 20);
  CHECK_FALSE(world.state(59));
  world.set("default.gc_thresh3", 1'000);
  world.hear(59, false);
  CHECK(world.state(59) == NeighbourState::stale);
}
