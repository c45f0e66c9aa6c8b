// SPDX-License-Identifier: Apache-2.0
// Random fragments, overlaps and lies among them, against a reassembler that marks bytes.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

#include "tests/host/ip/fragments.hpp"

using namespace host;
using namespace host_test;

namespace {

struct Part {
  std::size_t offset;
  std::size_t end;
  bool more;
};

/// One datagram as a line of bytes, each with the number of the run that brought it (0: not there). A run is what came
/// in order at the end; within one, what comes again is a duplicate, everything else that touches is an overlap.
struct NaiveDatagram {
  std::vector<unsigned> run_of = std::vector<unsigned>(4096);
  std::size_t length = 0;
  std::size_t top = 0;
  unsigned runs = 0;
  bool last_in = false;
};

/// What a naive reassembler counts.
struct NaiveDefrag {
  std::uint64_t oks = 0;
  std::uint64_t fails = 0;
  std::uint64_t overlaps = 0;
  std::uint64_t duplicates = 0;

  void add(std::uint16_t id, const Part& part) {
    NaiveDatagram& datagram = datagrams[id];
    const bool lie = part.more ? part.end > datagram.length && datagram.last_in
                               : part.end < datagram.length || (datagram.last_in && part.end != datagram.length);
    if (lie) {
      ++fails;
      datagrams.erase(id);
      return;
    }
    datagram.last_in = datagram.last_in || !part.more;
    datagram.length = std::max(datagram.length, part.end);
    const auto from = datagram.run_of.begin() + static_cast<std::ptrdiff_t>(part.offset);
    const auto to = datagram.run_of.begin() + static_cast<std::ptrdiff_t>(part.end);
    if (std::any_of(from, to, [](unsigned run) { return run != 0; })) {
      if (std::all_of(from, to, [&](unsigned run) { return run == *from; })) {
        ++duplicates;
      } else {
        ++overlaps;
        ++fails;
        datagrams.erase(id);
      }
      return;
    }
    const bool at_the_end = part.offset == datagram.top && datagram.top != 0;
    const unsigned run = at_the_end ? datagram.run_of[datagram.top - 1] : ++datagram.runs;
    std::fill(from, to, run);
    datagram.top = std::max(datagram.top, part.end);
    const auto end = datagram.run_of.begin() + static_cast<std::ptrdiff_t>(datagram.length);
    if (datagram.last_in && std::all_of(datagram.run_of.begin(), end, [](unsigned byte) { return byte != 0; })) {
      ++oks;
      datagrams.erase(id);
    }
  }

  std::map<std::uint16_t, NaiveDatagram> datagrams;
};

/// The parts of a datagram in random order, with some that are there already, overlap or lie about the end.
std::vector<Part> random_parts(std::mt19937& random, std::size_t length) {
  std::vector<Part> parts;
  for (std::size_t at = 0; at < length;) {
    const std::size_t end = std::min(length, at + 8 * (1 + random() % 30));
    parts.push_back({at, end, end < length});
    at = end;
  }
  const std::size_t noise = random() % 3 == 0 ? 1 + random() % 2 : 0;
  for (std::size_t i = 0; i < noise; ++i) {
    Part part = parts[random() % parts.size()];
    if (random() % 2 == 0 && part.more) {
      part.offset = part.offset + 8 * (random() % 3) > part.end - 8 ? part.offset : part.offset + 8 * (random() % 2);
      part.end = std::min(length / 8 * 8, part.end + 8 * (random() % 3));
      part.more = part.end < length && random() % 8 != 0;
    }
    if (part.offset < part.end && (part.more || part.offset != 0)) {
      parts.push_back(part);
    }
  }
  if (random() % 4 != 0) {
    std::shuffle(parts.begin(), parts.end(), random);
  }
  return parts;
}

}  // namespace

TEST_CASE("random fragments end as a naive reassembler says, and the sums add up", "[ip][defrag][random]") {
  std::mt19937 random(GENERATE(range(1U, 9U)));
  Reassembling world;
  REQUIRE(world.set("net.ipv4.ipfrag_max_dist", 0));
  NaiveDefrag naive;
  std::uint64_t sent = 0;
  std::uint64_t arrived = 0;
  for (std::uint16_t id = 1; id < 400; ++id) {
    const std::size_t length = 16 + 8 * (random() % 150) + random() % 8;
    const Frame datagram = counting_datagram(Reassembling::kPort, length - 8);
    const std::vector<Part> parts = random_parts(random, length);
    if (parts.size() == 1) {
      continue;  // not a fragment
    }
    for (const Part& part : parts) {
      world.hear(fragment_of(datagram, part.offset, part.end, part.more, {.id = id}));
      naive.add(id, part);
      ++sent;
    }
    while (const auto payload = world.received()) {
      ++arrived;
      REQUIRE(*payload == Frame(datagram.begin() + 8, datagram.end()));
    }
    REQUIRE(world.counter("Ip.ReasmOKs") == naive.oks);
    REQUIRE(world.counter("Ip.ReasmFails") == naive.fails);
    REQUIRE(world.counter("IpExt.ReasmOverlaps") == naive.overlaps);
    REQUIRE(world.counter("drop.ip_fragment_duplicate") == naive.duplicates);
    REQUIRE(world.defrag().in_use() == naive.datagrams.size());
  }
  CHECK(naive.oks > 200);
  CHECK(naive.overlaps > 10);
  CHECK(naive.duplicates > 10);
  CHECK(arrived + world.counter("Udp.InErrors") == naive.oks);  // a lie about the end makes another length
  CHECK(world.counter("Ip.ReasmReqds") == sent);
  world.run_for(31 * kSecond);
  CHECK(world.counter("Ip.ReasmFails") == naive.fails + naive.datagrams.size());
  CHECK(world.defrag().memory() == 0);
  world.run_for(60 * kSecond);
  CHECK(world.station().host.pool().in_use() == 0);
}
