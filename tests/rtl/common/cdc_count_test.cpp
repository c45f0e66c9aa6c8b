// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <random>

#include "tests/rtl/common/two_clocks.hpp"
#include "Vcdc_count_test_rtl.h"

TEST_CASE("Every pulse is counted once on the other side, at every clock ratio", "[rtl][common]") {
  for (const tests::ClockPair& clocks : tests::kClockPairs) {
    CAPTURE(clocks.period_a, clocks.period_b, clocks.phase_b);
    const auto set = [](Vcdc_count_test_rtl& m, bool a, bool b) {
      m.src_clk_i = a;
      m.dst_clk_i = b;
    };
    tests::TwoClocks<Vcdc_count_test_rtl, decltype(set)> dut(clocks, set);
    dut->src_rst_i = dut->dst_rst_i = 1;
    for (int step = 0; step < 100; ++step) dut.step();
    dut->src_rst_i = dut->dst_rst_i = 0;

    std::mt19937 random(1);
    unsigned sent = 0, counted = 0;
    for (int step = 0; step < 4000; ++step) {
      if (dut.next().a) {
        dut->pulse_i = random() % 3 != 0 && step < 3800;
        sent += dut->pulse_i;
      }
      dut.settle();
      if (dut.next().b) counted += dut->count_o;
      REQUIRE(counted <= sent);
      dut.step();
    }
    REQUIRE(sent > 100);
    REQUIRE(counted == sent);
  }
}
