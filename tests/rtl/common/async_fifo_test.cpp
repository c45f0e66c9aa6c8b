// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "tests/rtl/common/two_clocks.hpp"
#include "Vasync_fifo_test_rtl.h"

namespace {

constexpr unsigned kDepth = 16;

auto make(tests::ClockPair clocks) {
  const auto set = [](Vasync_fifo_test_rtl& m, bool a, bool b) {
    m.wr_clk_i = a;
    m.rd_clk_i = b;
  };
  return tests::TwoClocks<Vasync_fifo_test_rtl, decltype(set)>(clocks, set);
}

template <typename Dut>
void reset(Dut& dut) {
  dut->in_valid_i = 0;
  dut->out_ready_i = 0;
  dut->wr_rst_i = dut->rd_rst_i = 1;
  for (int wr = 0, rd = 0; wr < 4 || rd < 4;) {
    const tests::Edges edges = dut.step();
    wr += edges.a;
    rd += edges.b;
  }
  dut->wr_rst_i = dut->rd_rst_i = 0;
  dut.settle();
}

void traffic(tests::ClockPair clocks, unsigned seed, unsigned offer, unsigned take, unsigned words) {
  auto dut = make(clocks);
  reset(dut);
  std::mt19937 random(seed);
  std::deque<unsigned> inside;
  unsigned next = 0, received = 0;
  bool offering = false;
  while (received < words) {
    const tests::Edges edges = dut.next();
    if (edges.a) {  // inputs change between edges of their own clock
      offering = offering || random() % 8 < offer;
      dut->in_valid_i = offering;
      dut->in_i = next & 0xff;
    }
    if (edges.b) dut->out_ready_i = random() % 8 < take;
    dut.settle();
    if (edges.b && dut->out_valid_o && dut->out_ready_i) {
      REQUIRE(!inside.empty());
      REQUIRE(dut->out_o == inside.front());
      inside.pop_front();
      ++received;
    }
    if (edges.a && dut->in_valid_i && dut->in_ready_o) {
      inside.push_back(next++ & 0xff);
      offering = false;
    }
    REQUIRE(inside.size() <= kDepth + 1);
    dut.step();
  }
}

}  // namespace

TEST_CASE("An async FIFO keeps every word and its order at every clock ratio", "[rtl][common]") {
  for (const tests::ClockPair& clocks : tests::kClockPairs) {
    CAPTURE(clocks.period_a, clocks.period_b, clocks.phase_b);
    traffic(clocks, 1, 8, 8, 400);
    traffic(clocks, 2, 4, 4, 400);
    traffic(clocks, 3, 8, 1, 200);
    traffic(clocks, 4, 1, 8, 200);
  }
}

TEST_CASE("An async FIFO that nobody reads takes its depth and one word, then stalls", "[rtl][common]") {
  for (const tests::ClockPair& clocks : tests::kClockPairs) {
    auto dut = make(clocks);
    reset(dut);
    unsigned taken = 0;
    dut->in_valid_i = 1;
    for (int step = 0; step < 2000; ++step) {
      dut->in_i = taken & 0xff;
      dut.settle();
      taken += dut.next().a && dut->in_ready_o;
      dut.step();
    }
    REQUIRE(taken == kDepth + 1);
    REQUIRE(dut->out_valid_o);
    REQUIRE(dut->out_o == 0);
  }
}

TEST_CASE("With tied clocks an async FIFO passes a word every cycle", "[rtl][common]") {
  auto dut = make({4000, 4000, 0});
  reset(dut);
  dut->in_valid_i = 1;
  dut->out_ready_i = 1;
  unsigned received = 0;
  for (int cycle = 0; cycle < 200; ++cycle) {
    dut.settle();
    REQUIRE(dut->in_ready_o);
    dut->in_i = static_cast<unsigned>(cycle) & 0xff;
    if (dut->out_valid_o) REQUIRE(dut->out_o == (received++ & 0xff));
    dut.step();
  }
  REQUIRE(received >= 200 - 6);
}
