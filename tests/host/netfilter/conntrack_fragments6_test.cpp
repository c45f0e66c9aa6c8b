// SPDX-License-Identifier: Apache-2.0
// Connections of IPv6 are of whole packets: fragments wait for each other before the hooks, and leave as they came.
#include "tests/host/ip6/fragments6.hpp"
#include "tests/host/ip6/router6_world.hpp"
#include "tests/host/netfilter/passage.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;

namespace {

constexpr const char* kTracked =
    "table ip6 t { chain c { type filter hook prerouting priority 0; ct state new counter; "
    "ct state invalid counter; icmpv6 type echo-request counter } }";

/// What the router sends to the right of IPv6's larger packets: no neighbour discovery.
struct Watch6 {
  explicit Watch6(CableNic& nic) {
    nic.on_wire = [this](const Frame& frame) {
      if (headers::EthernetView::parse(frame)->type() == headers::EtherType::ipv6 && frame.size() > 200) {
        frames.push_back(frame);
      }
      return true;
    };
  }
  [[nodiscard]] std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> all;
    for (const Frame& frame : frames) all.push_back(ip6_of(frame).packet().size());
    return all;
  }
  std::vector<Frame> frames;
};

/// An echo request of `payload` bytes from near to far, in fragments of `piece` bytes.
std::vector<Frame> echo_in_pieces(std::size_t payload, std::size_t piece, std::uint32_t id = 1) {
  const Frame whole = transport6_of(echo6_request(payload, Router6World::through()));
  std::vector<Frame> frames;
  for (std::size_t at = 0; at < whole.size(); at += piece) {
    const std::size_t end = std::min(at + piece, whole.size());
    frames.push_back(fragment6_of(whole, {at, end, end < whole.size()}, id, Router6World::through()));
  }
  return frames;
}

std::vector<Frame> send(Router6World& world, const std::vector<Frame>& frames) {
  std::vector<Frame> answers;
  for (const Frame& frame : frames) std::ranges::move(world.from_left(frame), std::back_inserter(answers));
  return answers;
}

}  // namespace

TEST_CASE("IPv6 fragments are one packet for rules, and go on as they came", "[conntrack][ip6][fragment]") {
  Router6World world;
  put_in_force(world.router().host, kTracked);
  Watch6 out(world.right);
  const auto answers = send(world, echo_in_pieces(2'000, 1'200));
  CHECK(out.sizes() == std::vector<std::size_t>{1'248, 808 + 48});
  REQUIRE(answers.size() == 2);  // the reply is too long for one
  for (std::size_t rule = 0; rule < 3; ++rule) {
    INFO(rule);
    CHECK(TestRules::counted(world.router().host.ip().nftables, "c", rule) == (rule == 1 ? 0 : 1));
  }
  CHECK(world.router().host.ip().conntrack.count() == 1);
  CHECK(world.counter("Ip6.ReasmReqds") == 4);
  CHECK(world.counter("Ip6.ReasmOKs") == 2);
  CHECK(world.counter("Ip6.FragOKs") == 2);
  CHECK(world.counter("Ip6.FragCreates") == 4);
  CHECK(world.far().counter("Icmp6.InEchos") == 1);
  for (Station* station : {&world.near(), &world.router(), &world.far()}) {
    CHECK(station->host.pool().in_use() == 0);
  }
}

TEST_CASE("An IPv6 packet that was gathered leaves in pieces no larger than it came in", "[conntrack][ip6][fragment]") {
  struct Row {
    std::uint32_t mtu;
    std::size_t payload;
    std::vector<std::size_t> sizes;
  };
  // the last is a fragment of its own, which waits for nobody
  for (const Row& row : {Row{1'500, 2'000, {1'448, 608 + 48}}, Row{1'400, 2'000, {}}, Row{1'500, 1'300, {1'356}}}) {
    INFO(row.mtu << ' ' << row.payload);
    Router6World world(row.mtu);
    put_in_force(world.router().host, kTracked);
    Watch6 out(world.right);
    const auto answers = send(world, echo_in_pieces(row.payload, 1'400));
    CHECK(out.sizes() == row.sizes);
    if (row.sizes.empty()) {
      REQUIRE(answers.size() == 1);
      CHECK(icmp6_of(answers[0]).type() == Icmp6Type::packet_too_big);
      CHECK(icmp6_of(answers[0]).word() == 1'400);
      CHECK(world.counter("drop.ip_too_big") == 1);
    }
  }
}

TEST_CASE("What fits when it is whole may pass, however large its fragments were", "[conntrack][ip6][fragment]") {
  Router6World world(1'396);
  put_in_force(world.router().host, kTracked);
  Watch6 out(world.right);
  const auto pieces = echo_in_pieces(1'352 + 1 - 8, 1'352);
  REQUIRE(ip6_of(pieces[0]).packet().size() == 1'400);
  CHECK(send(world, pieces).size() == 1);
  CHECK(out.sizes() == std::vector<std::size_t>{1'393});
}

TEST_CASE("What routers read stays in front of every fragment", "[conntrack][ip6][fragment]") {
  Router6World world;
  put_in_force(world.router().host, kTracked);
  Watch6 out(world.right);
  std::vector<Frame> frames;
  for (const Frame& frame : echo_in_pieces(2'000, 1'200)) {
    Frame payload = transport6_of(frame);
    const unsigned options[] = {44, 0, 1, 4, 0, 0, 0, 0};  // padding
    for (std::size_t i = 0; i < 8; ++i) payload.insert(payload.begin() + static_cast<long>(i), std::byte(options[i]));
    frames.push_back(ipv6_frame(headers::NextHeader::hop_by_hop, payload, Router6World::through()));
  }
  static_cast<void>(send(world, frames));
  // with such headers a packet is made linear; its pieces then are as large as everybody's MTU (RFC 8200 section 5)
  REQUIRE(out.sizes() == std::vector<std::size_t>{1'280, 784 + 56});
  for (const Frame& frame : out.frames) {
    const auto packet = ip6_of(frame);
    CHECK(packet.next_header() == headers::NextHeader::hop_by_hop);
    const auto walked = headers::walk_extensions(packet);
    const auto& upper = std::get<headers::UpperLayer>(walked);
    REQUIRE(upper.fragment);
    CHECK(upper.fragment->at == 48);
    CHECK(upper.protocol == headers::NextHeader::icmp6);
  }
  CHECK(world.far().counter("Icmp6.InEchos") == 1);
}

TEST_CASE("IPv6 fragments are forwarded one by one where nobody tracks connections", "[conntrack][ip6][fragment]") {
  Router6World world;
  Watch6 out(world.right);
  const auto pieces = echo_in_pieces(2'000, 1'200);
  static_cast<void>(send(world, {pieces[1]}));
  CHECK(out.frames.size() == 1);
  CHECK(world.counter("Ip6.ReasmReqds") == 0);
  put_in_force(world.router().host, kTracked);
  static_cast<void>(send(world, {pieces[1]}));
  CHECK(out.frames.size() == 1);
  static_cast<void>(send(world, {pieces[0]}));
  CHECK(out.frames.size() == 3);
}

TEST_CASE("A packet to this host is put together once, whoever asks first", "[conntrack][ip6][fragment]") {
  Lone6 world;
  world.introduce();
  put_in_force(world.station().host, kTracked);
  const Frame whole = transport6_of(echo6_request(1'000));
  CHECK(world.answer_to(fragment6_of(whole, {0, 400, true})).empty());
  CHECK(world.answer_to(fragment6_of(whole, {400, 1'008, false})).size() == 1);
  CHECK(world.counter("Ip6.ReasmReqds") == 2);
  CHECK(world.counter("Ip6.ReasmOKs") == 1);
  CHECK(world.ip6().defrag.in_use() == 0);
}
