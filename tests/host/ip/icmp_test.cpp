// SPDX-License-Identifier: Apache-2.0
// ICMP: echo, and the rules of RFC 1122 section 3.2.2 and RFC 1812 section 4.3.2 about errors.
#include <catch2/catch.hpp>

#include "host/base/byte_order.hpp"
#include "host/ip/icmp_send.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using headers::IcmpType;
using headers::IcmpView;
using headers::Ipv4Address;

namespace {

IcmpView message_of(const Frame& frame) {
  return IcmpView::parse(ip_of(frame).payload()).value();
}

Frame error_about_udp() {
  Frame quote(28);
  headers::write_ipv4(quote, {.total_length = 28,
                              .protocol = headers::IpProtocol::udp,
                              .source = address_of(1),
                              .destination = address_of(2)});
  return quote;
}

}  // namespace

TEST_CASE("an echo comes back with everything in place", "[ip][icmp]") {
  Lone world;
  const Frame request = echo_request(100);
  const auto sent = world.answer_to(request);
  REQUIRE(sent.size() == 1);
  CHECK(ip_of(sent[0]).source() == address_of(1));
  CHECK(ip_of(sent[0]).destination() == address_of(2));
  const auto reply = message_of(sent[0]);
  CHECK(reply.type() == IcmpType::echo_reply);
  CHECK(reply.checksum_ok());
  CHECK(reply.fields().id == 7);
  CHECK(reply.fields().sequence == 1);
  const auto asked = message_of(request).payload();
  CHECK(std::equal(asked.begin(), asked.end(), reply.payload().begin(), reply.payload().end()));
}

TEST_CASE("an echo to everybody is not answered unless asked for", "[ip][icmp]") {
  const PacketOptions to_all{.destination_mac = base::MacAddress::broadcast(), .destination = address_of(255)};
  Lone world;
  CHECK(world.answer_to(echo_request(10, to_all)).empty());
  CHECK(world.counter("drop.icmp_unhandled") == 1);
  REQUIRE(world.station().host.kernel().sysctl().set("net.ipv4.icmp_echo_ignore_broadcasts", 0).ok());
  CHECK(world.answer_to(echo_request(10, to_all)).size() == 1);
  REQUIRE(world.station().host.kernel().sysctl().set("net.ipv4.icmp_echo_ignore_all", 1).ok());
  CHECK(world.answer_to(echo_request(10)).empty());
}

TEST_CASE("a timestamp is answered with the time of day", "[ip][icmp]") {
  Lone world;
  world.run_for(5 * kSecond);
  const auto sent =
      world.answer_to(icmp_frame({.type = IcmpType::timestamp_request, .code = 0, .id = 1, .sequence = 2}, Frame(12)));
  REQUIRE(sent.size() == 1);
  CHECK(message_of(sent[0]).type() == IcmpType::timestamp_reply);
  CHECK(base::load_be32(message_of(sent[0]).payload(), 4) == 5001);
}

TEST_CASE("a damaged message is counted and ignored", "[ip][icmp]") {
  Lone world;
  Frame frame = echo_request(10);
  frame[kTransportAt + 9] ^= std::byte{4};
  CHECK(world.answer_to(frame).empty());
  CHECK(world.counter("Icmp.InCsumErrors") == 1);
  CHECK(world.counter("Icmp.InErrors") == 1);
  CHECK(world.counter("drop.icmp_bad_checksum") == 1);
  CHECK(world.answer_to(ipv4_frame(headers::IpProtocol::icmp, Frame(7))).empty());
  CHECK(world.counter("drop.icmp_too_short") == 1);
}

TEST_CASE("errors are sent about what deserves one and nothing else", "[ip][icmp]") {
  struct Row {
    const char* what;
    Frame frame;
    std::size_t answers;
  };
  const PacketOptions broadcast_mac{.destination_mac = base::MacAddress::broadcast()};
  const PacketOptions to_all{.destination_mac = base::MacAddress::broadcast(), .destination = address_of(255)};
  const auto unknown = static_cast<headers::IpProtocol>(200);
  const Row rows[] = {
      {"a datagram to a closed port", udp_frame(4000, 9, 10), 1},
      {"an unknown protocol", ipv4_frame(unknown, Frame(20)), 1},
      {"an IP broadcast", udp_frame(4000, 9, 10, to_all), 0},
      {"a limited broadcast",
       udp_frame(4000, 9, 10,
                 {.destination_mac = base::MacAddress::broadcast(), .destination = headers::kLimitedBroadcast}),
       0},
      {"a unicast packet in a broadcast frame", udp_frame(4000, 9, 10, broadcast_mac), 0},
      {"an unknown protocol to everybody", ipv4_frame(unknown, Frame(20), to_all), 0},
      {"a fragment", udp_frame(4000, 9, 10, {.more_fragments = true}), 0},
      {"a later fragment", udp_frame(4000, 9, 10, {.fragment_offset = 64}), 0},
      {"an ICMP error",
       icmp_frame({.type = IcmpType::destination_unreachable, .code = 3, .id = 0, .sequence = 0}, error_about_udp()),
       0},
      {"an ICMP message of no known type", icmp_frame({.type = IcmpType{99}, .code = 0, .id = 0, .sequence = 0}, {}),
       0},
      {"an echo reply nobody waits for",
       icmp_frame({.type = IcmpType::echo_reply, .code = 0, .id = 3, .sequence = 0}, {}), 0},
      {"a packet from nobody", udp_frame(4000, 9, 10, {.source = {}}), 0},
      {"a packet from a multicast address", udp_frame(4000, 9, 10, {.source = Ipv4Address::of(224, 1, 1, 1)}), 0},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Lone world;
    CHECK(world.answer_to(row.frame).size() == row.answers);
    const bool heard_by_udp = row.frame[kTransportAt] == std::byte{3} && row.frame[kIpAt + 9] == std::byte{1};
    const bool waits = ip_of(row.frame).is_fragment();
    CHECK(world.station().host.kernel().drops().total() == (heard_by_udp || waits ? 0 : 1));
  }
}

TEST_CASE("an error quotes the packet as far as 576 bytes allow", "[ip][icmp]") {
  for (const std::size_t payload : {0U, 10U, 500U, 520U, 521U, 1400U}) {
    Lone world;
    const Frame frame = udp_frame(4000, 9, payload);
    const auto sent = world.answer_to(frame);
    REQUIRE(sent.size() == 1);
    CHECK(ip_of(sent[0]).total_length() == std::min<std::size_t>(28 + 28 + payload, 576));
    const auto message = message_of(sent[0]);
    CHECK(message.checksum_ok());
    CHECK(message.type() == IcmpType::destination_unreachable);
    CHECK(message.fields().code == 3);
    const auto quote = message.payload();
    CHECK(std::equal(quote.begin(), quote.end(), frame.begin() + kIpAt));
  }
}

TEST_CASE("errors to one host are limited to a burst of six and one a second", "[ip][icmp]") {
  Lone world;
  std::size_t answers = 0;
  for (unsigned i = 0; i < 20; ++i) {
    answers += world.answer_to(udp_frame(4000, 9, 10)).size();
  }
  CHECK(answers == 6);
  CHECK(world.counter("Icmp.OutRateLimitHost") == 14);
  CHECK(world.counter("drop.udp_no_port") == 20);
  world.run_for(3 * kSecond);
  answers = 0;
  for (unsigned i = 0; i < 20; ++i) {
    answers += world.answer_to(udp_frame(4000, 9, 10)).size();
  }
  CHECK(answers == 3);
}

TEST_CASE("errors in all are limited to a burst of fifty", "[ip][icmp]") {
  kernel::SysctlTable sysctl;
  ip::IcmpLimiter limiter(sysctl);
  unsigned allowed = 0;
  for (unsigned i = 0; i < 200; ++i) {
    allowed += limiter.take(headers::Ipv4Address{0x0a00'0000 + i * 7919}, kSecond) == ip::IcmpLimit::allowed ? 1U : 0U;
  }
  CHECK(allowed == 50);
  CHECK(limiter.take(headers::Ipv4Address{0x0b00'0001}, kSecond) == ip::IcmpLimit::global);
  CHECK(limiter.take(headers::Ipv4Address{0x0b00'0001}, kSecond + 2 * kMillisecond) == ip::IcmpLimit::allowed);
}

TEST_CASE("time exceeded can be reported about a packet", "[ip][icmp]") {
  Lone world;
  auto& host = world.station().host;
  const Frame frame = udp_frame(4000, 9, 10);
  skb::Skb about = host.pool().allocate(static_cast<std::uint32_t>(frame.size()));
  const auto out = about->put(static_cast<std::uint32_t>(frame.size()));
  std::copy(frame.begin(), frame.end(), out.begin());
  REQUIRE(eth_type_trans(*about, world.station().nic.device()));
  icmp_send(host.ip(), host.kernel().cpu(0), *about, ip::time_exceeded(headers::TimeExceeded::ttl));
  about.reset();
  const auto sent = world.take();
  REQUIRE(sent.size() == 1);
  CHECK(message_of(sent[0]).type() == IcmpType::time_exceeded);
  CHECK(world.counter("Icmp.OutTimeExcds") == 1);
}

TEST_CASE("an error that quotes too little, or somebody else's packet, is counted", "[ip][icmp]") {
  Lone world;
  const headers::IcmpFields unreachable{.type = IcmpType::destination_unreachable, .code = 3, .id = 0, .sequence = 0};
  CHECK(world.answer_to(icmp_frame(unreachable, Frame(20))).empty());
  CHECK(world.counter("Icmp.InErrors") == 1);
  Frame foreign = error_about_udp();
  base::store_be32(foreign, 12, address_of(77).value);
  CHECK(world.answer_to(icmp_frame(unreachable, foreign)).empty());
  CHECK(world.counter("drop.icmp_unhandled") == 1);
  CHECK(world.counter("Icmp.InDestUnreachs") == 2);
}
