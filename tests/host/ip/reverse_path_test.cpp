// SPDX-License-Identifier: Apache-2.0
// rp_filter: who may say that he is whom, by which device (RFC 3704).
#include <catch2/catch.hpp>

#include <functional>

#include "tests/host/ip/router_world.hpp"

using namespace host;
using namespace host_test;
using headers::Ipv4Address;

TEST_CASE("rp_filter refuses sources that are reached by another device, or not at all", "[ip][rp_filter]") {
  const Ipv4Address unknown = Ipv4Address::of(203, 0, 113, 1);
  struct Row {
    const char* what;
    std::int64_t all;
    std::int64_t device;
    Ipv4Address source;
    bool passes;
  };
  const Row rows[] = {
      {"off, other side", 0, 0, right_address(7), true},
      {"off, unknown", 0, 0, unknown, true},
      {"strict, neighbour", 0, 1, address_of(1), true},
      {"strict, other side", 0, 1, right_address(7), false},
      {"strict, unknown", 0, 1, unknown, false},
      {"loose, other side", 0, 2, right_address(7), true},
      {"loose, unknown", 0, 2, unknown, false},
      {"the larger word counts", 1, 0, right_address(7), false},
      {"loose over strict", 2, 1, right_address(7), true},
  };
  for (const Row& row : rows) {
    for (const Ipv4Address destination : {right_address(3), address_of(2)}) {
      INFO(row.what << " to " << to_string(destination));
      RouterWorld world;
      REQUIRE(world.set("net.ipv4.conf.all.rp_filter", row.all));
      REQUIRE(world.set("net.ipv4.conf.eth0.rp_filter", row.device));
      PacketOptions options = RouterWorld::through();
      options.source = row.source;
      options.destination = destination;
      static_cast<void>(world.from_left(udp_frame(4000, 9, 10, options)));
      const bool passed =
          world.counter("Ip.ForwDatagrams") + world.counter("Ip.InDelivers") >= 1;  // an answer goes on too
      CHECK(passed == row.passes);
      CHECK(world.counter("rt_cache.IPReversePathFilter") == (row.passes ? 0 : 1));
      CHECK(world.counter("drop.ip_reverse_path") == (row.passes ? 0 : 1));
    }
  }
}

TEST_CASE("our own address in a stranger's packet is a martian, unless accept_local", "[ip][rp_filter]") {
  RouterWorld world;
  PacketOptions options = RouterWorld::through();
  options.source = address_of(2);
  static_cast<void>(world.from_left(udp_frame(4000, 9, 10, options)));
  CHECK(world.counter("rt_cache.in_martian_src") == 1);
  CHECK(world.counter("drop.ip_bad_source") == 1);
  REQUIRE(world.set("net.ipv4.conf.eth0.accept_local", 1));
  static_cast<void>(world.from_left(udp_frame(4000, 9, 10, options)));
  CHECK(world.counter("Ip.ForwDatagrams") == 1);
}

TEST_CASE("what was decided for a flow holds as long as what decided it", "[ip][rp_filter][route]") {
  RouterWorld world;
  PacketOptions options = RouterWorld::through();
  options.source = right_address(7);
  options.destination = address_of(2);
  const auto accepted = [&] {
    const auto before = world.counter("Ip.InDelivers");
    static_cast<void>(world.from_left(udp_frame(4000, 9, 10, options)));
    return world.counter("Ip.InDelivers") > before;
  };
  /// The same flow by the other device, where it may come from.
  const auto right_hears = [&] {
    PacketOptions by_right = options;
    by_right.destination_mac = world.right.device().address();
    const auto before = world.counter("Ip.InDelivers");
    world.right.deliver(udp_frame(4000, 9, 10, by_right));
    world.run_for(kMillisecond);
    return world.counter("Ip.InDelivers") > before;
  };
  auto& ip = world.router().host.ip();
  const ip::Route nowhere{.prefix = {right_address(7), 32}, .type = ip::RouteType::blackhole};
  struct Row {
    const char* what;
    std::function<bool()> change;
    bool passes;
  };
  const Row rows[] = {
      {"at first", [] { return true; }, true},
      {"again", [] { return true; }, true},
      {"rp_filter", [&] { return world.set("net.ipv4.conf.eth0.rp_filter", 1); }, false},
      {"the other device hears it", right_hears, false},
      {"loose", [&] { return world.set("net.ipv4.conf.eth0.rp_filter", 2); }, true},
      {"no way back", [&] { return ip.routes.add(nowhere, ip::RouteAdd::create).ok(); }, false},
      {"a way back", [&] { return ip.routes.remove({.prefix = nowhere.prefix}).ok(); }, true},
      {"no such address",
       [&] {
         return ip.addresses.remove(world.router().nic.device(), {address_of(2), 24}).ok();
       },
       false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    REQUIRE(row.change());
    CHECK(accepted() == row.passes);
    CHECK(accepted() == row.passes);
  }
  options.destination = right_address(2);  // another address of ours: another flow
  CHECK(accepted());
}
