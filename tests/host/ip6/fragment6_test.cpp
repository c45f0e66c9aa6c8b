// SPDX-License-Identifier: Apache-2.0
// IPv6 packets of ours that are larger than the MTU leave in pieces, and come together again.
#include <catch2/catch.hpp>

#include <set>

#include "host/ip6/ip6_output.hpp"
#include "tests/host/ip6/fragments6.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;

namespace {

/// The reply to an echo of that many bytes, asked in fragments that fit any link.
std::vector<Frame> reply_to(Lone6& world, std::size_t payload, std::uint32_t id) {
  const Frame echo = transport6_of(echo6_request(payload));
  std::vector<Frame> answers;
  for (std::size_t at = 0; at < echo.size(); at += 1024) {
    const std::size_t end = std::min(echo.size(), at + 1024);
    std::ranges::move(world.answer_to(fragment6_of(echo, {at, end, end < echo.size()}, id)),
                      std::back_inserter(answers));
  }
  return answers;
}

}  // namespace

TEST_CASE("A reply that the link cannot carry whole leaves in pieces", "[ip6][fragment]") {
  Lone6 world;
  world.introduce();
  CHECK(reply_to(world, 1452, 1).size() == 1);
  CHECK(world.counter("Ip6.FragOKs") == 0);
  const auto pieces = reply_to(world, 3'001, 2);
  REQUIRE(pieces.size() == 3);
  Frame whole;
  std::set<std::uint32_t> ids;
  for (const Frame& piece : pieces) {
    const auto packet = ip6_of(piece);
    CHECK(packet.packet().size() <= 1500);
    const auto walked = headers::walk_extensions(packet);
    const auto& upper = std::get<headers::UpperLayer>(walked);
    REQUIRE(upper.fragment);
    CHECK(upper.protocol == headers::NextHeader::icmp6);
    CHECK(upper.fragment->offset == whole.size());
    CHECK(upper.fragment->more == (&piece != &pieces.back()));
    ids.insert(upper.fragment->id);
    const auto part = packet.packet().subspan(upper.at);
    whole.insert(whole.end(), part.begin(), part.end());
  }
  CHECK(ids.size() == 1);
  const auto message = headers::Icmp6View::parse(whole).value();
  CHECK(message.type() == Icmp6Type::echo_reply);
  CHECK(message.payload().size() == 3'001);
  CHECK(message.checksum_ok(global_of(1), global_of(2)));
  CHECK(world.counter("Ip6.FragOKs") == 1);
  CHECK(world.counter("Ip6.FragCreates") == 3);
  CHECK(world.counter("Ip6.FragFails") == 0);
}

TEST_CASE("Every packet has an identifier of its own", "[ip6][fragment]") {
  Lone6 world;
  world.introduce();
  std::set<std::uint32_t> ids;
  for (std::uint32_t n = 0; n < 50; ++n) {
    const auto pieces = reply_to(world, 2'000, 10 + n);
    REQUIRE(pieces.size() == 2);
    const auto walked = headers::walk_extensions(ip6_of(pieces[0]));
    ids.insert(std::get<headers::UpperLayer>(walked).fragment->id);
  }
  CHECK(ids.size() == 50);
  CHECK_FALSE(ids.contains(0));
}

TEST_CASE("What must stay whole is refused when it does not fit", "[ip6][fragment]") {
  Lone6 world;
  world.introduce();
  const auto route = ip6_route_output(world.ip6(), world.station().host.kernel().cpu(0), {.destination = global_of(2)});
  REQUIRE(route.ok());
  const auto send = [&](std::uint32_t bytes, ip6::Output6Options::Size size) {
    skb::Skb packet = world.station().host.pool().allocate(bytes);
    static_cast<void>(packet->put(bytes));
    return ip6_xmit(world.ip6(), world.station().host.kernel().cpu(0), std::move(packet), *route,
                    {.protocol = headers::NextHeader{253}, .size = size});
  };
  using Size = ip6::Output6Options::Size;
  CHECK(send(1460, Size::whole).ok());
  CHECK(send(1461, Size::whole).error() == base::Errno::message_size);
  CHECK(world.counter("drop.ip_too_big") == 1);
  CHECK(send(1461, Size::pieces).ok());
  CHECK(send(65'535, Size::pieces).ok());
  CHECK(send(65'536, Size::pieces).error() == base::Errno::message_size);
  world.run_for(kMillisecond);
  CHECK(world.take().size() == 1 + 2 + 46);
}
