// SPDX-License-Identifier: Apache-2.0
// The neighbour table: each interface's tunables, how long who is believed, who is forgotten, and what is counted.
#include <catch2/catch.hpp>

#include <set>

#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using headers::ArpOperation;
using ip::NeighbourState;

namespace {

/// A station without peer, and neighbours that introduce themselves to it.
struct Neighbourhood : World {
  explicit Neighbourhood(std::uint64_t seed = 1)
      : World({.stations = 1, .cpus = 1, .mtu = 1500, .host = {.seed = seed}}) {}
  Station& station() { return (*this)[1]; }
  ip::NeighbourTable& table() { return station().host.ip().neighbours; }
  kernel::Cpu& cpu() { return station().host.kernel().cpu(0); }
  device::NetDevice& eth0() { return station().nic.device(); }
  std::uint64_t counter(const std::string& name) { return station().counter(name); }
  static headers::Ipv4Address address(unsigned n) { return {address_of(0).value + n}; }

  void set(const std::string& name, std::int64_t value) {
    REQUIRE(station().host.kernel().sysctl().set("net.ipv4.neigh." + name, value).ok());
  }
  /// It says who it is: as an answer to a question, or just so.
  void hear(unsigned n, bool solicited = true, base::MacAddress mac = mac_of(2)) {
    table().update(cpu(), eth0(), address(n), {.mac = mac, .solicited = solicited, .create = true});
  }
  std::optional<NeighbourState> state(unsigned n) {
    const auto view = table().find(eth0(), address(n));
    return view ? std::optional(view->state) : std::nullopt;
  }
  /// A packet of that many bytes to a neighbour.
  base::Result<void> send(unsigned n, std::uint32_t bytes = 100) {
    skb::Skb packet = station().host.pool().allocate(bytes);
    auto header = packet->put(bytes);
    headers::write_ipv4(header, {.total_length = static_cast<std::uint16_t>(bytes),
                                 .protocol = headers::IpProtocol::udp,
                                 .source = address_of(1),
                                 .destination = address(n)});
    packet->reset_network_header();
    packet->protocol = static_cast<std::uint16_t>(headers::EtherType::ipv4);
    return table().output(cpu(), eth0(), address(n), std::move(packet));
  }
  /// What it asks until that time has passed: of everybody, and of one station.
  struct Asked {
    std::size_t everybody = 0;
    std::size_t alone = 0;
    friend bool operator==(const Asked&, const Asked&) = default;
  };
  Asked asked_within(Nanoseconds time) {
    run_for(time);
    Asked asked;
    for (const Frame& frame : station().nic.take_sent()) {
      const auto ethernet = headers::EthernetView::parse(frame);
      if (ethernet->type() != headers::EtherType::arp) continue;
      ++(ethernet->destination().is_broadcast() ? asked.everybody : asked.alone);
    }
    return asked;
  }
};

using Asked = Neighbourhood::Asked;

}  // namespace

TEST_CASE("What was confirmed holds for between half and one and a half of base_reachable_time", "[ip][neighbour]") {
  std::set<Nanoseconds> lives;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Neighbourhood world(seed);
    world.set("eth0.base_reachable_time_ms", 10'000);
    world.hear(2);
    Nanoseconds life = 0;
    for (; world.state(2) == NeighbourState::reachable; life += 100 * kMillisecond) world.run_for(100 * kMillisecond);
    CHECK(life >= 5 * kSecond);
    CHECK(life <= 15 * kSecond + 100 * kMillisecond);
    lives.insert(life);
  }
  CHECK(lives.size() > 4);
}

TEST_CASE("Each interface has its own tunables, new ones those of default", "[ip][neighbour]") {
  Neighbourhood world;
  world.set("default.base_reachable_time_ms", 1'000);
  world.hear(2);
  world.run_for(2 * kSecond);
  CHECK(world.state(2) == NeighbourState::reachable);  // eth0 was there before
  CableNic late(world.station().host, world.station().irqs, mac_of(7), 1500, "eth1");
  const auto& sysctl = world.station().host.kernel().sysctl();
  CHECK(sysctl.find("net.ipv4.neigh.eth1.base_reachable_time_ms").value == 1'000);
  CHECK(sysctl.find("net.ipv4.neigh.eth0.base_reachable_time_ms").value == 30'000);
  CHECK(sysctl.contains("net.ipv6.neigh.eth1.retrans_time_ms"));
  CHECK(sysctl.find("net.ipv4.neigh.eth0.locktime").value == 100);
  CHECK(sysctl.find("net.ipv6.neigh.eth0.locktime").value == 0);
}

TEST_CASE("How often it asks, and how long it waits, are tunables", "[ip][neighbour]") {
  Neighbourhood world;
  CHECK(world.send(2).ok());
  CHECK(world.asked_within(10 * kSecond) == Asked{3, 0});
  world.set("eth0.mcast_solicit", 5);
  world.set("eth0.retrans_time_ms", 200);
  CHECK(world.send(3).ok());
  CHECK(world.asked_within(900 * kMillisecond) == Asked{5, 0});
  CHECK(world.state(3) == NeighbourState::incomplete);
  CHECK(world.asked_within(200 * kMillisecond) == Asked{});
  CHECK(world.state(3) == NeighbourState::failed);

  world.hear(4, false);
  world.set("eth0.delay_first_probe_time", 2);
  world.set("eth0.ucast_solicit", 4);
  world.set("eth0.mcast_resolicit", 2);
  CHECK(world.send(4).ok());
  CHECK(world.asked_within(1'900 * kMillisecond) == Asked{});
  CHECK(world.asked_within(10 * kSecond) == Asked{2, 4});
  CHECK(world.state(4) == NeighbourState::failed);
  world.set("eth0.mcast_solicit", 0);
  CHECK(world.send(5).error() == base::Errno::host_unreachable);
}

TEST_CASE("An entry is locked for locktime against who was not asked", "[ip][neighbour]") {
  Neighbourhood world;
  world.hear(2);
  world.run_for(500 * kMillisecond);
  world.hear(2, false, mac_of(6));
  CHECK(world.table().find(world.eth0(), world.address(2))->mac == mac_of(2));
  world.set("eth0.locktime", 20);
  world.hear(2, false, mac_of(6));
  CHECK(world.table().find(world.eth0(), world.address(2))->mac == mac_of(6));
}

TEST_CASE("Packets that wait are bounded by their bytes", "[ip][neighbour]") {
  Neighbourhood world;
  const auto& sysctl = world.station().host.kernel().sysctl();
  CHECK(sysctl.find("net.ipv4.neigh.eth0.unres_qlen").value == 101);
  world.set("eth0.unres_qlen", 3);
  CHECK(sysctl.find("net.ipv4.neigh.eth0.unres_qlen_bytes").value == 3 * 2'090);
  world.set("eth0.unres_qlen_bytes", 10'000);
  CHECK(sysctl.find("net.ipv4.neigh.eth0.unres_qlen").value == 4);
  const std::uint32_t each = world.station().host.pool().allocate(100)->truesize();
  for (unsigned i = 0; i < 50; ++i) CHECK(world.send(2).ok());
  const std::size_t fit = 10'000 / each;
  CHECK(world.table().find(world.eth0(), world.address(2))->queued == fit);
  CHECK(world.counter("arp.unresolved_discards") == 50 - fit);
  CHECK(world.counter("drop.arp_queue_full") == 50 - fit);
  world.set("eth0.unres_qlen_bytes", 0);
  CHECK(world.send(3).ok());  // one always waits
  CHECK(world.send(3).ok());
  CHECK(world.table().find(world.eth0(), world.address(3))->queued == 1);
}

TEST_CASE("Below gc_thresh1 nobody is forgotten, above it who was not used for gc_stale_time", "[ip][neighbour]") {
  Neighbourhood world;
  world.set("eth0.gc_stale_time", 30);
  for (unsigned n = 2; n < 102; ++n) world.hear(n, false);
  world.run_for(300 * kSecond);
  CHECK(world.table().size() == 100);
  CHECK(world.counter("arp.periodic_gc_runs") == 0);
  world.set("default.gc_thresh1", 50);
  REQUIRE(world.table()
              .set(world.cpu(), world.eth0(), world.address(200), mac_of(9), NeighbourState::permanent,
                   ip::NeighbourSet::add)
              .ok());
  world.hear(201);
  world.run_for(20 * kSecond);
  CHECK(world.table().size() == 2);
  CHECK(world.state(200) == NeighbourState::permanent);
  CHECK(world.counter("arp.periodic_gc_runs") == 1);
  CHECK(world.counter("arp.destroys") == 100);
}

TEST_CASE("A crowded table forgets who failed, needs no question, or is silent for five seconds", "[ip][neighbour]") {
  Neighbourhood world;
  world.set("default.gc_thresh2", 10);
  world.set("default.gc_thresh3", 20);
  for (unsigned n = 2; n < 22; ++n) world.hear(n, false);
  CHECK(world.table().size() == 20);
  world.hear(30, false);  // all are fresh
  CHECK_FALSE(world.state(30));
  CHECK(world.counter("arp.table_fulls") == 1);
  CHECK(world.counter("arp.forced_gc_runs") == 2);  // at gc_thresh2, and now
  world.run_for(6 * kSecond);
  world.hear(5);  // who is reachable stays
  world.hear(31, false);
  CHECK(world.state(31) == NeighbourState::stale);
  CHECK(world.state(5) == NeighbourState::reachable);
  CHECK_FALSE(world.state(2));
  CHECK(world.table().size() == 11);
}

TEST_CASE("Floods of new neighbours stay within gc_thresh3, permanent ones beside", "[ip][neighbour]") {
  Neighbourhood world;
  for (unsigned n = 2; n < 12; ++n) {
    REQUIRE(world.table()
                .set(world.cpu(), world.eth0(), world.address(n), mac_of(n), NeighbourState::permanent,
                     ip::NeighbourSet::add)
                .ok());
  }
  std::uint64_t refused = 0;
  for (unsigned n = 1'000; n < 4'000; ++n) refused += world.send(n).ok() ? 0 : 1;
  CHECK(world.table().size() == 1'024 + 10);
  CHECK(refused == 3'000 - 1'024);
  CHECK(world.counter("drop.arp_queue_full") == refused);
  CHECK(world.counter("arp.table_fulls") == refused);
  world.run_for(10 * kSecond);  // all have failed
  CHECK(world.send(5'000).ok());
  CHECK(world.table().size() == 512 + 10 + 1);
  CHECK(world.send(2).ok());
}

TEST_CASE("Groups and everybody need no question", "[ip][neighbour]") {
  Neighbourhood world;
  const auto to = [&](headers::Ipv4Address address, base::MacAddress station) {
    world.run_for(kMillisecond);
    static_cast<void>(world.station().nic.take_sent());
    REQUIRE(world.send(address.value - address_of(0).value).ok());
    world.run_for(kMillisecond);
    const auto sent = world.station().nic.take_sent();
    REQUIRE(sent.size() == 1);
    CHECK(headers::EthernetView::parse(sent[0])->destination() == station);
    CHECK(world.table().find(world.eth0(), address)->state == NeighbourState::noarp);
  };
  to(headers::Ipv4Address::of(10, 0, 0, 255), base::MacAddress::broadcast());
  to(headers::Ipv4Address::of(255, 255, 255, 255), base::MacAddress::broadcast());
  to(headers::Ipv4Address::of(224, 0, 0, 5), headers::multicast_mac(headers::Ipv4Address::of(224, 0, 0, 5)));
  CHECK(world.table().all().empty());
  CHECK(world.table().size() == 3);
}

TEST_CASE("An interface that goes down has no neighbours, and one that goes away no tunables", "[ip][neighbour]") {
  Neighbourhood world;
  {
    CableNic late(world.station().host, world.station().irqs, mac_of(7), 1500, "eth1");
    world.table().update(world.cpu(), late.device(), world.address(9), {.mac = mac_of(9), .create = true});
    CHECK(world.table().size() == 1);
    late.device().close(world.cpu());
    CHECK(world.table().size() == 0);
  }
  CHECK_FALSE(world.station().host.kernel().sysctl().contains("net.ipv4.neigh.eth1.retrans_time_ms"));
}

TEST_CASE("/proc/net/stat/arp_cache counts by CPU in hexadecimal", "[ip][neighbour]") {
  Neighbourhood world;
  for (unsigned n = 2; n < 20; ++n) world.hear(n);
  const auto text = world.station().host.kernel().files().read("/proc/net/stat/arp_cache");
  REQUIRE(text.ok());
  CHECK(*text ==
        "entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast rcv_probes_ucast "
        "periodic_gc_runs forced_gc_runs unresolved_discards table_fulls\n"
        "00000012 00000012 00000000 00000002   00000012 00000000 00000000   00000000         00000000         "
        "00000000         00000000       00000000            00000000\n");
  CHECK(world.station().host.kernel().files().read("/proc/net/stat/ndisc_cache").ok());
}
