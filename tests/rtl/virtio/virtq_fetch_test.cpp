// SPDX-License-Identifier: Apache-2.0
// Descriptors of several queues: every buffer once, in order; every kick counts; resets leave nothing; pace.
#include <catch2/catch.hpp>

#include "tests/rtl/virtio/fetch_bench.hpp"

namespace {

using tests::virtio::FetchBench;
using tests::virtio::FetchDriver;
using tests::virtio::FetchMode;
using tests::virtio::FetchShape;

std::string name_of(FetchMode mode) {
  return std::string(mode.packed ? "packed" : "split") + (mode.event_idx ? " event_idx" : "") +
         (mode.notification_data ? " notification_data" : "") + (mode.indirect ? " indirect" : "");
}

FetchMode mode_of(unsigned bits) {
  return {.packed = (bits & 1) != 0,
          .event_idx = (bits & 2) != 0,
          .notification_data = (bits & 4) != 0,
          .indirect = (bits & 8) != 0};
}

/// Adds random buffers now and then, to every open queue; gives how many.
unsigned feed(FetchBench& bench, std::mt19937& random, FetchMode mode, unsigned one_in) {
  unsigned added = 0;
  for (unsigned pair = 0; pair < FetchBench::kPairs; ++pair) {
    if (!bench.is_open(pair) || random() % one_in != 0) continue;
    FetchDriver& driver = bench.driver(pair);
    for (auto burst = random() % 9; burst > 0; --burst) {
      FetchShape shape;
      const unsigned limit = std::min(32u, driver.size());
      if (random() % 4 == 0)
        shape.direct = 1 + static_cast<unsigned>(random() % (random() % 8 == 0 ? limit : std::min(limit, 4u)));
      if (mode.indirect && random() % 3 == 0) {
        shape.direct = static_cast<unsigned>(random() % std::min(3u, limit));
        shape.table = 1 + static_cast<unsigned>(random() % (32 - shape.direct));
      }
      if (!driver.room(shape)) break;
      driver.add_random(shape);
      ++added;
    }
  }
  return added;
}

/// Until every buffer was taken; a queue that stands still is a lost wake-up.
void drain(FetchBench& bench) {
  const auto done = [&bench] {
    for (unsigned pair = 0; pair < FetchBench::kPairs; ++pair)
      if (bench.is_open(pair) && !bench.failed.contains(pair) && !bench.ignored.contains(pair) &&
          !bench.driver(pair).open.empty())
        return false;
    return true;
  };
  constexpr long kStandstill = 20000;  // cycles
  long taken = bench.taken;
  for (long last = bench.cycle; bench.cycle < last + kStandstill && !done() && bench.violation.empty(); bench.step()) {
    if (bench.taken != taken) last = bench.cycle;
    taken = bench.taken;
  }
  if (bench.violation.empty()) bench.run(400);
  CHECK(bench.violation == "");
  for (unsigned pair = 0; pair < FetchBench::kPairs; ++pair) {
    if (!bench.is_open(pair) || bench.failed.contains(pair) || bench.ignored.contains(pair)) continue;
    INFO("queue " << pair << " of " << bench.driver(pair).size());
    CHECK(bench.driver(pair).open.empty());
  }
}

unsigned random_size(std::mt19937& random, bool packed) {
  static constexpr unsigned kSmall[] = {1, 2, 3, 5, 8, 16, 31, 33, 64, 100, 256, 1000};
  if (packed) return random() % 30 == 0 ? 32768 : kSmall[random() % std::size(kSmall)];
  return random() % 30 == 0 ? 32768 : 1u << random() % 11;
}

}  // namespace

TEST_CASE("Every buffer of every queue comes once, in order, whatever the ring and the timing", "[rtl][virtio]") {
  for (unsigned seed = 0; seed < 48; ++seed) {
    const FetchMode mode = mode_of(seed);
    std::mt19937 random(seed);
    INFO("seed " << seed << " " << name_of(mode));
    FetchBench bench(
        mode,
        {.latency = 1 + static_cast<unsigned>(random() % 60), .jitter = 1 + static_cast<unsigned>(random() % 300)},
        seed);
    bench.engine_rate = 5 + static_cast<unsigned>(random() % 90);
    bench.kick_delay = 1 + static_cast<unsigned>(random() % 80);
    bench.lie = seed >= 32;
    for (unsigned pair = 0; pair < FetchBench::kPairs; ++pair) bench.open(pair, random_size(random, mode.packed));
    for (int k = 0; k < 6000 && bench.violation.empty(); ++k) {
      feed(bench, random, mode, seed % 3 == 0 ? 20 : 500);
      bench.step();
    }
    drain(bench);
    REQUIRE(bench.failed.empty());
    REQUIRE(bench.taken > 20);
    if (!bench.violation.empty()) break;
  }
}

namespace {

struct Pace {
  double cycles = 0;  // a buffer
  double read_bytes = 0;
  double reads = 0;
  double writes = 0;
};

/// Buffers of one piece, 1 us to memory: the driver adds one every `gap` cycles in all, or whenever there is room.
Pace pace_of(FetchMode mode, unsigned queues, unsigned size, unsigned gap, bool scatter = false) {
  FetchBench bench(mode, {.latency = 250, .jitter = 0, .stall = 0, .in_order = true}, 1);
  bench.engine_rate = 100;
  bench.kick_delay = 1;
  for (unsigned pair = 0; pair < queues; ++pair) {
    bench.open(pair, size);
    bench.driver(pair).scatter = scatter;
  }
  unsigned turn = 0;
  const auto run = [&](int cycles) {
    for (int k = 0; k < cycles; ++k) {
      if (gap == 0) {
        for (unsigned pair = 0; pair < queues; ++pair)
          if (bench.driver(pair).room({})) bench.driver(pair).add_random({});
      } else if (bench.cycle % gap == 0) {
        FetchDriver& driver = bench.driver(turn++ % queues);
        if (driver.room({})) driver.add_random({});
      }
      bench.step();
    }
  };
  run(6000);
  const long taken = bench.taken, bytes = bench.read_bytes, reads = bench.read_requests, writes = bench.writes;
  run(20000);
  CHECK(bench.violation == "");
  CHECK(bench.failed.empty());
  const auto buffers = static_cast<double>(bench.taken - taken);
  return {20000 / buffers, static_cast<double>(bench.read_bytes - bytes) / buffers,
          static_cast<double>(bench.read_requests - reads) / buffers,
          static_cast<double>(bench.writes - writes) / buffers};
}

}  // namespace

TEST_CASE("Line rate: a buffer in 16 cycles with 1 us to memory, one queue or eight, packed or split",
          "[rtl][virtio]") {
  for (const bool packed : {true, false}) {
    for (const bool event_idx : {true, false}) {
      for (const unsigned queues : {1u, 8u}) {
        const FetchMode mode{.packed = packed, .event_idx = event_idx};
        const Pace full = pace_of(mode, queues, 256, 0);
        const Pace paced = pace_of(mode, queues, 256, 16);
        const Pace random = packed ? full : pace_of(mode, queues, 256, 0, true);
        UNSCOPED_INFO(name_of(mode) << " queues " << queues << " full: " << full.cycles << " cycles, "
                                    << full.read_bytes << " B, " << full.reads << " reads, " << full.writes
                                    << " arms; paced: " << paced.cycles << " cycles, " << paced.read_bytes << " B, "
                                    << paced.reads << " reads, " << paced.writes << " arms; scattered: "
                                    << random.cycles << " cycles, " << random.reads << " reads");
        CHECK(full.cycles < (packed ? 12 : 15));
        CHECK(random.cycles < 16);
        CHECK(paced.cycles < 16.1);
        CHECK(full.writes < 0.01);
        CHECK(full.read_bytes < 20);
        CHECK(full.reads < 0.15);
      }
    }
  }
}

TEST_CASE("A lone buffer reads little, and one that NOTIFICATION_DATA announces no byte too much", "[rtl][virtio]") {
  for (const bool event_idx : {true, false}) {
    for (const bool notification_data : {true, false}) {
      FetchBench bench({.event_idx = event_idx, .notification_data = notification_data}, {}, 1);
      bench.open(5, 100);
      bench.run(2000);
      for (unsigned count = 1; count <= 60; count = count * 3 / 2 + 1) {
        const long bytes = bench.read_bytes, writes = bench.writes, reads = bench.read_requests;
        for (unsigned k = 0; k < count; ++k) bench.driver(5).add_random({});
        bench.auto_publish = false;  // all at once, one kick
        while (!bench.driver(5).publish()) {
        }
        bench.auto_publish = true;
        bench.run(4000);
        INFO("event_idx " << event_idx << " notification_data " << notification_data << " count " << count);
        CHECK(bench.violation == "");
        CHECK(bench.driver(5).open.empty());
        const long read = bench.read_bytes - bytes;
        if (notification_data && !event_idx) CHECK(read == 16L * count);
        if (notification_data && event_idx) CHECK(read <= 16L * count + 64 * 3);  // two looks at a dry ring
        if (count == 1) CHECK(read <= (event_idx ? 128 : 64));
        if (count == 1) CHECK(bench.read_requests - reads <= 2);
        CHECK(bench.writes - writes == (event_idx ? 1 : 0));
      }
    }
  }
}

TEST_CASE("Buffers that wait are handed out at one in eight cycles, the first piece five cycles after its take",
          "[rtl][virtio]") {
  FetchBench bench({}, {.latency = 20, .jitter = 0, .stall = 0, .in_order = true}, 1);
  bench.engine_rate = 0;
  for (unsigned pair = 0; pair < FetchBench::kPairs; ++pair) {
    bench.open(pair, 64);
    for (int k = 0; k < 40; ++k) bench.driver(pair).add_random({});
  }
  bench.run(5000);
  bench.engine_rate = 100;
  const long start = bench.cycle;
  while (bench.taken == 0) bench.step();
  const long first = bench.cycle;
  while (!bench.dut->piece_valid_o) bench.step();
  CHECK(bench.cycle - first <= 5);
  while (bench.taken < 300 && bench.cycle < start + 10000) bench.step();
  CHECK(bench.cycle - start <= 300 * 8);
  CHECK(bench.violation == "");
}
