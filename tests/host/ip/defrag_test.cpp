// SPDX-License-Identifier: Apache-2.0
// Reassembly: what becomes a datagram again, what ends it, and its bounds (RFC 791, RFC 5722 as Linux applies it).
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/host/ip/fragments.hpp"

using namespace host;
using namespace host_test;

namespace {

struct Part {
  std::size_t offset;
  std::size_t end;
  bool more;
};

/// The parts of a datagram of 8 + 1000 bytes, in the order of arrival.
void hear_parts(Reassembling& world, const std::vector<Part>& parts, const FragmentOptions& options = {}) {
  const Frame datagram = counting_datagram(Reassembling::kPort, 1000);
  for (const Part& part : parts) {
    world.hear(fragment_of(datagram, part.offset, part.end, part.more, options));
  }
}

Frame payload() {
  const Frame datagram = counting_datagram(Reassembling::kPort, 1000);
  return {datagram.begin() + 8, datagram.end()};
}

}  // namespace

TEST_CASE("fragments in any order become the datagram", "[ip][defrag]") {
  std::vector<Part> parts{{0, 400, true}, {400, 800, true}, {800, 1008, false}};
  const auto before = [](const Part& a, const Part& b) { return a.offset < b.offset; };
  do {
    Reassembling world;
    hear_parts(world, parts);
    CHECK(world.received() == payload());
    CHECK(world.counter("Ip.ReasmReqds") == 3);
    CHECK(world.counter("Ip.ReasmOKs") == 1);
    CHECK(world.counter("Ip.ReasmFails") == 0);
    CHECK(world.counter("Ip.InDelivers") == 1);
    CHECK(world.station().host.kernel().drops().total() == 0);
    CHECK(world.defrag().in_use() == 0);
    CHECK(world.defrag().memory() == 0);
  } while (std::next_permutation(parts.begin(), parts.end(), before));
}

TEST_CASE("a fragment that is there already is dropped, one that overlaps ends the datagram", "[ip][defrag]") {
  struct Row {
    const char* what;
    std::vector<Part> parts;
    bool arrives;
    std::uint64_t duplicates;
    std::uint64_t failed;
    std::uint64_t overlaps;
  };
  const Part first{0, 400, true};
  const Part second{400, 800, true};
  const Part last{800, 1008, false};
  const Row rows[] = {
      {"the first again", {first, first, second, last}, true, 1, 0, 0},
      {"a part of the first", {first, {8, 200, true}, second, last}, true, 1, 0, 0},
      {"inside what came in a row", {first, second, {200, 600, true}, last}, true, 1, 0, 0},
      {"across two that came apart", {second, first, {200, 600, true}, last}, false, 0, 4, 1},
      {"a bit more than the first", {first, {200, 408, true}, second, last}, false, 0, 4, 1},
      {"around the second", {first, second, {392, 808, true}, last}, false, 0, 4, 1},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Reassembling world;
    hear_parts(world, row.parts);
    CHECK((world.received() == payload()) == row.arrives);
    world.run_for(31 * kSecond);
    CHECK(world.counter("drop.ip_fragment_duplicate") == row.duplicates);
    CHECK(world.counter("drop.ip_fragment_failed") + world.counter("drop.ip_fragment_timeout") == row.failed);
    CHECK(world.counter("IpExt.ReasmOverlaps") == row.overlaps);
    CHECK(world.defrag().memory() == 0);
    CHECK(world.station().host.pool().in_use() == 0);
  }
}

TEST_CASE("fragments that contradict each other end the datagram", "[ip][defrag]") {
  struct Row {
    const char* what;
    std::vector<Part> parts;
  };
  const Row rows[] = {
      {"bytes beyond the end", {{400, 800, false}, {800, 1008, true}}},
      {"an end within what came", {{400, 1000, true}, {200, 400, false}}},
      {"two ends", {{800, 1008, false}, {400, 1000, false}}},
      {"nothing in it", {{0, 400, true}, {400, 407, true}}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Reassembling world;
    hear_parts(world, row.parts);
    CHECK_FALSE(world.received().has_value());
    CHECK(world.counter("Ip.ReasmFails") == 1);
    CHECK(world.counter("drop.ip_fragment_failed") == row.parts.size());
    CHECK(world.defrag().in_use() == 0);
  }
}

TEST_CASE("what is not complete in time is dropped, and its sender told if the first is there", "[ip][defrag]") {
  for (const bool with_first : {true, false}) {
    Reassembling world;
    REQUIRE(world.set("net.ipv4.ipfrag_time", 7));
    hear_parts(world, with_first ? std::vector<Part>{{400, 800, true}, {0, 400, true}}
                                 : std::vector<Part>{{400, 800, true}, {800, 1008, false}});
    world.run_for(6 * kSecond);
    CHECK(world.defrag().in_use() == 1);
    CHECK(world.take().empty());
    world.run_for(2 * kSecond);
    CHECK(world.defrag().in_use() == 0);
    CHECK(world.counter("Ip.ReasmTimeout") == 1);
    CHECK(world.counter("Ip.ReasmFails") == 1);
    CHECK(world.counter("drop.ip_fragment_timeout") == 2);
    const auto sent = world.take();
    REQUIRE(sent.size() == (with_first ? 1 : 0));
    if (with_first) {
      const auto message = headers::IcmpView::parse(ip_of(sent[0]).payload()).value();
      CHECK(message.type() == headers::IcmpType::time_exceeded);
      CHECK(message.fields().code == 1);
    }
  }
}

TEST_CASE("datagrams are told apart by identifier and protocol, and each has its own time", "[ip][defrag]") {
  Reassembling world;
  const Frame datagram = counting_datagram(Reassembling::kPort, 1000);
  for (std::uint16_t id = 1; id <= 3; ++id) {
    world.hear(fragment_of(datagram, 0, 400, true, {.id = id}));
    world.run_for(10 * kSecond);
  }
  world.hear(fragment_of(datagram, 400, 1008, false, {.id = 2, .protocol = headers::IpProtocol::tcp}));
  CHECK_FALSE(world.received().has_value());
  CHECK(world.counter("Ip.ReasmTimeout") == 1);  // the first one's 30 seconds
  world.hear(fragment_of(datagram, 400, 1008, false, {.id = 2}));
  CHECK(world.received() == payload());
  world.run_for(60 * kSecond);
  CHECK(world.counter("Ip.ReasmTimeout") == 3);
  CHECK(world.station().host.pool().in_use() == 0);
}

TEST_CASE("memory for fragments is bounded by ipfrag_high_thresh", "[ip][defrag]") {
  Reassembling world;
  const auto flood = [&] {
    for (std::uint16_t id = 0; id < 1000; ++id) {
      world.hear(fragment_of(counting_datagram(Reassembling::kPort, 1000), 0, 400, true, {.id = id}));
    }
    return world.defrag().in_use();
  };
  REQUIRE(world.set("net.ipv4.ipfrag_high_thresh", 100'000));
  const std::size_t held = flood();
  CHECK((held > 20 && held < 100));
  CHECK(world.defrag().memory() < 110'000);
  CHECK(world.counter("drop.ip_fragment_overflow") == 1000 - held);
  CHECK(world.counter("Ip.ReasmFails") == 1000 - held);
  world.run_for(31 * kSecond);
  CHECK(world.defrag().memory() == 0);
  REQUIRE(world.set("net.ipv4.ipfrag_high_thresh", 200'000));
  const std::size_t more = flood();
  CHECK((more > held + held / 2 && more < 200));
}

TEST_CASE("fragments too far from those that wait are another datagram's", "[ip][defrag]") {
  const auto reassembles_after = [](unsigned others, std::int64_t max_dist) {
    Reassembling world;
    REQUIRE(world.set("net.ipv4.ipfrag_max_dist", max_dist));
    const Frame datagram = counting_datagram(Reassembling::kPort, 1000);
    world.hear(fragment_of(datagram, 0, 400, true, {.id = 1}));
    for (unsigned i = 0; i < others; ++i) {
      world.hear(fragment_of(datagram, 0, 400, true, {.id = static_cast<std::uint16_t>(i + 2)}));
    }
    world.hear(fragment_of(datagram, 400, 1008, false, {.id = 1}));
    return world.received().has_value();
  };
  CHECK(reassembles_after(63, 64));
  CHECK_FALSE(reassembles_after(64, 64));
  CHECK(reassembles_after(200, 0));
  CHECK_FALSE(reassembles_after(20, 10));
}

TEST_CASE("congestion that one fragment met is the datagram's, and DF of the largest", "[ip][defrag]") {
  struct Row {
    std::uint8_t first;
    std::uint8_t second;
    std::optional<std::uint8_t> whole;
  };
  const Row rows[] = {{0, 0, 0}, {2, 2, 2}, {2, 3, 3}, {3, 3, 3}, {3, 0, std::nullopt}, {0, 2, std::nullopt}};
  for (const Row& row : rows) {
    Reassembling world;
    const Frame datagram = counting_datagram(9, 1000);  // nobody's port: the answer quotes the header
    world.hear(fragment_of(datagram, 0, 800, true, {.dont_fragment = true, .tos = row.first}));
    world.hear(fragment_of(datagram, 800, 1008, false, {.dont_fragment = false, .tos = row.second}));
    const auto sent = world.take();
    REQUIRE(sent.size() == (row.whole ? 1 : 0));
    if (row.whole) {
      const auto quote = headers::IcmpView::parse(ip_of(sent[0]).payload()).value().payload();
      const auto header = headers::Ipv4View::parse_quoted(quote).value().fields();
      CHECK(header.tos == *row.whole);
      CHECK(header.dont_fragment);
      CHECK_FALSE(header.more_fragments);
    }
  }
}
