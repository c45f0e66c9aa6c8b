// SPDX-License-Identifier: Apache-2.0
// Giving back: what the driver sees and when, interrupts that are never lost, how long things take.
#include <catch2/catch.hpp>

#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/virtio/give_bench.hpp"

namespace {

using tests::virtio::DmaTiming;
using tests::virtio::GiveBench;
using tests::virtio::GiveMode;
using tests::virtio::GiveOptions;

#ifdef TRANSMIT
constexpr bool kTransmit = true;
#else
constexpr bool kTransmit = false;
#endif

std::vector<GiveMode> modes() {
  std::vector<GiveMode> all;
  for (const bool packed : {true, false})
    for (const bool event_idx : {true, false})
      all.push_back({.packed = packed, .event_idx = event_idx, .in_order = false});
  if (kTransmit) {
    all.push_back({.packed = true, .event_idx = true, .in_order = true});
    all.push_back({.packed = false, .event_idx = true, .in_order = true});
    all.push_back({.packed = true, .event_idx = false, .in_order = true});
  }
  return all;
}

unsigned below(std::mt19937& random, unsigned limit) {
  return static_cast<unsigned>(random() % limit);
}

std::string name(const GiveMode& m) {
  return std::string(m.packed ? "packed" : "split") + (m.event_idx ? " event_idx" : "") +
         (m.in_order ? " in_order" : "");
}

/// Buffers of a random frame that fits into `room` descriptors; none if it does not.
std::vector<unsigned> random_frame(std::mt19937& random, unsigned room, const GiveMode& mode, bool groups) {
  std::vector<unsigned> descs;
  const unsigned kind = below(random, 10);
  unsigned buffers = 1;
  if (groups && !kTransmit && kind < 4) buffers = 1 + below(random, kind == 0 ? 24 : 5);
  for (unsigned k = 0; k < buffers; ++k)
    descs.push_back(!mode.packed || below(random, 3) != 0 ? 1 : 1 + below(random, 5));
  unsigned sum = 0;
  for (const unsigned d : descs) sum += d;
  if (sum > room) descs.clear();
  return descs;
}

/// Keeps the queues busy with random frames for so many cycles.
void traffic(GiveBench& bench, std::mt19937& random, const GiveMode& mode, long cycles, unsigned pace) {
  for (long k = 0; k < cycles; ++k) {
    if (below(random, pace) == 0) {
      const auto q = below(random, static_cast<unsigned>(bench.rings.size()));
      const auto descs = random_frame(random, bench.rings[q]->room(), mode, true);
      if (!descs.empty()) bench.give(q, descs);
    }
    bench.step();
  }
}

std::vector<unsigned> random_sizes(std::mt19937& random, const GiveMode& mode) {
  std::vector<unsigned> sizes;
  for (unsigned q = 0; q < 8; ++q) sizes.push_back(mode.packed ? 1 + below(random, 100) : 1u << below(random, 8));
  return sizes;
}

}  // namespace

TEST_CASE("Drivers see every buffer once, in order, complete, and are woken for it", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    for (unsigned seed = 1; seed <= 12; ++seed) {
      INFO(name(mode) << " seed " << seed);
      std::mt19937 random(seed);
      GiveBench bench({.mode = mode,
                       .sizes = random_sizes(random, mode),
                       .timing = {.link_max = 5 + seed * 4, .memory_max = 30 * (seed % 5), .stall = 10 * (seed % 6)},
                       .seed = seed,
                       .gap = 20 * (seed % 3),
                       .quick_driver = seed % 3 == 0});
      bench.interleave = seed % 2 == 0;
      traffic(bench, random, mode, 6000, 4 + 30 * (seed % 4));
      bench.settle(60000);
      bench.run(500);  // decisions on what was seen already
      long frames = 0;
      for (const long n : bench.counts.frames) frames += n;
      REQUIRE(frames > 40);
      REQUIRE(static_cast<long>(bench.reads.size()) == bench.counts.irqs + bench.counts.suppressed);
      if (!mode.in_order) REQUIRE(bench.counts.entries == bench.gives_taken);
    }
  }
}

TEST_CASE("Moderated, the drivers are still woken for every frame", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
      INFO(name(mode) << " seed " << seed);
      std::mt19937 random(seed);
      GiveBench bench({.mode = mode,
                       .sizes = random_sizes(random, mode),
                       .timing = {.link_max = 30, .memory_max = 100, .stall = 20},
                       .seed = seed,
                       .quick_driver = false});
      bench.interleave = true;
      for (int part = 0; part < 12; ++part) {
        const auto q = below(random, 8);
        bench.coalesce(q, false, below(random, 6));
        bench.coalesce(q, true, below(random, 5));
        traffic(bench, random, mode, 700, 20);
      }
      bench.settle(60000);
    }
  }
}

TEST_CASE("With EVENT_IDX a driver is interrupted at most once for each time that it asks", "[rtl][virtio]") {
  for (const bool packed : {true, false}) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
      const GiveMode mode{.packed = packed, .event_idx = true, .in_order = false};
      INFO(name(mode) << " seed " << seed);
      std::mt19937 random(seed);
      GiveBench bench({.mode = mode,
                       .sizes = std::vector<unsigned>(8, 256),
                       .timing = {.link_max = 60, .memory_max = 200, .stall = 10},
                       .seed = seed,
                       .quick_driver = false});
      traffic(bench, random, mode, 8000, 12);
      bench.settle(20000);
      REQUIRE(bench.counts.irqs > 20);
      REQUIRE(bench.counts.irqs <= bench.counts.enables);
    }
  }
}

TEST_CASE("Rings of every size, the largest with it, wrap where they end", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    for (unsigned size = 1; size <= 33; ++size) {
      if (!mode.packed && (size & (size - 1)) != 0) continue;
      INFO(name(mode) << " size " << size);
      std::mt19937 random(size);
      GiveBench bench({.mode = mode, .sizes = {size}, .timing = {.link_max = 4, .memory_max = 4, .stall = 0}});
      traffic(bench, random, mode, 3000, 6);
      bench.settle(5000);
      REQUIRE(bench.counts.frames[0] > 60);
    }
    GiveBench bench({.mode = mode, .sizes = {32768}});
    for (unsigned lap = 0; lap < (mode.packed ? 40u : 3u); ++lap) {
      for (unsigned k = 0; k < (mode.packed ? 5u : 30000u); ++k) bench.give(0, {mode.packed ? 6000u - lap : 1u});
      bench.settle(700000);
    }
  }
}

#ifndef TRANSMIT
TEST_CASE("A frame of many buffers shows all at once, over lines and the ring's end", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    for (unsigned length = 2; length <= 40; ++length) {
      INFO(name(mode) << " length " << length);
      GiveBench bench({.mode = mode, .sizes = {mode.packed ? 47u : 64u}, .gap = 60});
      for (unsigned k = 0; k < 30; ++k) {
        bench.give(0, std::vector<unsigned>(length, 1));
        if (k % 3 == 0) bench.run(k * 7);
        bench.settle(20000);
        bench.give(0);
        if (k % 2 == 0 && length < 20) bench.give(0, {1, 1});
        bench.settle(20000);
      }
    }
  }
}
#endif

TEST_CASE("One queue is reset while the others run", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    for (unsigned seed = 1; seed <= 6; ++seed) {
      INFO(name(mode) << " seed " << seed);
      std::mt19937 random(seed);
      GiveBench bench({.mode = mode,
                       .sizes = std::vector<unsigned>(8, 64),
                       .timing = {.link_max = 30, .memory_max = 150, .stall = 20 * (seed % 3)},
                       .seed = seed,
                       .quick_driver = seed % 2 == 0});
      bench.interleave = true;
      for (unsigned q = 0; q < 8; q += 2) {  // waiting frames are forgotten with their queue
        bench.coalesce(q, false, 20);
        bench.coalesce(q, true, 20);
      }
      for (int part = 0; part < 12; ++part) {
        traffic(bench, random, mode, 300 + below(random, 300), 10);
        bench.reset_queue(below(random, 8), 32u << below(random, 2));
      }
      traffic(bench, random, mode, 500, 20);
      bench.settle(60000);
    }
  }
}

TEST_CASE("A buffer of a queue that is not enabled disappears without a trace", "[rtl][virtio]") {
  GiveBench bench({.mode = {}, .sizes = {16, 16}});
  bench.dut->enabled_i = 2;
  for (int k = 0; k < 6; ++k) bench.give(0);
  bench.give(1);
  bench.run(400);
  REQUIRE(bench.gives_taken == 7);
  REQUIRE(bench.counts.frames[1] == 1);
  REQUIRE(bench.writes.size() == 1);
  REQUIRE(bench.writes[0].pair == 1);
}

TEST_CASE("A queue that is told to stop gives back at once what came", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    INFO(name(mode));
    GiveBench bench({.mode = mode, .sizes = {64, 64}});
    bench.engine_idle = false;
    bench.give(0);
    bench.give(1);
    bench.run(30);
    REQUIRE(bench.writes.empty());
    bench.dut->stop_i = 1;
    bench.run(60);
    REQUIRE(bench.counts.frames[0] == 1);
    REQUIRE(bench.counts.frames[1] == 0);
    REQUIRE(bench.counts.irqs == 0);
  }
}

TEST_CASE("A lone buffer waits for the idle time and no longer", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    INFO(name(mode));
    GiveBench bench({.mode = mode, .sizes = std::vector<unsigned>(8, 64)});
    for (unsigned q = 0; q < 8; ++q) {
      bench.run(100);
      bench.writes.clear();
      bench.give(q);
      bench.settle(400);
      REQUIRE(bench.writes.size() == (mode.packed ? 1 : 2));
      REQUIRE(bench.writes[0].cycle - bench.last_take >= 8);
      REQUIRE(bench.writes[0].cycle - bench.last_take <= 16);
      REQUIRE(bench.writes.back().cycle - bench.writes[0].cycle <= 6);
    }
    // one on each queue: all are out soon after
    bench.writes.clear();
    for (unsigned q = 0; q < 8; ++q) bench.give(q);
    bench.settle(1000);
    REQUIRE(bench.writes[0].cycle - bench.last_take <= 16);
    REQUIRE(bench.writes.back().cycle - bench.last_take <= 16 + 8 * 18);
  }
}

TEST_CASE("In a stream a line waits for company about a microsecond", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    INFO(name(mode));
    GiveBench bench({.mode = mode, .sizes = {64, 64}});
    bench.engine_idle = false;
    for (int k = 0; k < 20; ++k) {
      bench.run(37);
      bench.writes.clear();
      bench.give(0);
      bench.run(400);
      REQUIRE(bench.writes.size() == (mode.packed ? 1 : 2));
      if (mode.packed && !mode.in_order && k % 4 == 3) continue;  // the end of a line
      REQUIRE(bench.writes[0].cycle - bench.last_take > 120);
      REQUIRE(bench.writes[0].cycle - bench.last_take < 265);
    }
    // the age is the first entry's, whatever follows it
    bench.give(0);
    bench.run(60);
    bench.writes.clear();
    const long first = bench.last_take;
    bench.give(0);
    bench.run(240);
    REQUIRE(bench.writes.size() == (mode.packed ? 1 : 2));
    REQUIRE(bench.writes[0].cycle - first < 265);
    REQUIRE(bench.all_back());
  }
}

TEST_CASE("A burst is written in full lines", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    if (mode.in_order) continue;
    INFO(name(mode));
    GiveBench bench({.mode = mode, .sizes = {64}});
    for (int k = 0; k < 32; ++k) bench.give(0);
    bench.settle(2000);
    REQUIRE(bench.writes.size() == 8);  // packed: lines of 4; split: runs of 8, each with its index
    for (std::size_t k = 0; k < 8; ++k) REQUIRE(bench.writes[k].len == (mode.packed || k % 2 == 0 ? 64u : 2u));
  }
}

TEST_CASE("Entries are handed over at line rate, on one queue and across eight", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    for (const unsigned queues : {1u, 8u}) {
      for (const unsigned descs : {1u, 3u}) {
        for (const bool quick : {true, false}) {
          if (!mode.packed && descs != 1) continue;
          INFO(name(mode) << ", " << queues << " queues, " << descs << " descriptors, quick " << quick);
          GiveBench bench({.mode = mode, .sizes = std::vector<unsigned>(queues, 2048), .quick_driver = quick});
          const long start = bench.dut.cycles();
          for (unsigned k = 0; k < 640; ++k) bench.give(k % queues, {descs});
          while (bench.gives_taken < 640) bench.step();
          REQUIRE(bench.dut.cycles() - start <= 640 * (descs == 1 ? 8 : 12));
          bench.settle(60000);
        }
      }
    }
  }
}

/// 10 Gb/s of 64-byte frames at 250 MHz: one every 17 cycles, whose own write of 10 beats goes first. Lines that aged
/// while the writer was busy would hold one entry each, 40 cycles a buffer, and stay so.
TEST_CASE("Eight queues keep up with line rate while frames are written", "[rtl][virtio]") {
  for (const GiveMode& mode : modes()) {
    INFO(name(mode));
    GiveBench bench({.mode = mode, .sizes = std::vector<unsigned>(8, 2048)});
    bench.others = 10;
    const long start = bench.dut.cycles();
    for (unsigned k = 0; k < 1600; ++k) bench.give(k % 8);
    while (bench.gives_taken < 1600) bench.step();
    REQUIRE(bench.dut.cycles() - start <= 1600 * 16);
    bench.settle(60000);
  }
}
