// SPDX-License-Identifier: Apache-2.0
// A router and the ways that senders choose (RFC 791, RFC 1812 section 5.2.4.1).
#include <catch2/catch.hpp>

#include "tests/host/ip/router_world.hpp"

using namespace host;
using namespace host_test;
using headers::IcmpType;
using headers::IcmpView;
using headers::Ipv4Address;

namespace {

constexpr unsigned kLoose = 131;
constexpr unsigned kStrict = 137;

struct SourceRouted : RouterWorld {
  SourceRouted() {
    REQUIRE(set("net.ipv4.conf.all.accept_source_route", 1));
    REQUIRE(far().host.kernel().sysctl().set("net.ipv4.icmp_echo_ignore_all", 1).ok());
    right.on_wire = [this](const Frame& frame) {
      if (headers::EthernetView::parse(frame)->type() == headers::EtherType::ipv4) arrived.push_back(frame);
      return true;
    };
  }
  /// An echo request to `to` with a source route of these stops, whose pointer is at the first; what the router
  /// answers.
  std::vector<Frame> hear(unsigned kind, Ipv4Address to, const std::vector<Ipv4Address>& stops, unsigned pointer = 4) {
    std::vector<unsigned> options{kind, static_cast<unsigned>(3 + 4 * stops.size()), pointer};
    for (const Ipv4Address stop : stops) {
      for (const unsigned shift : {24U, 16U, 8U, 0U}) options.push_back(stop.value >> shift & 0xffU);
    }
    options.push_back(0);
    return hear_raw(to, options);
  }
  std::vector<Frame> hear_raw(Ipv4Address to, const std::vector<unsigned>& options) {
    PacketOptions packet = through();
    packet.destination = to;
    auto answers = from_left(with_options(echo_request(8, packet), options));
    run_for(2 * kSecond);  // the far host is asked for
    return answers;
  }
  std::uint64_t refused() { return counter("drop.ip_source_route"); }

  std::vector<Frame> arrived;  // on the right
};

const Ipv4Address kRouterLeft = address_of(2);

IcmpView message_of(const Frame& frame) {
  return IcmpView::parse(ip_of(frame).payload()).value();
}

}  // namespace

TEST_CASE("Source routes are followed where all and the device accept them", "[ip][forward][options]") {
  SourceRouted world;
  const std::vector stops{right_address(3)};
  CHECK(world.hear(kLoose, kRouterLeft, stops).empty());
  REQUIRE(world.arrived.size() == 1);
  const auto packet = ip_of(world.arrived[0]);  // checks the checksum
  CHECK(packet.destination() == right_address(3));
  CHECK(packet.source() == address_of(1));
  CHECK(packet.ttl() == 63);
  CHECK(base::load_u8(packet.options(), 2) == 8);
  CHECK(base::load_be32(packet.options(), 3) == right_address(2).value);
  CHECK(world.counter("Ip.ForwDatagrams") == 1);

  for (const char* const knob : {"net.ipv4.conf.all.accept_source_route", "net.ipv4.conf.eth0.accept_source_route"}) {
    REQUIRE(world.set(knob, 0));
    CHECK(world.hear(kLoose, kRouterLeft, stops).empty());
    REQUIRE(world.set(knob, 1));
  }
  CHECK(world.arrived.size() == 1);
  CHECK(world.refused() == 2);
  CHECK(world.hear(kStrict, kRouterLeft, stops).empty());
  CHECK(world.arrived.size() == 2);
}

TEST_CASE("Stops of the router's own are passed over, and a route may end there", "[ip][forward][options]") {
  SourceRouted world;
  CHECK(world.hear(kLoose, kRouterLeft, {right_address(2), right_address(3), right_address(9)}).empty());
  REQUIRE(world.arrived.size() == 1);
  const auto packet = ip_of(world.arrived[0]);
  CHECK(packet.destination() == right_address(3));
  CHECK(base::load_u8(packet.options(), 2) == 12);
  CHECK(base::load_be32(packet.options(), 3) == right_address(2).value);
  CHECK(base::load_be32(packet.options(), 7) == right_address(2).value);
  CHECK(base::load_be32(packet.options(), 11) == right_address(9).value);

  for (const auto& [stops, pointer] :
       {std::pair{std::vector{right_address(2)}, 4U}, {std::vector{address_of(1)}, 8U}}) {
    const auto answers = world.hear(kStrict, kRouterLeft, stops, pointer);
    REQUIRE(answers.size() == 1);
    CHECK(message_of(answers[0]).type() == IcmpType::echo_reply);
    CHECK(ip_of(answers[0]).source() == (pointer == 4 ? right_address(2) : kRouterLeft));
  }
  CHECK(world.arrived.size() == 1);
  CHECK(world.refused() == 0);
}

TEST_CASE("Between two stops a loose route goes on, a strict one does not", "[ip][forward][options]") {
  SourceRouted world;
  CHECK(world.hear(kLoose, right_address(3), {right_address(9)}).empty());
  REQUIRE(world.arrived.size() == 1);
  CHECK(ip_of(world.arrived[0]).destination() == right_address(3));
  CHECK(base::load_u8(ip_of(world.arrived[0]).options(), 2) == 4);

  const auto answers = world.hear(kStrict, right_address(3), {right_address(9)});
  REQUIRE(answers.size() == 1);
  CHECK(message_of(answers[0]).type() == IcmpType::parameter_problem);
  CHECK(base::load_u8(ip_of(answers[0]).payload(), 4) == 16);  // its destination
  CHECK(world.refused() == 1);
}

TEST_CASE("A strict route goes to neighbours only", "[ip][forward][options]") {
  SourceRouted world;
  const auto beyond = Ipv4Address::of(203, 0, 113, 1);
  REQUIRE(
      world.router().host.add_route(headers::Ipv4Prefix{Ipv4Address::of(203, 0, 113, 0), 24}, right_address(3)).ok());
  CHECK(world.hear(kLoose, kRouterLeft, {beyond}).empty());
  CHECK(world.arrived.size() == 1);
  const auto answers = world.hear(kStrict, kRouterLeft, {beyond});
  REQUIRE(answers.size() == 1);
  CHECK(message_of(answers[0]).type() == IcmpType::destination_unreachable);
  CHECK(message_of(answers[0]).fields().code == 5);
  CHECK(world.arrived.size() == 1);
  CHECK(world.refused() == 1);
  CHECK(world.counter("Ip.ForwDatagrams") == 1);
}

TEST_CASE("Stops that are nowhere, or cut off, end the packet", "[ip][forward][options]") {
  SourceRouted world;
  for (const Ipv4Address nowhere : {Ipv4Address::of(203, 0, 113, 1), Ipv4Address::of(224, 0, 0, 5),
                                    Ipv4Address::of(192, 168, 0, 255), Ipv4Address::of(127, 0, 0, 1)}) {
    CHECK(world.hear(kLoose, kRouterLeft, {nowhere}).empty());
  }
  CHECK(world.refused() == 4);
  const auto answers = world.hear_raw(kRouterLeft, {kLoose, 6, 4, 10, 0, 0, 0, 0});
  REQUIRE(answers.size() == 1);
  CHECK(message_of(answers[0]).type() == IcmpType::parameter_problem);
  CHECK(base::load_u8(ip_of(answers[0]).payload(), 4) == 22);
  CHECK(world.refused() == 5);
  CHECK(world.arrived.empty());
}

TEST_CASE("Who chooses the way is not told a better one", "[ip][forward][options]") {
  SourceRouted world;
  const auto beyond = Ipv4Address::of(203, 0, 113, 1);
  REQUIRE(world.router().host.add_route(headers::Ipv4Prefix{Ipv4Address::of(203, 0, 113, 0), 24}, address_of(9)).ok());
  const auto redirects = [&] { return world.counter("Icmp.OutRedirects"); };
  static_cast<void>(world.hear(kLoose, kRouterLeft, {beyond}));
  CHECK(redirects() == 0);
  PacketOptions packet = RouterWorld::through();
  packet.destination = beyond;
  static_cast<void>(world.from_left(echo_request(8, packet)));
  CHECK(redirects() == 1);
}
