// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rtl/clocked.hpp"
#include "Vcdc_sync_test_rtl.h"

TEST_CASE("A level shows on the second edge and stays", "[rtl][common]") {
  tests::Clocked<Vcdc_sync_test_rtl> dut;
  REQUIRE(dut->out_o == 0);
  dut->in_i = 1;
  dut.tick();
  REQUIRE(dut->out_o == 0);
  dut.tick();
  REQUIRE(dut->out_o == 1);
  dut->in_i = 0;
  dut.tick();
  REQUIRE(dut->out_o == 1);
  dut.tick();
  REQUIRE(dut->out_o == 0);
}
