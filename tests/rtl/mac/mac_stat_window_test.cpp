// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <deque>
#include <optional>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vmac_stat_window_test_rtl.h"

namespace {

using namespace tests;

/// The counters of both directions: each answers after `delay` cycles, unless its clock stands still.
class Bench {
 public:
  std::uint32_t access(unsigned address, bool write = false) {
    dut_->ctl_i = std::uint64_t{write} << 44 | std::uint64_t{address} << 32;
    dut_->ctl_valid_i = 1;
    do cycle();
    while (!taken_);
    dut_->ctl_valid_i = 0;
    for (int i = 0; i < 256; ++i) {
      if (answer_) return *std::exchange(answer_, std::nullopt);
      cycle();
    }
    throw std::runtime_error("no answer within 256 cycles");
  }
  std::uint64_t value(unsigned index) const { return 0x1'0000'0001ULL * (index + 1) * (round + 1); }
  void idle(unsigned cycles) {
    for (; cycles != 0; --cycles) cycle();
  }
  unsigned round = 0, delay = 5;
  bool still = false;

 private:
  void cycle() {
    dut_->ask_ready_i = 0;
    for (unsigned side = 0; side < 2; ++side) {
      if (!still || owed_[side].empty()) dut_->ask_ready_i |= 1U << side;
    }
    dut_->total_valid_i = 0;
    for (unsigned side = 0; side < 2; ++side) {
      if (owed_[side].empty() || still || left_[side]-- != 0) continue;
      const std::uint64_t total = owed_[side].front();
      left_[side] = delay;
      dut_->total_i[2 * side] = static_cast<std::uint32_t>(total);
      dut_->total_i[2 * side + 1] = static_cast<std::uint32_t>(total >> 32);
      dut_->total_valid_i |= 1U << side;
      owed_[side].pop_front();
    }
    dut_.settle();
    taken_ = dut_->ctl_valid_i != 0 && dut_->ctl_ready_o != 0;
    const unsigned asked = dut_->ask_valid_o & dut_->ask_ready_i;
    const unsigned index = dut_->ask_index_o;
    dut_.tick();
    for (unsigned side = 0; side < 2; ++side) {
      if ((asked >> side & 1U) == 0) continue;
      if (owed_[side].empty()) left_[side] = delay;
      owed_[side].push_back(value(32 * side + index));
    }
    if (dut_->rsp_valid_o != 0) answer_ = dut_->rsp_rdata_o;
  }
  Clocked<Vmac_stat_window_test_rtl> dut_;
  std::deque<std::uint64_t> owed_[2];
  unsigned left_[2] = {};
  std::optional<std::uint32_t> answer_;
  bool taken_ = false;
};

std::uint32_t low(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

}  // namespace

TEST_CASE("A counter that moves between the reads of its halves is not torn", "[rtl][mac]") {
  Bench bench;
  for (unsigned index = 0; index < 64; ++index) {
    bench.round = 10 * index;
    REQUIRE(bench.access(8 * index) == low(bench.value(index)));
    const std::uint64_t then = bench.value(index);
    bench.round += 1;
    REQUIRE(bench.access(8 * index + 4) == high(then));
    REQUIRE(bench.access(8 * index) == low(bench.value(index)));
  }
}

TEST_CASE("The high half of another counter is its own, and of none before a low one", "[rtl][mac]") {
  Bench bench;
  REQUIRE(bench.access(8 * 7 + 4) == high(bench.value(7)));
  REQUIRE(bench.access(8 * 7) == low(bench.value(7)));
  REQUIRE(bench.access(8 * 9 + 4) == high(bench.value(9)));
  bench.round = 50;  // a high half read for itself is as new as any
  REQUIRE(bench.access(8 * 9 + 4) == high(bench.value(9)));
}

TEST_CASE("A clock that stands still gives all ones, and its late answer to nobody", "[rtl][mac]") {
  Bench bench;
  bench.still = true;
  REQUIRE(bench.access(8 * 3) == 0xFFFFFFFF);
  REQUIRE(bench.access(8 * 3 + 4) == 0xFFFFFFFF);
  bench.still = false;
  bench.delay = 60;
  bench.round = 5;
  REQUIRE(bench.access(8 * 4) == low(bench.value(4)));
  REQUIRE(bench.access(8 * 4 + 4) == high(bench.value(4)));
}

TEST_CASE("Writes and what is no counter answer zero at once", "[rtl][mac]") {
  Bench bench;
  bench.still = true;
  REQUIRE(bench.access(8, true) == 0);
  REQUIRE(bench.access(0x200) == 0);
  REQUIRE(bench.access(0xFFC) == 0);
}
