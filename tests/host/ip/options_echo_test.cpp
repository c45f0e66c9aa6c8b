// SPDX-License-Identifier: Apache-2.0
// Answers to packets with options (RFC 1122 section 3.2.2.6): the way that a packet took goes on, and back.
#include <catch2/catch.hpp>

#include "tests/host/ip/router_world.hpp"
#include "tests/host/netfilter/rules.hpp"

using namespace host;
using namespace host_test;
using headers::IcmpType;
using headers::IcmpView;
using headers::Ipv4Address;

namespace {

using Octets = std::vector<unsigned>;

const Ipv4Address kRouter = address_of(2);
const Ipv4Address kSender = address_of(1);
constexpr unsigned kLoose = 131;

void append(Octets& options, Ipv4Address address) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) options.push_back(address.value >> shift & 0xffU);
}

/// An option with these slots, padded.
Octets option(Octets begin, const std::vector<Ipv4Address>& slots) {
  for (const Ipv4Address slot : slots) append(begin, slot);
  while (begin.size() % 4 != 0) begin.push_back(0);
  return begin;
}

struct Answering : RouterWorld {
  Answering() {
    right.on_wire = [this](const Frame& out) {
      sent_right += headers::EthernetView::parse(out)->type() == headers::EtherType::ipv4 ? 1 : 0;
      return true;
    };
  }
  /// What the router answers to an echo request with these options; its own are in `answer`.
  IcmpView ask(const Octets& options, PacketOptions packet = to_router()) {
    const auto answers = from_left(with_options(echo_request(8, packet), options));
    REQUIRE(answers.size() == 1);
    frame = answers[0];
    answer.clear();
    for (const std::byte byte : ip_of(frame).options()) answer.push_back(std::to_integer<unsigned>(byte));
    return IcmpView::parse(ip_of(frame).payload()).value();  // ip_of() checks the header's checksum
  }
  static PacketOptions to_router() {
    PacketOptions packet = through();
    packet.destination = kRouter;
    return packet;
  }

  /// Milliseconds, as the next packet's stamps say them.
  Ipv4Address now() { return {static_cast<std::uint32_t>(router().host.kernel().now() / kMillisecond)}; }

  Frame frame;
  Octets answer;
  unsigned sent_right = 0;
};

const Ipv4Address kNone{};

}  // namespace

TEST_CASE("A recorded route goes on in the answer while there is room", "[ip][icmp][options]") {
  Answering world;
  CHECK(world.ask(option({7, 15, 4}, {kNone, kNone, kNone})).type() == IcmpType::echo_reply);
  CHECK(world.answer == option({7, 15, 12}, {kRouter, kRouter, kNone}));
  world.ask(option({7, 11, 8}, {kSender, kNone}));
  CHECK(world.answer == option({7, 11, 12}, {kSender, kRouter}));
  world.ask(option({7, 7, 8}, {kSender}));
  CHECK(world.answer == option({7, 7, 8}, {kSender}));
  world.ask({1, 1, 1, 0});
  CHECK(world.answer.empty());
}

TEST_CASE("Timestamps go on in the answer while there is room", "[ip][icmp][options]") {
  Answering world;
  world.run_for(1'234 * kMillisecond);
  REQUIRE(world.now().value >= 1'234);
  const Ipv4Address elsewhere = right_address(9);
  auto now = world.now();
  world.ask(option({68, 12, 5, 0}, {kNone, kNone}));
  CHECK(world.answer == option({68, 12, 13, 0}, {now, now}));
  now = world.now();
  world.ask(option({68, 20, 5, 1}, {kNone, kNone, kNone, kNone}));
  CHECK(world.answer == option({68, 20, 21, 1}, {kRouter, now, kRouter, now}));
  now = world.now();
  world.ask(option({68, 20, 5, 3}, {kRouter, kNone, right_address(2), kNone}));
  CHECK(world.answer == option({68, 20, 21, 3}, {kRouter, now, right_address(2), now}));
  now = world.now();
  world.ask(option({68, 20, 5, 3}, {kRouter, kNone, elsewhere, kNone}));
  CHECK(world.answer == option({68, 20, 13, 3}, {kRouter, now, elsewhere, kNone}));
  world.ask({68, 4, 5, 0});
  CHECK(world.answer == Octets{68, 4, 5, 0x10});  // who found no room counts once
}

TEST_CASE("An answer goes back by the stops that the packet came by", "[ip][icmp][options]") {
  Answering world;
  REQUIRE(world.set("net.ipv4.conf.all.accept_source_route", 1));
  const Ipv4Address far = right_address(9);
  world.ask(option({kLoose, 11, 12}, {far, kSender}));
  CHECK(ip_of(world.frame).destination() == kSender);
  CHECK(world.answer == option({kLoose, 11, 4}, {far, kSender}));
  world.ask(option({kLoose, 15, 16}, {far, right_address(8), kSender}));
  CHECK(world.answer == option({kLoose, 15, 4}, {right_address(8), far, kSender}));
  // Some senders list themselves as the first stop.
  world.ask(option({kLoose, 11, 12}, {kSender, kSender}));
  CHECK(world.answer == option({kLoose, 7, 4}, {kSender}));
  world.ask(option({kLoose, 7, 8}, {kSender}));
  CHECK(world.answer.empty());
  CHECK(ip_of(world.frame).destination() == kSender);
  // Beside a route that is recorded.
  Octets both = option({7, 7, 8}, {far});
  both.pop_back();  // one pad for both
  const Octets route = option({kLoose, 7, 8}, {right_address(3)});
  both.insert(both.end(), route.begin(), route.end());
  while (both.size() % 4 != 0) both.push_back(0);
  static_cast<void>(world.from_left(with_options(echo_request(8, Answering::to_router()), both)));
  world.run_for(kSecond);
  CHECK(world.sent_right == 1);  // to the stop
}

TEST_CASE("Errors have the options of what they are about, and quote the less", "[ip][icmp][options]") {
  Answering world;
  PacketOptions packet = RouterWorld::through();
  packet.ttl = 1;
  Frame large = with_options(echo_request(1'000, packet), option({7, 11, 4}, {kNone, kNone}));
  const auto sent = world.from_left(std::move(large));
  REQUIRE(sent.size() == 1);
  const auto error = ip_of(sent[0]);
  CHECK(IcmpView::parse(error.payload())->type() == IcmpType::time_exceeded);
  CHECK(error.total_length() == 576);
  CHECK(base::load_u8(error.options(), 2) == 12);
  CHECK(world.ask({7, 5, 4, 0, 0, 0, 0, 0}).type() == IcmpType::parameter_problem);
  CHECK(world.answer.empty());
}

TEST_CASE("Options that nobody has accepted are not echoed", "[ip][icmp][options]") {
  Answering world;
  TestRules rules;
  rules.base("early", netfilter::Hook::prerouting);
  rules.rule("early", {netfilter::Reject{netfilter::RejectType::icmp, 13}});
  REQUIRE(world.router().host.ip().nftables.commit(std::move(rules.rules)).ok());
  CHECK(world.ask(option({kLoose, 7, 8}, {right_address(3)})).type() == IcmpType::destination_unreachable);
  CHECK(world.answer.empty());
  CHECK(ip_of(world.frame).destination() == kSender);
}

TEST_CASE("An answer to fragments has the first one's options", "[ip][icmp][options]") {
  Answering world;
  const Frame request = echo_request(600, Answering::to_router());
  const auto piece = [&](std::size_t offset, std::size_t end, bool more) {
    PacketOptions packet = Answering::to_router();
    packet.more_fragments = more;
    packet.fragment_offset = static_cast<std::uint16_t>(offset);
    const auto transport = std::span(request).subspan(kTransportAt);
    const Frame part(transport.begin() + static_cast<std::ptrdiff_t>(offset),
                     transport.begin() + static_cast<std::ptrdiff_t>(end));
    return with_options(ipv4_frame(headers::IpProtocol::icmp, part, packet), option({7, 11, 4}, {kNone, kNone}));
  };
  CHECK(world.from_left(piece(0, 304, true)).empty());
  const auto answers = world.from_left(piece(304, 608, false));
  REQUIRE(answers.size() == 1);
  CHECK(base::load_u8(ip_of(answers[0]).options(), 2) == 12);
}
