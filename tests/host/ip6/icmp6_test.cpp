// SPDX-License-Identifier: Apache-2.0
// Packets that come: echoes, errors, what is refused and under which count (RFC 4443, RFC 8200).
#include <catch2/catch.hpp>
#include <random>

#include "host/device/net_core.hpp"
#include "host/ip6/icmp6_send.hpp"
#include "tests/host/ip6/world6.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using headers::Ipv6Address;
using headers::NextHeader;

namespace {

Frame bytes(const std::vector<unsigned>& values) {
  Frame all;
  for (const unsigned value : values) all.push_back(static_cast<std::byte>(value));
  return all;
}

/// An extension header that names an option nobody knows, in front of nothing.
Frame with_option(unsigned type, const Packet6Options& options = {}) {
  return ipv6_frame(NextHeader::destination_options, bytes({59, 0, type, 4, 0, 0, 0, 0}), options);
}

}  // namespace

TEST_CASE("An echo comes back with the same bytes, from the address that was asked", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  const auto sent = world.answer_to(echo6_request(100));
  REQUIRE(sent.size() == 1);
  const auto packet = ip6_of(sent[0]);
  CHECK(packet.source() == global_of(1));
  CHECK(packet.destination() == global_of(2));
  CHECK(packet.hop_limit() == 64);
  const auto reply = icmp6_of(sent[0]);
  CHECK(reply.type() == Icmp6Type::echo_reply);
  CHECK(reply.word() == 0x00070001);
  CHECK(reply.checksum_ok(packet.source(), packet.destination()));
  CHECK(std::ranges::all_of(reply.payload(), [](std::byte b) { return b == std::byte{0x5a}; }));
  CHECK(reply.payload().size() == 100);
  CHECK(world.counter("Icmp6.InEchos") == 1);
  CHECK(world.counter("Icmp6.OutEchoReplies") == 1);
  CHECK(world.counter("Ip6.InDelivers") >= 2);
}

TEST_CASE("Padding behind a packet is not answered, and what the link cannot carry leaves in pieces", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  Frame padded = echo6_request(3);
  padded.resize(padded.size() + 9, std::byte{0x77});
  const auto sent = world.answer_to(padded);
  REQUIRE(sent.size() == 1);
  CHECK(icmp6_of(sent[0]).payload().size() == 3);
  CHECK(world.answer_to(echo6_request(1452)).size() == 1);
  CHECK(world.answer_to(echo6_request(1453)).size() == 2);
}

TEST_CASE("An echo to all nodes is answered by the link's own address", "[ip6][icmp6]") {
  Lone6 world;
  const Ipv6Address neighbour = headers::link_local_of(mac_of(2));
  Packet6Options options;
  options.source = neighbour;
  options.destination = headers::kAllNodes;
  const auto asked = world.answer_to(echo6_request(10, options));
  REQUIRE(asked.size() == 1);
  CHECK(icmp6_of(asked[0]).type() == Icmp6Type::neighbor_solicitation);
  CHECK(ip6_of(asked[0]).source() == headers::link_local_of(mac_of(1)));
}

TEST_CASE("The hop limit of an interface is what its packets start with", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  world.set(1, "net.ipv6.conf.eth0.hop_limit", 17);
  CHECK(ip6_of(world.answer_to(echo6_request(10)).at(0)).hop_limit() == 17);
}

TEST_CASE("A protocol that nobody speaks is reported where it was named", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  const auto sent = world.answer_to(ipv6_frame(NextHeader{200}, Frame(20)));
  REQUIRE(sent.size() == 1);
  const auto report = icmp6_of(sent[0]);
  CHECK(report.type() == Icmp6Type::parameter_problem);
  CHECK(report.code() == 1);
  CHECK(report.word() == 6);
  CHECK(report.payload().size() == 60);
  CHECK(world.counter("Ip6.InUnknownProtos") == 1);
  CHECK(world.counter("drop.ip_no_protocol") == 1);
  // To a group it is not, and no next header at all is nothing to report.
  Packet6Options group;
  group.destination = headers::kAllNodes;
  CHECK(world.answer_to(ipv6_frame(NextHeader{200}, Frame(20), group)).empty());
  CHECK(world.answer_to(ipv6_frame(NextHeader::none, {})).empty());
}

TEST_CASE("Unknown options are reported as they ask, to a group only those that want it", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  const auto report = world.answer_to(with_option(0x9e));
  REQUIRE(report.size() == 1);
  CHECK(icmp6_of(report[0]).code() == 2);
  CHECK(icmp6_of(report[0]).word() == 42);
  CHECK(world.answer_to(with_option(0x5e)).empty());
  CHECK(world.answer_to(with_option(0xde)).size() == 1);
  Packet6Options group;
  group.destination = headers::kAllNodes;
  CHECK(world.answer_to(with_option(0xde, group)).empty());
  CHECK(world.answer_to(with_option(0x9e, group)).size() == 1);
  CHECK(world.counter("drop.ip_bad_options") == 5);
  CHECK(world.counter("Ip6.InHdrErrors") == 5);
}

TEST_CASE("Errors are never about errors, and no more than the limits allow", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  Frame about_error = bytes({58, 0, 0x9e, 4, 0, 0, 0, 0});
  const Frame error = bytes({1, 4, 0, 0, 0, 0, 0, 0});
  about_error.insert(about_error.end(), error.begin(), error.end());
  CHECK(world.answer_to(ipv6_frame(NextHeader::destination_options, about_error)).empty());
  std::size_t reports = 0;
  for (int i = 0; i < 100; ++i) reports += world.answer_to(with_option(0x9e)).size();
  CHECK(reports >= 5);
  CHECK(reports <= 10);
  CHECK(world.counter("Icmp6.OutRateLimitHost") == 100 - reports);
}

TEST_CASE("What is damaged ends under its count", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  Frame wrong = echo6_request(10);
  wrong[kTransport6At + 12] ^= std::byte{1};
  CHECK(world.answer_to(wrong).empty());
  CHECK(world.counter("Icmp6.InCsumErrors") == 1);
  CHECK(world.counter("drop.icmp_bad_checksum") == 1);
  Frame long_one = echo6_request(100);
  long_one.resize(100);
  CHECK(world.answer_to(long_one).empty());
  CHECK(world.counter("Ip6.InTruncatedPkts") == 1);
  Frame version = echo6_request(10);
  version[kIp6At] = std::byte{0x50};
  CHECK(world.answer_to(version).empty());
  CHECK(world.counter("drop.ip_bad_version") == 1);
  CHECK(world.answer_to(ipv6_frame(NextHeader::fragment, bytes({17, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0})))
            .empty());
  CHECK(world.counter("Ip6.ReasmReqds") == 1);
}

TEST_CASE("Addresses that no packet may carry end it", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  const auto refused = [&](const char* source, const char* destination) {
    Packet6Options options;
    options.source = *Ipv6Address::parse(source);
    options.destination = *Ipv6Address::parse(destination);
    options.destination_mac = mac_of(1);
    const auto before = world.counter("drop.ip_bad_source");
    CHECK(world.answer_to(echo6_request(10, options)).empty());
    return world.counter("drop.ip_bad_source") == before + 1;
  };
  CHECK(refused("ff02::1", "fd00::1"));
  CHECK(refused("::1", "fd00::1"));
  CHECK(refused("fd00::2", "::1"));
  CHECK(refused("fd00::2", "::"));
  CHECK(refused("::ffff:10.0.0.1", "fd00::1"));
  CHECK(refused("fd00::2", "ff01::1"));
  CHECK_FALSE(refused("fd00::2", "fd00::3"));
  CHECK(world.counter("Ip6.InAddrErrors") == 1);
}

TEST_CASE("Two hosts find and answer each other by themselves", "[ip6][icmp6]") {
  Lone6 world(2);
  world[1].nic.plug(world[2].nic);
  // An echo that claims to come from station 2: station 1 asks for it and answers there.
  world[1].nic.deliver(echo6_request(10));
  world.run_for(kMillisecond);
  CHECK(world[2].counter("Icmp6.InNeighborSolicits") == 1);
  CHECK(world[2].counter("Icmp6.InEchoReplies") == 1);
  CHECK(world[1].counter("Icmp6.InNeighborAdvertisements") == 1);
  CHECK(world[1].host.ip6().neighbours.find(world[1].nic.device(), global_of(2))->state ==
        ip::NeighbourState::reachable);
}

TEST_CASE("Every damaged frame ends once, under one reason", "[ip6][icmp6][fuzz]") {
  Lone6 world;
  world.introduce();
  std::mt19937 random(66);
  const Frame quoted = echo6_request(10);
  const std::vector<Frame> models = {echo6_request(40),
                                     solicitation(global_of(1)),
                                     with_option(0x1e),
                                     ipv6_frame(NextHeader::fragment, Frame(24)),
                                     ipv6_frame(NextHeader::udp, Frame(16)),
                                     icmp6_frame({.type = Icmp6Type::packet_too_big, .code = 0, .word = 1280},
                                                 Frame(quoted.begin() + kIp6At, quoted.end()))};
  const std::uint64_t before = world.counter("Ip6.InReceives");
  std::uint64_t delivered = 0;
  for (int i = 0; i < 20'000; ++i) {
    Frame frame = models[random() % models.size()];
    for (unsigned changes = random() % 4; changes > 0; --changes) {
      frame[kIp6At + random() % (frame.size() - kIp6At)] = static_cast<std::byte>(random());
    }
    if (random() % 8 == 0) frame.resize(kIp6At + random() % (frame.size() - kIp6At + 1));
    world.station().nic.deliver(std::move(frame));
    ++delivered;
    if (i % 64 == 0) world.run_for(kMicrosecond);
  }
  world.run_for(70 * kSecond);
  CHECK(world.counter("Ip6.InReceives") - before == delivered);
  const std::uint64_t ended = world.counter("Ip6.InHdrErrors") + world.counter("Ip6.InTruncatedPkts") +
                              world.counter("Ip6.InAddrErrors") + world.counter("Ip6.InUnknownProtos") +
                              world.counter("Ip6.InDiscards") + world.counter("drop.ip_fragment_failed") +
                              world.counter("drop.ip_fragment_timeout") + world.counter("drop.ip_fragment_duplicate") +
                              world.counter("Ip6.InNoRoutes") + world.counter("Ip6.InDelivers");
  // Groups that nobody joined, and packets without a next header, are no error and no delivery.
  const std::uint64_t silent = world.counter("Ip6.InReceives") - ended;
  CHECK(silent <= world.counter("drop.ip_not_member") + world.counter("drop.ip_no_protocol"));
  CHECK(world.counter("skb.in_use") == 0);
  const std::uint64_t consumed =
      world.counter("Icmp6.InMsgs") + world.counter("Udp6.NoPorts") + world.counter("Udp6.InErrors");
  CHECK(consumed == world.counter("Ip6.InDelivers"));
}

TEST_CASE("Nobody in particular is told of no error", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  const auto answers_to = [&](const Ipv6Address& source) {
    Packet6Options options;
    options.source = source;
    return world.answer_to(udp6_frame(4000, 9, 10, options)).size();
  };
  CHECK(answers_to(global_of(2)) == 1);
  CHECK(answers_to({}) == 0);
  CHECK(answers_to(headers::kIpv6Loopback) == 0);
  CHECK(world.counter("Icmp6.OutErrors") == 0);  // nothing was tried
}

TEST_CASE("An error quotes as much as every link carries", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  const auto sent = world.answer_to(udp6_frame(4000, 9, 1'400));
  REQUIRE(sent.size() == 1);
  CHECK(icmp6_of(sent[0]).type() == Icmp6Type::destination_unreachable);
  CHECK(ip6_of(sent[0]).packet().size() == 1'280);
}

TEST_CASE("About a packet to a group only that it is too big is told", "[ip6][icmp6]") {
  Lone6 world;
  world.introduce();
  const auto reports_about_group = [&](Icmp6Type type) {
    Packet6Options options;
    options.destination = headers::kAllNodes;
    const Frame frame = udp6_frame(4000, 9, 10, options);
    skb::Skb about = world.station().host.pool().allocate(static_cast<std::uint32_t>(frame.size()));
    std::ranges::copy(frame, about->put(static_cast<std::uint32_t>(frame.size())).begin());
    REQUIRE(device::eth_type_trans(*about, world.eth0()));
    about->reset_network_header();
    ip6::icmp6_send(world.ip6(), world.station().host.kernel().cpu(0), *about,
                    {.type = type, .code = 0, .word = 1'280});
    world.run_for(kMillisecond);
    return world.take().size();
  };
  CHECK(reports_about_group(Icmp6Type::packet_too_big) == 1);
  CHECK(reports_about_group(Icmp6Type::time_exceeded) == 0);
}
