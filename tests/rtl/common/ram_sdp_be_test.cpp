// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>

#include "Vram_sdp_be_test_rtl.h"

namespace {

constexpr unsigned kDepth = 16;

void tick(Vram_sdp_be_test_rtl& dut) {
  dut.eval();
  dut.clk_i = 1;
  dut.eval();
  dut.clk_i = 0;
  dut.eval();
}

}  // namespace

TEST_CASE("A write touches exactly the bytes it enables", "[rtl][common]") {
  Vram_sdp_be_test_rtl dut;
  std::mt19937_64 random(1);
  std::array<std::array<std::uint8_t, 8>, kDepth> model{};
  for (unsigned word = 0; word < kDepth; ++word) {  // known content first
    dut.wr_en_i = 1;
    dut.wr_addr_i = static_cast<std::uint8_t>(word);
    dut.wr_be_i = 0xff;
    dut.wr_data_i = 0;
    tick(dut);
  }
  for (int cycle = 0; cycle < 20000; ++cycle) {
    dut.wr_en_i = random() % 2;
    dut.wr_addr_i = static_cast<std::uint8_t>(random() % kDepth);
    dut.wr_be_i = random() & 0xff;
    dut.wr_data_i = random();
    dut.rd_addr_i = static_cast<std::uint8_t>(random() % kDepth);
    dut.rd_en_i = !(dut.wr_en_i && dut.wr_addr_i == dut.rd_addr_i);
    std::uint64_t expected = 0;
    for (unsigned k = 0; k < 8; ++k) expected |= std::uint64_t{model[dut.rd_addr_i][k]} << (8 * k);
    for (unsigned k = 0; dut.wr_en_i && k < 8; ++k) {
      if (dut.wr_be_i >> k & 1) model[dut.wr_addr_i][k] = static_cast<std::uint8_t>(dut.wr_data_i >> (8 * k));
    }
    const bool read = dut.rd_en_i;
    tick(dut);
    if (read) REQUIRE(dut.rd_data_o == expected);
  }
}
