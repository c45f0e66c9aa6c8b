// SPDX-License-Identifier: Apache-2.0
// IPv4 input and output: every packet is delivered or dropped under one reason, and Linux's counter says so.
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/ip/ip_output.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using headers::Ipv4Address;
using headers::Ipv4Prefix;

namespace {

void mend_checksum(Frame& frame) {
  base::store_be16(frame, kIpAt + 10, 0);
  const std::size_t bytes = (base::load_u8(frame, kIpAt) & 0xfU) * std::size_t{4};
  base::store_be16(frame, kIpAt + 10, base::internet_checksum(std::span(frame).subspan(kIpAt, bytes)));
}

Frame with_options(std::initializer_list<unsigned> options) {
  Frame frame = echo_request(20);
  Frame bytes;
  for (const unsigned option : options) {
    bytes.push_back(static_cast<std::byte>(option));
  }
  frame.resize(kTransportAt + 28);
  frame.insert(frame.begin() + kTransportAt, bytes.begin(), bytes.end());
  base::store_u8(frame, kIpAt, static_cast<std::uint8_t>(0x45 + bytes.size() / 4));
  base::store_be16(frame, kIpAt + 2, static_cast<std::uint16_t>(48 + bytes.size()));
  mend_checksum(frame);
  return frame;
}

}  // namespace

TEST_CASE("every bad packet has its counter and its reason, and no answer", "[ip][input]") {
  struct Row {
    const char* what;
    std::function<void(Frame&)> bend;
    const char* counter;
    const char* reason;
  };
  const auto address = [](std::size_t at, Ipv4Address value) {
    return [at, value](Frame& frame) {
      base::store_be32(frame, kIpAt + at, value.value);
      mend_checksum(frame);
    };
  };
  const Row rows[] = {
      {"short", [](Frame& f) { f.resize(30); }, "Ip.InHdrErrors", "drop.ip_too_short"},
      {"version",
       [](Frame& f) {
         base::store_u8(f, kIpAt, 0x65);
         mend_checksum(f);
       },
       "Ip.InHdrErrors", "drop.ip_bad_version"},
      {"header length", [](Frame& f) { base::store_u8(f, kIpAt, 0x44); }, "Ip.InHdrErrors", "drop.ip_bad_length"},
      {"checksum", [](Frame& f) { f[kIpAt + 8] ^= std::byte{1}; }, "IpExt.InCsumErrors", "drop.ip_bad_checksum"},
      {"truncated",
       [](Frame& f) {
         base::store_be16(f, kIpAt + 2, 1000);
         mend_checksum(f);
       },
       "IpExt.InTruncatedPkts", "drop.ip_too_short"},
      {"total length",
       [](Frame& f) {
         base::store_be16(f, kIpAt + 2, 10);
         mend_checksum(f);
       },
       "Ip.InHdrErrors", "drop.ip_bad_length"},
      {"not ours", address(16, address_of(3)), "Ip.InAddrErrors", "drop.ip_not_local"},
      {"multicast", address(16, Ipv4Address::of(224, 0, 0, 5)), "drop.ip_not_member", "drop.ip_not_member"},
      {"to loopback", address(16, Ipv4Address::of(127, 0, 0, 1)), "rt_cache.in_martian_dst", "drop.ip_bad_destination"},
      {"from loopback", address(12, Ipv4Address::of(127, 0, 0, 1)), "drop.ip_bad_source", "drop.ip_bad_source"},
      {"from multicast", address(12, Ipv4Address::of(224, 0, 0, 1)), "drop.ip_bad_source", "drop.ip_bad_source"},
      {"from broadcast", address(12, headers::kLimitedBroadcast), "drop.ip_bad_source", "drop.ip_bad_source"},
      {"from net broadcast", address(12, address_of(255)), "drop.ip_bad_source", "drop.ip_bad_source"},
      {"from ourselves", address(12, address_of(1)), "drop.ip_bad_source", "drop.ip_bad_source"},
      {"from nobody", address(12, {}), "drop.ip_bad_source", "drop.ip_bad_source"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Lone world;
    Frame frame = echo_request(56);
    row.bend(frame);
    CHECK(world.answer_to(frame).empty());
    CHECK(world.counter("Ip.InReceives") == 1);
    CHECK(world.counter(row.counter) == 1);
    CHECK(world.counter(row.reason) == 1);
    CHECK(world.station().host.kernel().drops().total() == 1);
    CHECK(world.counter("Ip.InDelivers") == 0);
  }
}

TEST_CASE("options are accepted when well formed, source routes not before they are asked for", "[ip][input]") {
  const std::initializer_list<unsigned> full_route = {7, 7, 8, 1, 2, 3, 4, 0};
  for (const auto& fine : {std::initializer_list<unsigned>{1, 1, 1, 0}, {7, 7, 4, 0, 0, 0, 0, 0}, full_route}) {
    const auto answers = Lone{}.answer_to(with_options(fine));
    REQUIRE(answers.size() == 1);
    CHECK(headers::IcmpView::parse(ip_of(answers[0]).payload())->type() == headers::IcmpType::echo_reply);
  }
  Lone world;
  CHECK(world.answer_to(with_options({131, 3, 4, 0})).empty());
  CHECK(world.counter("drop.ip_source_route") == 1);
  CHECK(world.counter("Ip.InHdrErrors") == 0);
}

TEST_CASE("a mistake in the options is shown to the sender", "[ip][input]") {
  struct Row {
    std::initializer_list<unsigned> options;
    unsigned at;  // of the header
  };
  const Row rows[] = {{{7, 0, 4, 0}, 20},
                      {{1, 1, 1, 7}, 23},
                      {{1, 7, 3, 3}, 23},
                      {{7, 5, 4, 0, 0, 0, 0, 0}, 22},
                      {{68, 4, 4, 0}, 22},
                      {{7, 7, 4, 0, 0, 0, 0, 7, 7, 4, 0, 0, 0, 0, 0, 0}, 27},
                      {{68, 6, 5, 0, 0, 0, 0, 0}, 22},
                      {{148, 3, 0, 0}, 21},
                      {{68, 4, 5, 0xf0}, 23}};
  for (const Row& row : rows) {
    Lone world;
    const auto sent = world.answer_to(with_options(row.options));
    REQUIRE(sent.size() == 1);
    const auto message = headers::IcmpView::parse(ip_of(sent[0]).payload()).value();
    CHECK(message.type() == headers::IcmpType::parameter_problem);
    CHECK(message.fields().id >> 8 == row.at);
    CHECK(world.counter("Ip.InHdrErrors") == 1);
    CHECK(world.counter("drop.ip_bad_options") == 1);
  }
}

TEST_CASE("a frame for another station is not IP's", "[ip][input]") {
  Lone world;
  CHECK(world.answer_to(echo_request(10, {.destination_mac = mac_of(9)})).empty());
  CHECK(world.counter("Ip.InReceives") == 0);
  CHECK(world.counter("drop.other_host") == 1);
}

TEST_CASE("an unknown protocol is reported as unreachable", "[ip][deliver]") {
  Lone world;
  const auto sent = world.answer_to(ipv4_frame(static_cast<headers::IpProtocol>(200), Frame(40)));
  REQUIRE(sent.size() == 1);
  const auto message = headers::IcmpView::parse(ip_of(sent[0]).payload()).value();
  CHECK(message.type() == headers::IcmpType::destination_unreachable);
  CHECK(message.fields().code == 2);
  CHECK(world.counter("Ip.InUnknownProtos") == 1);
  CHECK(world.counter("drop.ip_no_protocol") == 1);
}

TEST_CASE("a packet beyond the link goes to the gateway", "[ip][route]") {
  Lone world;
  auto& host = world.station().host;
  REQUIRE(host.add_route(*Ipv4Prefix::parse("0.0.0.0/0"), address_of(2)).ok());
  CHECK(host.add_route(*Ipv4Prefix::parse("198.51.100.0/24"), Ipv4Address::of(203, 0, 113, 1)).error() ==
        base::Errno::network_unreachable);
  const auto sent = world.answer_to(echo_request(10, {.source = Ipv4Address::of(203, 0, 113, 7)}));
  REQUIRE(sent.size() == 1);
  CHECK(headers::EthernetView::parse(sent[0])->destination() == mac_of(2));
  CHECK(ip_of(sent[0]).destination() == Ipv4Address::of(203, 0, 113, 7));
}

TEST_CASE("an output route names why there is none", "[ip][route]") {
  World world({.stations = 1});
  auto& layer = world[1].host.ip();
  auto& cpu = world[1].host.kernel().cpu(0);
  CHECK(ip_route_output(layer, cpu, Ipv4Address::of(203, 0, 113, 1)).error() == base::Errno::network_unreachable);
  CHECK(ip_route_output(layer, cpu, address_of(2), address_of(3)).error() == base::Errno::address_not_available);
  world[1].nic.device().close(cpu);
  CHECK(ip_route_output(layer, cpu, address_of(2)).error() == base::Errno::network_unreachable);
}

TEST_CASE("a device that goes takes its addresses, routes, neighbours and waiting packets along", "[ip][route]") {
  World world({.stations = 1});
  auto& host = world[1].host;
  auto& device = world[1].nic.device();
  REQUIRE(host.add_route(*Ipv4Prefix::parse("0.0.0.0/0"), address_of(2)).ok());
  skb::Skb waiting = host.pool().allocate(100);
  waiting->put(20);
  const auto route = ip_route_output(host.ip(), host.kernel().cpu(0), address_of(2)).value();
  const ip::OutputOptions options{.protocol = headers::IpProtocol::udp};
  REQUIRE(ip_queue_xmit(host.ip(), host.kernel().cpu(0), std::move(waiting), route, options).ok());
  CHECK(host.pool().in_use() == 1);

  host.forget_device(device);
  CHECK(host.pool().in_use() == 0);
  CHECK(world[1].counter("drop.arp_unresolved") == 1);
  CHECK(host.ip().neighbours.size() == 0);
  CHECK_FALSE(host.ip().routes.lookup({.destination = address_of(1)}).ok());
  CHECK(host.ip().routes.address_type(Ipv4Address::of(127, 0, 0, 1)) == ip::RouteType::local);
  world.run_for(10 * kSecond);  // no timer is left behind
}
