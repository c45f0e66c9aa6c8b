// SPDX-License-Identifier: Apache-2.0
// IPv6 reassembly: what becomes a packet again, what ends it, and its bounds (RFC 8200 section 4.5, RFC 5722, RFC
// 6946).
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/host/ip6/fragments6.hpp"
#include "tests/host/ip6/router6_world.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using headers::NextHeader;

namespace {

/// An echo request of 8 + 1000 bytes in parts; what it is answered with.
struct Reassembling6 : Lone6 {
  Reassembling6() { introduce(); }
  std::vector<Frame> hear(const std::vector<Part6>& parts, std::uint32_t id = 1) {
    std::vector<Frame> answers;
    for (const Part6& part : parts) {
      std::ranges::move(answer_to(fragment6_of(echo, part, id)), std::back_inserter(answers));
    }
    return answers;
  }
  ip6::Defrag6Table& defrag() { return ip6().defrag; }
  Frame echo = transport6_of(echo6_request(1000));
};

bool is_echo_reply(const std::vector<Frame>& answers, std::size_t payload) {
  if (answers.size() != 1) return false;
  const auto message = icmp6_of(answers[0]);
  return message.type() == Icmp6Type::echo_reply && message.payload().size() == payload &&
         std::ranges::all_of(message.payload(), [](std::byte b) { return b == std::byte{0x5a}; });
}

}  // namespace

TEST_CASE("IPv6 fragments in any order become the packet", "[ip6][defrag]") {
  std::vector<Part6> parts{{0, 400, true}, {400, 800, true}, {800, 1008, false}};
  const auto before = [](const Part6& a, const Part6& b) { return a.offset < b.offset; };
  do {
    Reassembling6 world;
    CHECK(is_echo_reply(world.hear(parts), 1000));
    CHECK(world.counter("Ip6.ReasmReqds") == 3);
    CHECK(world.counter("Ip6.ReasmOKs") == 1);
    CHECK(world.counter("Ip6.ReasmFails") == 0);
    CHECK(world.counter("Icmp6.InEchos") == 1);
    CHECK(world.station().host.kernel().drops().total() == 0);
    CHECK(world.defrag().in_use() == 0);
    CHECK(world.defrag().memory() == 0);
  } while (std::next_permutation(parts.begin(), parts.end(), before));
}

TEST_CASE("IPv6 fragments of two packets do not mix, whatever their order", "[ip6][defrag]") {
  Reassembling6 world;
  CHECK(world.hear({{0, 400, true}}, 1).empty());
  CHECK(world.hear({{400, 1008, false}}, 2).empty());
  CHECK(world.defrag().in_use() == 2);
  CHECK(is_echo_reply(world.hear({{400, 1008, false}}, 1), 1000));
  CHECK(is_echo_reply(world.hear({{0, 400, true}}, 2), 1000));
}

TEST_CASE("An IPv6 fragment that overlaps ends the packet, the same again only itself", "[ip6][defrag]") {
  struct Row {
    const char* what;
    std::vector<Part6> parts;
    bool arrives;
    std::uint64_t duplicates;
    std::uint64_t failed;
  };
  const Part6 first{0, 400, true};
  const Part6 second{400, 800, true};
  const Part6 last{800, 1008, false};
  const Row rows[] = {
      {"the first again", {first, first, second, last}, true, 1, 0},
      {"a bit more than the first", {first, {200, 408, true}, second, last}, false, 0, 4},
      {"around the second", {first, second, {392, 808, true}, last}, false, 0, 4},
      {"beyond the end", {first, last, {400, 1000, true}, second}, false, 0, 4},
      {"two ends", {first, {800, 1000, false}, last}, false, 0, 3},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Reassembling6 world;
    CHECK(is_echo_reply(world.hear(row.parts), 1000) == row.arrives);
    world.run_for(61 * kSecond);
    CHECK(world.counter("drop.ip_fragment_duplicate") == row.duplicates);
    CHECK(world.counter("drop.ip_fragment_failed") + world.counter("drop.ip_fragment_timeout") == row.failed);
    CHECK(world.defrag().memory() == 0);
  }
}

TEST_CASE("An IPv6 packet that is not complete in time ends, and its sender hears of it", "[ip6][defrag]") {
  for (const bool with_first : {true, false}) {
    Reassembling6 world;
    world.set(1, "net.ipv6.ip6frag_time", 7);
    CHECK(world.hear({with_first ? Part6{0, 400, true} : Part6{400, 800, true}}).empty());
    world.run_for(6 * kSecond);
    CHECK(world.defrag().in_use() == 1);
    CHECK(world.counter("Icmp6.OutTimeExcds") == 0);
    world.run_for(2 * kSecond);
    CHECK(world.defrag().in_use() == 0);
    CHECK(world.counter("Ip6.ReasmTimeout") == 1);
    CHECK(world.counter("Ip6.ReasmFails") == 1);
    CHECK(world.counter("drop.ip_fragment_timeout") == 1);
    auto sent = world.take();
    std::erase_if(sent, [](const Frame& frame) { return icmp6_of(frame).type() != Icmp6Type::time_exceeded; });
    REQUIRE(sent.size() == (with_first ? 1U : 0U));
    if (with_first) {
      CHECK(icmp6_of(sent[0]).code() == 1);
      CHECK(icmp6_of(sent[0]).payload().size() == 40 + 8 + 400);
    }
  }
}

TEST_CASE("Fragments beyond ip6frag_high_thresh are refused and counted", "[ip6][defrag]") {
  Reassembling6 world;
  world.set(1, "net.ipv6.ip6frag_high_thresh", 100'000);
  std::size_t most = 0;
  for (std::uint32_t id = 1; id <= 1'000; ++id) {
    static_cast<void>(world.hear({{0, 400, true}}, id));
    most = std::max(most, static_cast<std::size_t>(world.defrag().memory()));
  }
  CHECK(most < 100'000 + 4'000);
  CHECK(world.defrag().in_use() > 10);
  CHECK(world.counter("drop.ip_fragment_overflow") == 1'000 - world.defrag().in_use());
  CHECK(world.counter("Ip6.ReasmFails") == world.counter("drop.ip_fragment_overflow"));
  world.run_for(61 * kSecond);
  CHECK(world.defrag().memory() == 0);
  world.introduce();
  CHECK(is_echo_reply(world.hear({{0, 400, true}, {400, 1008, false}}, 9), 1000));
}

TEST_CASE("A fragment that is alone is the packet, and waits for no other", "[ip6][defrag]") {
  Reassembling6 world;
  CHECK(world.hear({{0, 400, true}}, 5).empty());
  CHECK(is_echo_reply(world.hear({{0, 1008, false}}, 5), 1000));  // RFC 6946: the same identifier does not matter
  CHECK(world.defrag().in_use() == 1);
  CHECK(world.counter("Ip6.ReasmOKs") == 1);
}

TEST_CASE("Fragments that cannot be one are told to their sender", "[ip6][defrag]") {
  struct Row {
    const char* what;
    Part6 part;
    unsigned code;
    std::uint32_t pointer;
  };
  const Row rows[] = {
      {"not a multiple of eight", {0, 404, true}, 0, 4},
      {"without its transport's header", {0, 0, true}, 3, 0},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Reassembling6 world;
    const auto answers = world.hear({row.part});
    REQUIRE(answers.size() == 1);
    CHECK(icmp6_of(answers[0]).type() == Icmp6Type::parameter_problem);
    CHECK(icmp6_of(answers[0]).code() == row.code);
    CHECK(icmp6_of(answers[0]).word() == row.pointer);
    CHECK(world.counter("Ip6.InHdrErrors") == 1);
    CHECK(world.defrag().in_use() == 0);
  }
  Reassembling6 world;
  Frame beyond = fragment6_of(world.echo, {0, 1008, false});
  base::store_be16(std::span(beyond), kTransport6At + 2, 0xfff8);
  const auto answers = world.answer_to(beyond);
  REQUIRE(answers.size() == 1);
  CHECK(icmp6_of(answers[0]).word() == 42);
}

TEST_CASE("Fragments in fragments end somewhere", "[ip6][defrag]") {
  Reassembling6 world;
  Frame nest(8 * 100);
  for (std::size_t at = 0; at < nest.size(); at += 8) {
    base::store_u8(std::span(nest), at, static_cast<std::uint8_t>(NextHeader::fragment));
  }
  CHECK(world.answer_to(ipv6_frame(NextHeader::fragment, nest)).empty());
  CHECK(world.counter("drop.ip_bad_options") == 1);
}

TEST_CASE("Congestion that one fragment met is the packet's", "[ip6][defrag]") {
  Reassembling6 world;
  std::optional<unsigned> seen;
  const auto tap = world.station().host.ip6().protocols.add(
      NextHeader{253},
      {.receive = [&](kernel::Cpu&, skb::Skb, const headers::Ipv6View& header) { seen = header.traffic_class(); },
       .error = {}});
  REQUIRE(tap.ok());
  for (const bool congested : {false, true}) {
    Frame parts[] = {fragment6_of(world.echo, {0, 400, true}), fragment6_of(world.echo, {400, 1008, false})};
    for (Frame& part : parts) {
      base::store_u8(std::span(part), kTransport6At, 253);
      base::store_u8(std::span(part), kIp6At + 1, congested && &part == &parts[1] ? 0x30 : 0x20);
      CHECK(world.answer_to(part).empty());
    }
    CHECK(seen == (congested ? 3U : 2U));
  }
}

TEST_CASE("IPv6 fragments to two of our addresses are two packets", "[ip6][defrag]") {
  Reassembling6 world;
  Packet6Options other;
  other.destination = global_of(7);
  REQUIRE(world.station().host.add_address(world.eth0(), headers::Ipv6Prefix{other.destination, 64}).ok());
  world.run_for(5 * kSecond);
  static_cast<void>(world.take());
  CHECK(world.hear({{0, 400, true}}).empty());
  CHECK(world.answer_to(fragment6_of(world.echo, {400, 1008, false}, 1, other)).empty());
  CHECK(world.counter("Ip6.ReasmOKs") == 0);
  CHECK(world.defrag().in_use() == 2);
}

TEST_CASE("IPv6 fragments to a group are of the link that they came by", "[ip6][defrag]") {
  Router6World world;
  Packet6Options options;
  options.source = headers::link_local_of(mac_of(1));
  options.destination = headers::kAllNodes;
  const Frame echo = transport6_of(echo6_request(1000, options));
  const std::uint64_t before = world.counter("Ip6.ReasmOKs");
  world.router().nic.deliver(fragment6_of(echo, {0, 400, true}, 1, options));
  world.right.deliver(fragment6_of(echo, {400, 1008, false}, 1, options));
  world.run_for(kMillisecond);
  CHECK(world.counter("Ip6.ReasmOKs") == before);
  world.router().nic.deliver(fragment6_of(echo, {400, 1008, false}, 1, options));
  world.run_for(kMillisecond);
  CHECK(world.counter("Ip6.ReasmOKs") == before + 1);
}
