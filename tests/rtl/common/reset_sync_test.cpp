// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "Vreset_sync_test_rtl.h"

namespace {

void tick(Vreset_sync_test_rtl& dut) {
  dut.clk_i = 1;
  dut.eval();
  dut.clk_i = 0;
  dut.eval();
}

}  // namespace

TEST_CASE("A reset starts without a clock and ends on the third edge", "[rtl][common]") {
  Vreset_sync_test_rtl dut;
  dut.eval();
  for (int k = 0; k < 5; ++k) tick(dut);
  REQUIRE(dut.rst_o == 0);

  dut.rst_async_i = 1;
  dut.eval();
  REQUIRE(dut.rst_o == 1);
  tick(dut);
  REQUIRE(dut.rst_o == 1);

  dut.rst_async_i = 0;
  dut.eval();
  for (int k = 0; k < 2; ++k) {
    tick(dut);
    REQUIRE(dut.rst_o == 1);
  }
  tick(dut);
  REQUIRE(dut.rst_o == 0);
}
