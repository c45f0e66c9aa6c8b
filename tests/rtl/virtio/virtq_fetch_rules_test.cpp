// SPDX-License-Identifier: Apache-2.0
// What a broken descriptor, ring or read does to its queue, and that it does nothing to the others; resets.
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/virtio/fetch_bench.hpp"

namespace {

using tests::virtio::FetchBench;
using tests::virtio::FetchDriver;
using tests::virtio::FetchMemory;
using tests::virtio::FetchMode;
using tests::virtio::FetchPiece;
using Pieces = std::vector<FetchPiece>;

constexpr unsigned kSize = 16;
constexpr unsigned kNone = contract::DESC_ERR_NONE;

struct Case {
  const char* what;
  unsigned code;
  bool packed;
  bool indirect;
  Pieces direct;
  Pieces table = {};
  /// Changes memory behind the driver's back before the buffer is published.
  std::function<void(FetchBench&, FetchDriver&)> spoil = [](FetchBench&, FetchDriver&) {};
};

/// What queue 3 says when it gets this buffer while queues 2 and 4 work on; the others have to go on.
unsigned verdict_of(const Case& one) {
  FetchBench bench({.packed = one.packed, .event_idx = true, .indirect = one.indirect}, {}, 7);
  for (unsigned pair = 2; pair < 5; ++pair) bench.open(pair, kSize);
  bench.run(300);
  FetchDriver& driver = bench.driver(3);
  driver.scatter = false;
  bench.auto_publish = false;
  driver.add_random({.direct = 2});
  driver.add(one.direct, one.table);
  one.spoil(bench, driver);
  bench.auto_publish = true;
  for (int round = 0; round < 30; ++round) {
    for (const unsigned pair : {2u, 4u})
      if (bench.driver(pair).room({.direct = 3})) bench.driver(pair).add_random({.direct = 3});
    bench.run(200);
  }
  bench.run(3000);
  INFO(one.what);
  CHECK(bench.violation == "");
  CHECK(bench.driver(2).open.empty());
  CHECK(bench.driver(4).open.empty());
  CHECK(bench.failed.size() == (bench.failed.contains(3) ? 1 : 0));
  if (!bench.failed.contains(3)) {
    CHECK(driver.open.empty());
    return kNone;
  }
  CHECK(driver.open.size() >= 1);  // nothing of the broken buffer came out
  return bench.failed.at(3);
}

FetchPiece piece(std::uint64_t addr, std::uint32_t len, unsigned flags = 0) {
  return {.addr = addr, .len = len, .flags = flags};
}

const FetchPiece kGood = piece(0x1000, 64);

Pieces many(unsigned count) {
  return Pieces(count, kGood);
}

// Writes to the descriptor of the last buffer, or to a line of its table.
void set_flags(FetchBench& bench, std::uint64_t at, bool packed, unsigned flags) {
  bench.memory.write(at + (packed ? 14 : 12), flags, 2);
}
std::uint64_t head_at(FetchDriver& driver) {
  return driver.desc() + 16u * driver.last_head;
}

}  // namespace

TEST_CASE("Each rule of a descriptor has its code, and the other queues go on", "[rtl][virtio]") {
  using contract::DESC_F_INDIRECT;
  using contract::DESC_F_WRITE;
  constexpr std::uint64_t kTop = ~std::uint64_t{0};
  for (const bool packed : {true, false}) {
    const std::vector<Case> cases = {
        {"good", kNone, packed, false, {kGood}},
        {"good with table", kNone, packed, true, {kGood}, many(3)},
        {"only a table, of one", kNone, packed, true, {}, many(1)},
        {"table of 32", kNone, packed, true, {}, many(32)},
        {"31 behind one", kNone, packed, true, {kGood}, many(31)},
        {"as long as the ring", kNone, packed, false, many(14)},
        {"32 behind one", contract::DESC_ERR_CHAIN, packed, true, {kGood}, many(32)},
        {"wrong way", contract::DESC_ERR_DIRECTION, packed, false, {kGood, piece(0, 1, DESC_F_WRITE)}},
        {"wrong way in a table", contract::DESC_ERR_DIRECTION, packed, true, {}, {kGood, piece(0, 1, DESC_F_WRITE)}},
        {"length 0", contract::DESC_ERR_LENGTH, packed, false, {piece(0, 0)}},
        {"length 0 in a table", contract::DESC_ERR_LENGTH, packed, true, {}, {kGood, piece(0, 0)}},
        {"length 65535", kNone, packed, false, {piece(0, 65535)}},
        {"length 65536", contract::DESC_ERR_LENGTH, packed, false, {piece(0, 65536)}},
        {"length 4 GB less 1", contract::DESC_ERR_LENGTH, packed, false, {kGood, piece(0, 0xffffffff)}},
        {"up to the top", kNone, packed, false, {piece(kTop, 1)}},
        {"over the top", contract::DESC_ERR_ADDRESS, packed, false, {piece(kTop, 2)}},
        {"over the top in a table", contract::DESC_ERR_ADDRESS, packed, true, {}, {piece(kTop - 62, 64)}},
        {"a table that was not negotiated", contract::DESC_ERR_INDIRECT, packed, false, {}, many(2)},
        {"a table in a table", contract::DESC_ERR_INDIRECT, packed, true, {}, {kGood, piece(0, 32, DESC_F_INDIRECT)}},
        {"a table of 33", contract::DESC_ERR_LENGTH, packed, true, {}, many(33)},
        {"an empty table",
         contract::DESC_ERR_LENGTH,
         packed,
         true,
         {},
         many(2),
         [](FetchBench& bench, FetchDriver& d) { bench.memory.write(head_at(d) + 8, 0, 4); }},
        {"a table and a bit",
         contract::DESC_ERR_LENGTH,
         packed,
         true,
         {},
         many(2),
         [](FetchBench& bench, FetchDriver& d) { bench.memory.write(head_at(d) + 8, 24, 4); }},
        {"a table over the top",
         contract::DESC_ERR_ADDRESS,
         packed,
         true,
         {},
         many(2),
         [](FetchBench& bench, FetchDriver& d) { bench.memory.write(head_at(d), ~std::uint64_t{0} - 15, 8); }},
        {"a table that cannot be read",
         contract::DESC_ERR_READ,
         packed,
         true,
         {},
         many(2),
         [](FetchBench& bench, FetchDriver& d) { bench.memory.write(head_at(d), 0x10, 8); }},
    };
    for (const Case& one : cases) {
      INFO((packed ? "packed: " : "split: ") << one.what);
      CHECK(verdict_of(one) == one.code);
    }
  }
}

TEST_CASE("Packed: a chain longer than its ring, or of 33", "[rtl][virtio]") {
  for (const auto& [size, code] :
       {std::pair(8u, contract::DESC_ERR_CHAIN), std::pair(100u, contract::DESC_ERR_CHAIN)}) {
    FetchBench bench({.packed = true}, {}, 3);
    bench.open(0, size);
    FetchDriver& driver = bench.driver(0);
    driver.add(many(std::min(size, 40u)), {});
    bench.auto_publish = false;
    while (!driver.publish()) {
    }
    set_flags(bench, driver.desc() + 16u * (std::min(size, 40u) - 1), true,
              contract::DESC_F_AVAIL | contract::DESC_F_NEXT | contract::DESC_F_WRITE);
    bench.run(3000);
    CHECK(bench.failed.at(0) == code);
    CHECK(bench.taken == 0);
    CHECK(bench.violation == "");
  }
}

TEST_CASE("Packed: a descriptor marked used in this lap is not available", "[rtl][virtio]") {
  FetchBench bench({.packed = true}, {}, 5);
  bench.open(0, 8);
  FetchDriver& driver = bench.driver(0);
  bench.auto_publish = false;
  driver.add({kGood}, {});
  while (!driver.publish()) {
  }
  const std::uint64_t at = head_at(driver);
  set_flags(bench, at, true, contract::DESC_F_AVAIL | contract::DESC_F_USED | contract::DESC_F_WRITE);
  bench.ring(0);
  bench.run(3000);
  CHECK(bench.taken == 0);
  CHECK(bench.failed.empty());
  set_flags(bench, at, true, contract::DESC_F_AVAIL | contract::DESC_F_WRITE);
  bench.ring(0);
  bench.run(3000);
  CHECK(bench.taken == 1);
  CHECK(bench.violation == "");
}

TEST_CASE("Split: loops, chains that leave the table, heads and indices that jump", "[rtl][virtio]") {
  const auto spoil_next = [](unsigned next) {
    return [next](FetchBench& bench, FetchDriver& d) {
      set_flags(bench, head_at(d), false, contract::DESC_F_NEXT | contract::DESC_F_WRITE);
      bench.memory.write(head_at(d) + 14, next, 2);
    };
  };
  const auto avail_ring = [](FetchDriver& d, unsigned k) { return d.driver_area() + 4 + 2 * k; };
  const std::vector<Case> cases = {
      {"next beyond the ring", contract::DESC_ERR_CHAIN, false, false, {kGood}, {}, spoil_next(kSize)},
      {"next far beyond", contract::DESC_ERR_CHAIN, false, false, {kGood}, {}, spoil_next(65535)},
      {"a loop",
       contract::DESC_ERR_CHAIN,
       false,
       false,
       {kGood},
       {},
       [&](FetchBench& bench, FetchDriver& d) { spoil_next(d.last_head)(bench, d); }},
      {"a head beyond the ring",
       contract::DESC_ERR_INDEX,
       false,
       false,
       {kGood},
       {},
       [&](FetchBench& bench, FetchDriver& d) { bench.memory.write(avail_ring(d, 1), kSize, 2); }},
      {"an index that jumps",
       contract::DESC_ERR_INDEX,
       false,
       false,
       {kGood},
       {},
       [](FetchBench& bench, FetchDriver& d) {
         while (!d.publish()) {
         }
         bench.memory.write(d.driver_area() + 2, kSize + 1, 2);
         bench.ring(3);
       }},
      {"an index that goes back",
       contract::DESC_ERR_INDEX,
       false,
       false,
       {kGood},
       {},
       [](FetchBench& bench, FetchDriver& d) {
         while (!d.publish()) {
         }
         bench.memory.write(d.driver_area() + 2, 0xffff, 2);
         bench.ring(3);
       }},
      {"next leaves the indirect table",
       contract::DESC_ERR_CHAIN,
       false,
       true,
       {},
       many(2),
       [](FetchBench& bench, FetchDriver& d) { bench.memory.write(d.table_at() + 14, 2, 2); }},
      {"a loop in the table",
       contract::DESC_ERR_CHAIN,
       false,
       true,
       {},
       many(2),
       [](FetchBench& bench, FetchDriver& d) { bench.memory.write(d.table_at() + 14, 0, 2); }},
      {"a table with NEXT",
       contract::DESC_ERR_INDIRECT,
       false,
       true,
       {},
       many(2),
       [](FetchBench& bench, FetchDriver& d) {
         set_flags(bench, head_at(d), false, contract::DESC_F_INDIRECT | contract::DESC_F_NEXT);
       }},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    CHECK(verdict_of(one) == one.code);
  }
}

TEST_CASE("A failed read stops its queue alone, whatever it was to bring", "[rtl][virtio]") {
  for (const bool packed : {true, false}) {
    for (unsigned area = 0; area < (packed ? 1u : 3u); ++area) {
      FetchBench bench({.packed = packed}, {}, area);
      for (unsigned pair = 0; pair < 3; ++pair) bench.open(pair, 64);
      FetchDriver& driver = bench.driver(1);
      bench.bad_from = area == 0 ? driver.desc() : driver.driver_area() + (area == 1 ? 2 : 4);
      bench.bad_to = bench.bad_from + 2;
      driver.scatter = false;
      for (int round = 0; round < 20; ++round) {
        for (unsigned pair = 0; pair < 3; ++pair) bench.driver(pair).add_random({.direct = 1});
        bench.run(200);
      }
      bench.run(1000);
      INFO("packed " << packed << " area " << area);
      CHECK(bench.failed == std::map<unsigned, unsigned>{{1, contract::DESC_ERR_READ}});
      CHECK(bench.driver(0).open.empty());
      CHECK(bench.driver(2).open.empty());
      CHECK(bench.violation == "");
      bench.bad_to = bench.bad_from;
      bench.close(1);
      bench.open(1, 32);
      bench.driver(1).add_random({.direct = 3});
      bench.run(2000);
      CHECK(bench.driver(1).open.empty());
      CHECK(bench.failed.empty());
    }
  }
}

TEST_CASE("A queue is stopped, comes to rest and starts afresh while the others run", "[rtl][virtio]") {
  for (unsigned seed = 0; seed < 12; ++seed) {
    const FetchMode mode{.packed = seed % 2 == 0, .event_idx = seed % 4 < 2, .indirect = seed % 3 == 0};
    std::mt19937 random(seed);
    FetchBench bench(mode, {.latency = 30, .jitter = 200}, seed);
    bench.engine_rate = 40;
    for (unsigned pair = 0; pair < FetchBench::kPairs; ++pair) bench.open(pair, 64);
    const auto feed_all = [&](int cycles) {
      for (int k = 0; k < cycles && bench.violation.empty(); ++k) {
        for (unsigned pair = 0; pair < FetchBench::kPairs; ++pair) {
          const unsigned direct = 1 + static_cast<unsigned>(random() % 3);
          const unsigned table = mode.indirect && random() % 2 ? 1 + static_cast<unsigned>(random() % 9) : 0;
          if (random() % 60 == 0 && bench.driver(pair).room({direct, table}))
            bench.driver(pair).add_random({direct, table});
        }
        bench.step();
      }
    };
    for (int round = 0; round < 12; ++round) {
      feed_all(static_cast<int>(random() % 900));
      const auto pair = static_cast<unsigned>(random() % FetchBench::kPairs);
      bench.close(pair);
      bench.open(pair, mode.packed ? 1 + static_cast<unsigned>(random() % 70) : 1u << random() % 8);
    }
    for (int k = 0; k < 30000 && bench.violation.empty(); ++k) bench.step();
    INFO("seed " << seed);
    CHECK(bench.violation == "");
    CHECK(bench.failed.empty());
    for (unsigned pair = 0; pair < FetchBench::kPairs; ++pair) CHECK(bench.driver(pair).open.empty());
  }
}
