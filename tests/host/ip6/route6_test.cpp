// SPDX-License-Identifier: Apache-2.0
// The routing table against a list, and whom a host speaks as (RFC 6724).
#include <catch2/catch.hpp>
#include <random>

#include "host/ip6/ip6_route.hpp"
#include "tests/host/ip6/router6_world.hpp"

using namespace host;
using namespace host_test;
using headers::Ipv6Address;
using headers::Ipv6Prefix;
using ip6::Route6;
using ip6::Route6Table;

namespace {

/// Few different bits, so that prefixes nest.
Ipv6Address nearby(std::mt19937& random) {
  Ipv6Address address = Ipv6Address::of(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0);
  for (unsigned i = 4; i < Ipv6Address::kBytes; ++i) address.octets[i] = static_cast<std::uint8_t>(random() & 0x81U);
  return address;
}

const Route6* longest(const std::vector<Route6>& routes, const Ipv6Address& to, const device::NetDevice* device) {
  const Route6* best = nullptr;
  for (const Route6& route : routes) {
    if (!route.prefix.contains(to) || (device != nullptr && route.device != device)) continue;
    const bool longer = best == nullptr || route.prefix.length > best->prefix.length;
    const bool better = best != nullptr && route.prefix.length == best->prefix.length && route.metric < best->metric;
    if (longer || better) best = &route;
  }
  return best;
}

}  // namespace

TEST_CASE("The longest prefix wins, then the smallest metric, as in a list", "[ip6][route]") {
  Lone6 world(2);
  std::array<device::NetDevice*, 2> devices = {&world[1].nic.device(), &world[2].nic.device()};
  Route6Table table;
  std::vector<Route6> list;
  std::mt19937 random(9);
  for (int i = 0; i < 4'000; ++i) {
    Route6 route{.prefix = {nearby(random), static_cast<unsigned>(random() % 129)}};
    route.prefix.address = route.prefix.network();
    route.device = devices[random() % 2];
    route.metric = static_cast<std::uint32_t>(random());
    route.gateway.octets[15] = static_cast<std::uint8_t>(i);
    if (table.add(route).ok()) list.push_back(route);
  }
  CHECK(table.routes().size() == list.size());
  const auto compare = [&] {
    for (int i = 0; i < 4'000; ++i) {
      const Ipv6Address to = nearby(random);
      const device::NetDevice* device = random() % 2 == 0 ? nullptr : devices[random() % 2];
      const Route6* ours = table.lookup(to, device);
      const Route6* theirs = longest(list, to, device);
      REQUIRE((ours == nullptr) == (theirs == nullptr));
      if (ours != nullptr) {
        REQUIRE(ours->prefix == theirs->prefix);
        REQUIRE(ours->metric == theirs->metric);
      }
    }
  };
  compare();
  for (int i = 0; i < 1'000; ++i) {
    const Route6 gone = list[random() % list.size()];
    REQUIRE(table.remove(gone.prefix, *gone.device, gone.gateway).ok());
    std::erase_if(list, [&](const Route6& route) {
      return route.prefix == gone.prefix && route.device == gone.device && route.gateway == gone.gateway;
    });
  }
  compare();
  CHECK(table.remove({nearby(random), 64}, *devices[0], global_of(77)).error() == base::Errno::no_entry);
  CHECK(table.add({.prefix = {global_of(1), 64}}).error() == base::Errno::invalid);
  table.remove_all(*devices[0]);
  CHECK(std::ranges::all_of(table.routes(), [&](const Route6& route) { return route.device == devices[1]; }));
}

TEST_CASE("The source address is of the destination's scope, not deprecated, alike", "[ip6][route]") {
  Lone6 world;
  auto& cpu = world.station().host.kernel().cpu(0);
  const auto speak_to = [&](const char* to) {
    return to_string(world.ip6().addresses.select(world.eth0(), *Ipv6Address::parse(to)).value_or(Ipv6Address{}));
  };
  for (const char* own : {"2001:db8:1::1/64", "2001:db8:2::1/64"}) {
    REQUIRE(world.ip6().addrconf->add_address(cpu, world.eth0(), *Ipv6Prefix::parse(own)).ok());
  }
  CHECK(speak_to("2001:db8:2::9") == "fd00::1");  // the others are tentative still
  world.run_for(5 * kSecond);
  CHECK(speak_to("2001:db8:2::9") == "2001:db8:2::1");
  CHECK(speak_to("2001:db8:1::9") == "2001:db8:1::1");
  CHECK(speak_to("fd00::9") == "fd00::1");
  CHECK(speak_to("fe80::9") == "fe80::ff:fe00:1");
  CHECK(speak_to("ff02::9") == "fe80::ff:fe00:1");
  CHECK(speak_to("ff0e::9") != "fe80::ff:fe00:1");
  CHECK(speak_to("2001:db8:1::1") == "2001:db8:1::1");
  world.ip6().addresses.find(world.eth0(), *Ipv6Address::parse("2001:db8:2::1"))->state = ip6::AddressState::deprecated;
  CHECK(speak_to("2001:db8:2::9") == "2001:db8:1::1");
}

TEST_CASE("A packet's way out, and why there is none", "[ip6][route]") {
  Lone6 world;
  auto& cpu = world.station().host.kernel().cpu(0);
  const auto way = [&](const ip6::FlowKey6& flow) { return ip6::ip6_route_output(world.ip6(), cpu, flow); };
  CHECK(way({.destination = global_of(2)})->device == &world.eth0());
  CHECK(way({.destination = global_of(2)})->source == global_of(1));
  CHECK(way({.destination = global_of(1)})->device == world.station().host.ip().loopback);
  CHECK(way({.destination = headers::kIpv6Loopback})->source == headers::kIpv6Loopback);
  CHECK(way({.destination = *Ipv6Address::parse("2001::1")}).error() == base::Errno::network_unreachable);
  CHECK(way({.destination = headers::link_local_of(mac_of(2))}).error() == base::Errno::invalid);
  CHECK(way({.destination = headers::link_local_of(mac_of(2)), .device = &world.eth0()}).ok());
  CHECK(way({.destination = headers::kAllNodes}).error() == base::Errno::invalid);
  CHECK(way({.destination = headers::kAllNodes, .device = &world.eth0()}).ok());
  CHECK(way({.destination = global_of(2), .source = global_of(3)}).error() == base::Errno::address_not_available);
}

TEST_CASE("A group beyond the link is where a route says, else at the first interface that speaks IPv6",
          "[ip6][route][multicast]") {
  Router6World world;
  Station& router = world.router();
  auto& cpu = router.host.kernel().cpu(0);
  const Ipv6Address group = *Ipv6Address::parse("ff15::123");
  const auto device_of = [&] { return ip6::ip6_route_output(router.host.ip6(), cpu, {.destination = group})->device; };
  device::NetDevice* left = &router.nic.device();
  CHECK(device_of() == left);
  world.set("net.ipv6.conf.eth0.disable_ipv6", 1);
  CHECK(device_of() == &world.right.device());
  world.set("net.ipv6.conf.eth0.disable_ipv6", 0);
  world.run_for(5 * kSecond);
  CHECK(device_of() == left);
  Router6World::add_route(router, world.right, *Ipv6Prefix::parse("ff15::/16"), {});
  CHECK(device_of() == &world.right.device());
  CHECK(ip6::ip6_route_output(router.host.ip6(), cpu, {.destination = group, .device = left})->device == left);
}
