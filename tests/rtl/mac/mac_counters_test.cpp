// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <catch2/catch.hpp>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vmac_counters_test_rtl.h"

namespace {

using namespace tests;

class Bench {
 public:
  /// One cycle with these pulses.
  void count(std::uint32_t inc, unsigned octets, unsigned good) {
    dut_->inc_i = inc;
    dut_->octets_i = static_cast<std::uint16_t>(octets);
    dut_->good_octets_i = static_cast<std::uint16_t>(good);
    dut_.tick();
    for (unsigned k = 2; k < 32; ++k) expected[k] += inc >> k & 1U;
    expected[0] += octets;
    expected[1] += good;
    dut_->inc_i = 0;
    dut_->octets_i = dut_->good_octets_i = 0;
  }
  void idle(int cycles) {
    for (; cycles != 0; --cycles) count(0, 0, 0);
  }
  void ask(unsigned index) {
    dut_->read_valid_i = 1;
    dut_->read_index_i = static_cast<std::uint8_t>(index);
    count(0, 0, 0);
    dut_->read_valid_i = 0;
  }
  [[nodiscard]] bool answered() const { return dut_->total_valid_o != 0; }
  [[nodiscard]] std::uint64_t total() const { return dut_->total_o; }
  std::uint64_t read(unsigned index) {
    ask(index);
    for (int i = 0; i < 48; ++i, idle(1)) {
      if (answered()) return total();
    }
    FAIL("no answer");
    return 0;
  }
  std::array<std::uint64_t, 32> expected{};

 private:
  mutable Clocked<Vmac_counters_test_rtl> dut_;
};

}  // namespace

TEST_CASE("Every pulse of every counter is in the total, at the highest rate too", "[rtl][mac]") {
  const auto seed = GENERATE(range(0U, 4U));
  Random random(seed);
  Bench bench;
  for (int i = 0; i < 20000; ++i) {
    const std::uint32_t inc = seed == 0 ? ~3U : random() & (seed == 1 ? ~3U : random() & random() & ~3U);
    const unsigned octets = seed == 0 ? 0xFFFF : random() % 3 == 0 ? random() % 0x10000 : 0;
    bench.count(inc, octets, seed == 2 ? 0 : octets);
    if (seed == 3 && random() % 8 == 0) bench.idle(static_cast<int>(random() % 50));
  }
  for (unsigned k = 0; k < 32; ++k) {
    INFO(k);
    REQUIRE(bench.read(k) == bench.expected[k]);
  }
  bench.idle(100);
  for (unsigned k = 32; k-- != 0;) REQUIRE(bench.read(k) == bench.expected[k]);
}

TEST_CASE("A total read under way lies between those of question and answer", "[rtl][mac]") {
  Random random(5);
  Bench bench;
  for (int round = 0; round < 2000; ++round) {
    const unsigned index = random() % 32;
    const std::uint64_t before = bench.expected[index];
    bench.ask(index);
    int cycles = 0;
    for (; !bench.answered(); ++cycles) {
      const unsigned octets = random() % 2000;
      bench.count(random() & ~3U, octets, octets / 2);
      REQUIRE(cycles < 48);
    }
    REQUIRE(bench.total() >= before);
    REQUIRE(bench.total() <= bench.expected[index]);
  }
}

TEST_CASE("A single event after a long rest is counted", "[rtl][mac]") {
  Bench bench;
  bench.idle(200);
  for (unsigned k = 2; k < 32; ++k) {
    bench.count(1U << k, 64, 64);
    bench.idle(static_cast<int>(33 + k));
    REQUIRE(bench.read(k) == 1);
  }
  REQUIRE(bench.read(0) == 30 * 64);
}
