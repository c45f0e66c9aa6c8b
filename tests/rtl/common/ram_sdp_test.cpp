// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <random>

#include "Vram_sdp_test_rtl.h"

namespace {

constexpr unsigned kDepth = 12;  // no power of two: every word of the last row is still there

void tick(Vram_sdp_test_rtl& dut) {
  dut.eval();
  dut.clk_i = 1;
  dut.eval();
  dut.clk_i = 0;
  dut.eval();
}

}  // namespace

TEST_CASE("A RAM gives back what was written, one cycle after the read, and holds it", "[rtl][common]") {
  Vram_sdp_test_rtl dut;
  std::mt19937 random(1);
  std::array<std::optional<unsigned>, kDepth> model{};
  std::optional<unsigned> shown;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    dut.wr_en_i = random() % 2;
    dut.wr_addr_i = static_cast<std::uint8_t>(random() % kDepth);
    dut.wr_data_i = random() & 0xff;
    dut.rd_addr_i = static_cast<std::uint8_t>(random() % kDepth);
    dut.rd_en_i = random() % 2 && !(dut.wr_en_i && dut.wr_addr_i == dut.rd_addr_i);
    if (dut.rd_en_i) shown = model[dut.rd_addr_i];
    if (dut.wr_en_i) model[dut.wr_addr_i] = dut.wr_data_i;
    tick(dut);
    if (shown) REQUIRE(dut.rd_data_o == *shown);
  }
}
