// SPDX-License-Identifier: Apache-2.0
// Routing tables: the longest prefix, metrics, and what `ip route` refuses, with Linux's errors.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "host/ip/fib.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using headers::Ipv4Address;
using headers::Ipv4Prefix;
using ip::Route;
using ip::RouteAdd;
using ip::RouteScope;
using ip::RouteTable;
using ip::RouteType;

namespace {

Ipv4Prefix prefix(const char* text) {
  return *Ipv4Prefix::parse(text);
}
Ipv4Address address(const char* text) {
  return *Ipv4Address::parse(text);
}

/// What a table of plain rules would say: of all routes that contain the address, the longest.
const Route* naive_lookup(const std::vector<Route>& routes, Ipv4Address destination) {
  const Route* best = nullptr;
  for (const Route& route : routes) {
    if (route.prefix.contains(destination) && (best == nullptr || route.prefix.length > best->prefix.length)) {
      best = &route;
    }
  }
  return best;
}

/// Prefixes of every length, crowded so that many contain each other.
Ipv4Prefix random_prefix(std::mt19937& random) {
  const auto length = static_cast<unsigned>(random() % 33);
  const auto crowded =
      static_cast<std::uint32_t>(random() % 4 == 0 ? random() : 0x0a00'0000U | (random() & 0xff'ffffU));
  return {Ipv4Prefix{{crowded}, length}.network(), length};
}

}  // namespace

TEST_CASE("the longest prefix wins, whatever the order of the routes", "[ip][route]") {
  RouteTable table;
  const auto add = [&](const char* text) { return table.add({.prefix = prefix(text)}); };
  const char* prefixes[] = {"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "10.1.2.128/25"};
  for (const char* text : prefixes) {
    REQUIRE(add(text).ok());
  }
  const std::pair<const char*, unsigned> expected[] = {{"192.0.2.1", 0}, {"10.9.9.9", 8},       {"10.1.9.9", 16},
                                                       {"10.1.2.9", 24}, {"10.1.2.3", 32},      {"10.1.2.200", 25},
                                                       {"11.0.0.0", 0},  {"255.255.255.255", 0}};
  for (const auto& [text, length] : expected) {
    INFO(text);
    CHECK(table.lookup({.destination = address(text)})->prefix.length == length);
  }
  CHECK(table.routes().front().prefix.length == 0);  // `ip route show` begins with the default route
  CHECK(add("10.0.0.0/8").error() == Errno::exists);
  CHECK(add("10.0.0.1/8").error() == Errno::invalid);
  REQUIRE(table.remove({.prefix = prefix("10.1.2.0/24")}).ok());
  CHECK(table.remove({.prefix = prefix("10.1.2.0/24")}).error() == Errno::no_process);
  CHECK(table.lookup({.destination = address("10.1.2.9")})->prefix.length == 16);
}

TEST_CASE("ten thousand random prefixes are found as a naive table finds them, in 33 looks", "[ip][route][random]") {
  std::mt19937 random(7);
  RouteTable table;
  std::vector<Route> naive;
  while (naive.size() < 10'000) {
    const Route route{.prefix = random_prefix(random), .metric = 0};
    const bool fresh = table.add(route).ok();
    if (fresh) {
      naive.push_back(route);
    }
  }
  CHECK(table.size() == 10'000);
  CHECK(table.looks() <= 33);
  const auto compare = [&](unsigned times) {
    for (unsigned i = 0; i < times; ++i) {
      const Ipv4Address near = naive.empty() ? Ipv4Address{} : naive[random() % naive.size()].prefix.address;
      const Ipv4Address destination{random() % 3 == 0 ? static_cast<std::uint32_t>(random())
                                                      : near.value ^ static_cast<std::uint32_t>(1U << random() % 32)};
      const Route* found = table.lookup({.destination = destination});
      const Route* expected = naive_lookup(naive, destination);
      REQUIRE((found == nullptr) == (expected == nullptr));
      REQUIRE((found == nullptr || *found == *expected));
    }
  };
  compare(2'000);
  std::shuffle(naive.begin(), naive.end(), random);
  while (!naive.empty()) {
    const std::size_t left = naive.size() > 1'000 ? naive.size() - 1'000 : 0;
    for (; naive.size() > left; naive.pop_back()) {
      REQUIRE(table.remove({.prefix = naive.back().prefix}).ok());
    }
    compare(200);
  }
  CHECK(table.size() == 0);
  CHECK(table.looks() == 0);
}

TEST_CASE("of one prefix's routes the least metric counts, and a type of service before none", "[ip][route]") {
  RouteTable table;
  const Ipv4Prefix net = prefix("198.51.100.0/24");
  const auto gateway_for = [&](std::uint8_t tos) {
    return table.lookup({.destination = address("198.51.100.7"), .tos = tos})->gateway;
  };
  REQUIRE(table.add({.prefix = net, .gateway = address_of(2), .metric = 100}).ok());
  REQUIRE(table.add({.prefix = net, .gateway = address_of(3), .metric = 50}).ok());
  REQUIRE(table.add({.prefix = net, .gateway = address_of(4), .metric = 900, .tos = 0x10}).ok());
  CHECK(gateway_for(0) == address_of(3));
  CHECK(gateway_for(0x10) == address_of(4));
  CHECK(gateway_for(0x08) == address_of(3));
  REQUIRE(table.remove({.prefix = net, .gateway = address_of(3)}).ok());
  CHECK(gateway_for(0) == address_of(2));
}

TEST_CASE("add, append, replace and change differ in what may be there", "[ip][route]") {
  RouteTable table;
  const Ipv4Prefix net = prefix("198.51.100.0/24");
  const Route first{.prefix = net, .gateway = address_of(2)};
  const Route second{.prefix = net, .gateway = address_of(3)};
  const Route third{.prefix = net, .gateway = address_of(4)};
  const auto gateway = [&] { return table.lookup({.destination = address("198.51.100.7")})->gateway; };
  CHECK(table.add(first, RouteAdd::change).error() == Errno::no_entry);
  REQUIRE(table.add(first).ok());
  CHECK(table.add(second).error() == Errno::exists);  // another gateway does not make another route
  REQUIRE(table.add(second, RouteAdd::append).ok());
  CHECK(table.add(second, RouteAdd::append).error() == Errno::exists);
  CHECK(gateway() == address_of(2));
  REQUIRE(table.add(third, RouteAdd::replace).ok());
  CHECK(table.size() == 2);
  CHECK(gateway() == address_of(4));
  CHECK(table.add(third, RouteAdd::replace).ok());  // itself
  CHECK(table.add(second, RouteAdd::change).error() == Errno::exists);
  REQUIRE(table.remove({.prefix = net}).ok());
  CHECK(gateway() == address_of(3));
}

TEST_CASE("routes that lead nowhere answer with their errors", "[ip][route]") {
  ip::Fib fib;
  const auto error_to = [&](const char* text) { return fib.lookup({.destination = address(text)}).error(); };
  REQUIRE(fib.add({.prefix = prefix("192.0.2.0/26"), .type = RouteType::blackhole}).ok());
  REQUIRE(fib.add({.prefix = prefix("192.0.2.64/26"), .type = RouteType::unreachable}).ok());
  REQUIRE(fib.add({.prefix = prefix("192.0.2.128/26"), .type = RouteType::prohibit}).ok());
  REQUIRE(fib.add({.prefix = prefix("192.0.2.192/26"), .type = RouteType::throw_}).ok());
  REQUIRE(fib.add({.prefix = prefix("0.0.0.0/0"), .type = RouteType::prohibit, .table = ip::kDefaultTable}).ok());
  CHECK(error_to("192.0.2.1") == Errno::invalid);
  CHECK(error_to("192.0.2.65") == Errno::host_unreachable);
  CHECK(error_to("192.0.2.129") == Errno::access);
  CHECK(error_to("192.0.2.193") == Errno::access);  // on to the next rule's table
  REQUIRE(fib.remove({.prefix = prefix("0.0.0.0/0"), .table = ip::kDefaultTable}).ok());
  CHECK(error_to("192.0.2.193") == Errno::network_unreachable);
}

TEST_CASE("a route is checked as Linux checks it", "[ip][route]") {
  World world({.stations = 1});
  ip::Fib& fib = world[1].host.ip().routes;
  device::NetDevice& device = world[1].nic.device();
  const Ipv4Prefix net = prefix("198.51.100.0/24");
  struct Row {
    const char* what;
    Route route;
    Errno error;
  };
  const Row rows[] = {
      {"no way to the gateway", {.prefix = net, .gateway = address("203.0.113.1")}, Errno::network_unreachable},
      {"a gateway that is a broadcast address", {.prefix = net, .gateway = address_of(255)}, Errno::invalid},
      {"neither gateway nor device", {.prefix = net}, Errno::no_device},
      {"on the link, which one?", {.prefix = net, .gateway = address_of(9), .onlink = true}, Errno::no_device},
      {"our own gateway, on the link",
       {.prefix = net, .device = &device, .gateway = address_of(1), .onlink = true},
       Errno::invalid},
      {"a gateway to what is on the link",
       {.prefix = net, .gateway = address_of(2), .scope = RouteScope::link},
       Errno::invalid},
      {"from an address that is not ours",
       {.prefix = net, .gateway = address_of(2), .preferred_source = address_of(9)},
       Errno::invalid},
      {"nowhere, by a device", {.prefix = net, .type = RouteType::blackhole, .device = &device}, Errno::invalid},
      {"a broadcast as far as the universe",
       {.prefix = net, .type = RouteType::broadcast, .device = &device},
       Errno::invalid},
      {"host bits", {.prefix = prefix("198.51.100.1/24"), .gateway = address_of(2)}, Errno::invalid},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const auto added = fib.add(row.route);
    REQUIRE_FALSE(added.ok());
    CHECK(added.error() == row.error);
  }
  REQUIRE(fib.add({.prefix = net, .gateway = address_of(2)}).ok());
  CHECK(fib.lookup({.destination = address("198.51.100.1")}).value()->device == &device);
  // A gateway behind a gateway is not on a link; one that is said to be is.
  const Route behind{.prefix = prefix("203.0.113.0/24"), .device = &device, .gateway = address("198.51.100.9")};
  CHECK(fib.add(behind).error() == Errno::network_unreachable);
  Route onlink = behind;
  onlink.onlink = true;
  CHECK(fib.add(onlink).ok());
  CHECK(fib.remove({.prefix = net, .table = 77}).error() == Errno::no_process);
  device.close(world[1].host.kernel().cpu(0));
  CHECK(fib.add({.prefix = prefix("192.0.2.0/24"), .device = &device}).error() == Errno::network_down);
}

TEST_CASE("an address brings its routes and takes them along", "[ip][route]") {
  World world({.stations = 1});
  auto& layer = world[1].host.ip();
  device::NetDevice& device = world[1].nic.device();
  const Ipv4Prefix second = prefix("192.0.2.5/28");
  const auto type_of = [&](const char* text) { return layer.routes.address_type(address(text)); };
  const auto routed = [&](const char* text) { return layer.routes.lookup({.destination = address(text)}).ok(); };
  REQUIRE(layer.addresses.add(device, second).ok());
  CHECK(type_of("192.0.2.5") == RouteType::local);
  CHECK(type_of("192.0.2.6") == RouteType::unicast);
  CHECK(routed("192.0.2.6"));
  CHECK(type_of("192.0.2.15") == RouteType::broadcast);
  CHECK(type_of("192.0.2.0") == RouteType::unicast);  // since Linux 5.14 the lowest address is a host's
  CHECK_FALSE(routed("192.0.2.16"));
  CHECK(layer.addresses.add(device, second).error() == Errno::exists);
  CHECK(layer.addresses.add(device, prefix("192.0.2.255/24")).error() == Errno::invalid);
  REQUIRE(layer.addresses.remove(device, second).ok());
  CHECK_FALSE(routed("192.0.2.5"));
  CHECK(type_of("192.0.2.15") == RouteType::unicast);
  CHECK(routed("10.0.0.9"));
  CHECK(type_of("127.1.2.3") == RouteType::local);
}

TEST_CASE("a network's second address goes with the first", "[ip][route]") {
  World world({.stations = 1});
  auto& layer = world[1].host.ip();
  device::NetDevice& device = world[1].nic.device();
  REQUIRE(layer.addresses.add(device, prefix("192.0.2.5/24")).ok());
  REQUIRE(layer.addresses.add(device, prefix("192.0.2.6/24")).ok());
  REQUIRE(layer.addresses.add(device, prefix("192.0.2.129/25")).ok());  // another network
  CHECK(layer.addresses.select(device, address("192.0.2.7")) == address("192.0.2.5"));
  REQUIRE(layer.addresses.remove(device, prefix("192.0.2.5/24")).ok());
  CHECK_FALSE(layer.addresses.is_local(address("192.0.2.6")));
  CHECK(layer.addresses.is_local(address("192.0.2.129")));
  CHECK_FALSE(layer.routes.lookup({.destination = address("192.0.2.7")}).ok());
  CHECK(layer.routes.address_type(address("192.0.2.255")) == RouteType::broadcast);  // the other network's too
}
