// SPDX-License-Identifier: Apache-2.0
// Redirects: when a router sends them, when a host believes them (RFC 1122 section 3.2.2.2).
#include <catch2/catch.hpp>

#include "host/ip/ip_route.hpp"
#include "tests/host/ip/router_world.hpp"

using namespace host;
using namespace host_test;
using headers::IcmpType;
using headers::Ipv4Address;

namespace {

constexpr Ipv4Address kFar{0xc6336407};  // 198.51.100.7

/// The router knows that kFar's gateway is a neighbour of the sender's.
struct Detour : RouterWorld {
  Detour() { REQUIRE(router().host.add_route({{kFar.value & 0xffffff00U}, 24}, address_of(9)).ok()); }
  static Frame packet() {
    PacketOptions options = through();
    options.destination = kFar;
    return udp_frame(4000, 9, 10, options);
  }
  std::size_t redirects() {
    const std::uint64_t before = counter("Icmp.OutRedirects");
    static_cast<void>(from_left(packet()));
    return counter("Icmp.OutRedirects") - before;
  }
};

/// A host with a default route by station 2, and what it makes of redirects.
struct Redirected : Lone {
  Redirected() { REQUIRE(station().host.add_route({}, address_of(2)).ok()); }
  void hear(Ipv4Address gateway, Ipv4Address from = address_of(2)) {
    Frame quote(28);
    headers::write_ipv4(
        quote,
        {.total_length = 28, .protocol = headers::IpProtocol::icmp, .source = address_of(1), .destination = kFar});
    quote[20] = std::byte{8};
    static_cast<void>(answer_to(icmp_frame({.type = IcmpType::redirect,
                                            .code = 1,
                                            .id = static_cast<std::uint16_t>(gateway.value >> 16),
                                            .sequence = static_cast<std::uint16_t>(gateway.value)},
                                           quote, {.source = from})));
  }
  Ipv4Address gateway(Ipv4Address to = kFar) {
    auto& host = station().host;
    return ip_route_output(host.ip(), host.kernel().cpu(0), to)->next_hop;
  }
  bool set(const char* name, std::int64_t value) { return station().host.kernel().sysctl().set(name, value).ok(); }
};

}  // namespace

TEST_CASE("a router tells a neighbour of the better gateway, and sends the packet on", "[ip][redirect]") {
  Detour world;
  const auto sent = world.from_left(Detour::packet());
  REQUIRE(sent.size() == 1);
  const auto message = headers::IcmpView::parse(ip_of(sent[0]).payload()).value();
  CHECK(message.type() == IcmpType::redirect);
  CHECK(message.fields().code == 1);
  CHECK(message.fields().info() == address_of(9).value);
  CHECK(world.counter("Ip.ForwDatagrams") == 1);
  CHECK(world.near().counter("Icmp.InRedirects") == 1);
}

TEST_CASE("no redirect without send_redirects, nor to who is not on the link", "[ip][redirect]") {
  Detour world;
  REQUIRE(world.set("net.ipv4.conf.all.send_redirects", 0));
  CHECK(world.redirects() == 1);  // either word is enough
  REQUIRE(world.set("net.ipv4.conf.eth0.send_redirects", 0));
  world.run_for(kSecond);
  CHECK(world.redirects() == 0);

  Detour other;
  REQUIRE(other.router().host.add_route({{0xcb007100}, 24}, address_of(1)).ok());
  PacketOptions options = Detour::through();
  options.destination = kFar;
  options.source = {0xcb007101};  // behind a gateway
  CHECK(other.from_left(udp_frame(4000, 9, 10, options)).empty());
}

TEST_CASE("redirects that nobody heeds come ever later and end at nine", "[ip][redirect][limit]") {
  Detour world;
  CHECK(world.redirects() == 1);
  CHECK(world.redirects() == 0);  // the second after 40 ms
  world.run_for(50 * kMillisecond);
  CHECK(world.redirects() == 1);
  world.run_for(50 * kMillisecond);
  CHECK(world.redirects() == 0);  // the third after 80 ms
  std::size_t all = 2;
  for (unsigned i = 0; i < 20; ++i) {
    world.run_for(15 * kSecond);
    all += world.redirects();
  }
  CHECK(all == 9);
  world.run_for(21 * kSecond);
  CHECK(world.redirects() == 1);  // silence forgives
}

TEST_CASE("a redirect by the gateway in use changes the way to one destination, for a while", "[ip][redirect]") {
  Redirected world;
  CHECK(world.gateway() == address_of(2));
  world.hear(address_of(9));
  CHECK(world.gateway() == address_of(9));
  CHECK(world.gateway(Ipv4Address{kFar.value + 1}) == address_of(2));
  world.hear(address_of(8), address_of(9));  // the gateway in use is another now
  CHECK(world.gateway() == address_of(8));
  world.run_for(301 * kSecond);
  CHECK(world.gateway() == address_of(2));
}

TEST_CASE("redirects are believed only within the rules", "[ip][redirect]") {
  struct Row {
    const char* what;
    std::vector<std::pair<const char*, std::int64_t>> settings;
    Ipv4Address gateway;
    Ipv4Address from;
    bool believed;
  };
  const Ipv4Address off_link = Ipv4Address::of(203, 0, 113, 9);
  const char* const all = "net.ipv4.conf.all.accept_redirects";
  const char* const eth0 = "net.ipv4.conf.eth0.accept_redirects";
  const char* const all_shared = "net.ipv4.conf.all.shared_media";
  const char* const shared = "net.ipv4.conf.eth0.shared_media";
  const char* const all_secure = "net.ipv4.conf.all.secure_redirects";
  const char* const secure = "net.ipv4.conf.eth0.secure_redirects";
  const Row rows[] = {
      {"by the gateway", {}, address_of(9), address_of(2), true},
      {"by somebody else", {}, address_of(9), address_of(3), false},
      {"to a broadcast address", {}, address_of(255), address_of(2), false},
      {"to ourselves", {}, address_of(1), address_of(2), false},
      {"to nobody", {}, {}, address_of(2), false},
      {"not accepted", {{all, 0}, {eth0, 0}}, address_of(9), address_of(2), false},
      {"a host needs one word", {{all, 0}}, address_of(9), address_of(2), true},
      {"a router needs both", {{"net.ipv4.ip_forward", 1}}, address_of(9), address_of(2), false},
      {"a router with both", {{"net.ipv4.ip_forward", 1}, {all, 1}}, address_of(9), address_of(2), true},
      {"off the link on a shared medium", {}, off_link, address_of(2), true},
      {"off the link otherwise", {{all_shared, 0}, {shared, 0}}, off_link, address_of(2), false},
      {"secure: to no gateway of ours", {{all_shared, 0}, {shared, 0}}, address_of(9), address_of(2), false},
      {"secure: to one", {{all_shared, 0}, {shared, 0}}, address_of(7), address_of(2), true},
      {"not secure", {{all_shared, 0}, {shared, 0}, {all_secure, 0}, {secure, 0}}, address_of(9), address_of(2), true},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Redirected world;
    REQUIRE(world.station().host.ip().routes.add({.prefix = {}, .gateway = address_of(7), .metric = 10}).ok());
    for (const auto& [name, value] : row.settings) {
      REQUIRE(world.set(name, value));
    }
    world.hear(row.gateway, row.from);
    CHECK((world.gateway() != address_of(2)) == row.believed);
  }
}
