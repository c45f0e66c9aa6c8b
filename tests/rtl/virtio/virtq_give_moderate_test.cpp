// SPDX-License-Identifier: Apache-2.0
// Interrupt decisions in detail: moderation by frames and by time, what is read, what is answered to it.
#include <catch2/catch.hpp>

#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/virtio/give_bench.hpp"

namespace {

using tests::virtio::GiveBench;
using tests::virtio::GiveMode;

constexpr long kUsec = 250;
constexpr long kWalk = 40;  // cycles from a tick to the read, at most

constexpr GiveMode kPacked{.packed = true, .event_idx = false, .in_order = false};
constexpr GiveMode kSplit{.packed = false, .event_idx = false, .in_order = false};

void moderate(GiveBench& bench, unsigned pair, std::uint32_t packets, std::uint32_t usecs) {
  bench.coalesce(pair, false, packets);
  bench.coalesce(pair, true, usecs);
}

/// A frame on its own, shown to the driver; the cycle in which its write was done.
long lone(GiveBench& bench, unsigned pair, const std::vector<unsigned>& descs = {1}) {
  bench.give(pair, descs);
  bench.run(80);
  REQUIRE(bench.all_back());
  return bench.dones.back();
}

}  // namespace

TEST_CASE("Without moderation every publication is decided on at once", "[rtl][virtio]") {
  for (const GiveMode& mode : {kPacked, kSplit}) {
    GiveBench bench({.mode = mode, .sizes = {64, 64}, .timing = {.link_max = 20, .memory_max = 10, .stall = 0}});
    for (int k = 0; k < 10; ++k) {
      const long done = lone(bench, static_cast<unsigned>(k % 2));
      REQUIRE(bench.reads.size() == static_cast<std::size_t>(k) + 1);
      REQUIRE(bench.reads.back().cycle - done <= 16);
    }
    bench.run(300);
    REQUIRE(bench.counts.irqs == 10);
  }
}

TEST_CASE("An interrupt waits for max_packets frames, however many buffers they have", "[rtl][virtio]") {
  for (const GiveMode& mode : {kPacked, kSplit}) {
    GiveBench bench({.mode = mode, .sizes = {64, 64}});
    moderate(bench, 0, 5, 1'000'000);
    for (std::size_t round = 1; round <= 4; ++round) {
      for (int k = 0; k < 4; ++k) {
#ifndef TRANSMIT
        lone(bench, 0, std::vector<unsigned>(static_cast<std::size_t>(k) + 1, 1));
#else
        lone(bench, 0);
#endif
        REQUIRE(bench.reads.size() == round - 1);
      }
      const long done = lone(bench, 0);
      REQUIRE(bench.reads.size() == round);
      REQUIRE(bench.reads.back().cycle - done <= 16);
    }
    bench.run(5 * kUsec);
    REQUIRE(bench.counts.irqs == 4);
    // frames of one line count each
    for (int k = 0; k < 4; ++k) bench.give(0);
    bench.run(200);
    REQUIRE(bench.reads.size() == 4);
    bench.give(0);
    bench.run(200);
    REQUIRE(bench.reads.size() == 5);
  }
}

TEST_CASE("An interrupt waits for max_usecs from the first frame", "[rtl][virtio]") {
  GiveBench bench({.mode = kPacked, .sizes = std::vector<unsigned>(8, 64)});
  for (const unsigned usecs : {1u, 2u, 3u, 4u, 5u, 6u, 150u}) {  // the last: a clock that is slow adds up
    for (unsigned pair = 0; pair < 8; ++pair) {
      INFO("usecs " << usecs << " pair " << pair);
      moderate(bench, pair, 1000, usecs);
      bench.run(17 * pair);
      bench.reads.clear();
      bench.give(pair);
      bench.settle(70);
      const long first = bench.dones.back();
      for (unsigned k = 0; k < 5 && usecs > 1; ++k) {  // more frames do not move it
        bench.run(30);
        bench.give(pair);
      }
      bench.run(usecs * kUsec + kWalk);
      REQUIRE(bench.reads.size() == 1);
      REQUIRE(bench.reads[0].pair == pair);
      REQUIRE(bench.reads[0].cycle - first > static_cast<long>(usecs - 1) * kUsec);
      REQUIRE(bench.reads[0].cycle - first <= static_cast<long>(usecs) * kUsec + kWalk);
      bench.run(2 * kUsec);
      REQUIRE(bench.reads.size() == 1);
    }
  }
}

TEST_CASE("All queues wait at the same time, each for its own", "[rtl][virtio]") {
  GiveBench bench({.mode = kPacked, .sizes = std::vector<unsigned>(8, 64)});
  for (unsigned q = 0; q < 8; ++q) moderate(bench, q, 1000, 2 + q);
  for (unsigned q = 0; q < 8; ++q) bench.give(q);
  bench.run(60);
  const long start = bench.dut.cycles();
  bench.run(12 * kUsec);
  REQUIRE(bench.reads.size() == 8);
  for (unsigned q = 0; q < 8; ++q) {
    REQUIRE(bench.reads[q].pair == q);
    REQUIRE(bench.reads[q].cycle - start > static_cast<long>(1 + q) * kUsec - 100);
    REQUIRE(bench.reads[q].cycle - start <= static_cast<long>(2 + q) * kUsec + kWalk);
  }
}

TEST_CASE("A parameter that changes is looked at at once", "[rtl][virtio]") {
  GiveBench bench({.mode = kPacked, .sizes = {64, 64}});
  const auto waits = [&](unsigned frames) {
    moderate(bench, 1, 100, 1'000'000);
    bench.run(400);
    bench.reads.clear();
    for (unsigned k = 0; k < frames; ++k) lone(bench, 1);
    REQUIRE(bench.reads.empty());
  };
  const auto asks = [&](long within) {
    bench.run(within);
    return bench.reads.size() == 1 && bench.reads[0].pair == 1;
  };
  waits(3);
  bench.coalesce(1, false, 4);
  REQUIRE(!asks(2 * kUsec));
  bench.coalesce(1, false, 3);
  REQUIRE(asks(kWalk));
  waits(2);
  bench.coalesce(1, false, 0);
  REQUIRE(asks(kWalk));
  waits(2);
  bench.coalesce(1, true, 0);
  REQUIRE(asks(kWalk));
  waits(1);
  bench.run(10 * kUsec);
  bench.coalesce(1, true, 12);
  REQUIRE(!asks(kUsec / 2));
  bench.coalesce(1, true, 9);
  REQUIRE(asks(kWalk));
  // nothing waits: nothing is asked
  bench.run(400);
  bench.reads.clear();
  moderate(bench, 1, 0, 0);
  bench.run(2 * kUsec);
  REQUIRE(bench.reads.empty());
}

TEST_CASE("The driver's wish still counts after the wait", "[rtl][virtio]") {
  for (const GiveMode& mode : {kPacked, kSplit}) {
    GiveBench bench({.mode = mode, .sizes = {64}});
    moderate(bench, 0, 2, 1000);
    bench.rings[0]->disable();
    for (int k = 0; k < 4; ++k) lone(bench, 0);
    bench.run(300);
    REQUIRE(bench.counts.irqs == 0);
    REQUIRE(bench.counts.suppressed == 2);
  }
}

TEST_CASE("A clear forgets what waited and starts the count again", "[rtl][virtio]") {
  GiveBench bench({.mode = kPacked, .sizes = {64, 64}});
  moderate(bench, 0, 3, 4);
  lone(bench, 0);
  lone(bench, 0);
  bench.reset_queue(0, 64);
  bench.run(6 * kUsec);
  REQUIRE(bench.reads.empty());
  bench.coalesce(0, true, 1000);
  lone(bench, 0);
  lone(bench, 0);
  REQUIRE(bench.reads.empty());
  lone(bench, 0);
  REQUIRE(bench.reads.size() == 1);  // the parameters are still those of before
}

TEST_CASE("A clear forgets a line that waited and an interrupt that was to be asked for", "[rtl][virtio]") {
  for (int wait = 0; wait < 60; ++wait) {
    GiveBench bench({.mode = {}, .sizes = {64, 64}});
    bench.give(0);
    bench.give(0);
    bench.run(wait);
    bench.reset_queue(0, 32);
    bench.writes.clear();
    bench.reads.clear();
    bench.counts.irqs = 0;
    bench.run(600);
    INFO("wait " << wait);
    REQUIRE(bench.writes.empty());
    REQUIRE(bench.reads.empty());
    REQUIRE(bench.counts.irqs == 0);
    lone(bench, 0);
    bench.run(300);
    REQUIRE(bench.counts.irqs == 1);
  }
}

TEST_CASE("What the driver's wish is read from depends on the ring", "[rtl][virtio]") {
  for (const bool packed : {true, false}) {
    for (const bool event_idx : {true, false}) {
      GiveBench bench({.mode = {.packed = packed, .event_idx = event_idx, .in_order = false}, .sizes = {64, 32}});
      lone(bench, 1);
      REQUIRE(bench.reads.size() == 1);
      REQUIRE(bench.reads[0].addr == bench.rings[1]->driver() + (!packed && event_idx ? 4 + 2 * 32 : 0));
      REQUIRE(bench.reads[0].len == (packed ? 4 : 2));
    }
  }
}

TEST_CASE("A read that fails interrupts", "[rtl][virtio]") {
  GiveBench bench({.mode = kPacked, .sizes = {64, 64}});
  bench.rings[0]->disable();
  lone(bench, 0);
  bench.run(300);
  REQUIRE(bench.counts.irqs == 0);
  bench.point_driver(0, 0x5000);  // no memory there
  lone(bench, 0);
  bench.run(300);
  REQUIRE(bench.counts.irqs == 1);
  REQUIRE(bench.counts.irqs_of[0] == 1);
  bench.point_driver(0, bench.rings[0]->driver());
  lone(bench, 0);
  bench.run(300);
  REQUIRE(bench.counts.irqs == 1);
}

TEST_CASE("More than a lap interrupts unless interrupts are disabled", "[rtl][virtio]") {
  for (const bool disabled : {false, true}) {
    GiveBench bench({.mode = {}, .sizes = {4}});
    moderate(bench, 0, 5, 1000);
    bench.memory.write(bench.rings[0]->driver(), 0x7000, 2);  // an entry that does not exist
    if (disabled) bench.rings[0]->disable();
    for (int k = 0; k < 4; ++k) lone(bench, 0);
    bench.coalesce(0, false, 4);  // exactly a lap
    bench.run(400);
    REQUIRE(bench.counts.irqs == 0);
    REQUIRE(bench.counts.suppressed == 1);
    bench.coalesce(0, false, 5);
    for (int k = 0; k < 5; ++k) lone(bench, 0);
    bench.run(400);
    REQUIRE(bench.counts.irqs == (disabled ? 0 : 1));
    REQUIRE(bench.counts.suppressed == (disabled ? 2 : 1));
  }
}

TEST_CASE("Several queues' reads are in flight at once, one a queue", "[rtl][virtio]") {
  GiveBench bench({.mode = kPacked,
                   .sizes = std::vector<unsigned>(8, 64),
                   .timing = {.link_max = 1000, .memory_max = 0, .stall = 0}});
  for (int round = 0; round < 3; ++round) {
    for (unsigned q = 0; q < 8; ++q) bench.give(q);
    bench.run(40);
  }
  bench.run(200);
  REQUIRE(bench.reads.size() >= 8);
  for (unsigned q = 0; q < 8; ++q) REQUIRE(bench.reads[q].pair == q);
  REQUIRE(bench.reads[7].cycle - bench.reads[0].cycle < 200);
  bench.settle(10000);
  bench.run(5000);
  REQUIRE(static_cast<long>(bench.reads.size()) == bench.counts.irqs);
}
