// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <vector>

#include "Vcrc32_test_rtl.h"

namespace {

constexpr std::uint32_t kInit = 0xffffffff;
constexpr std::uint32_t kResidue = 0xdebb20e3;

/// The register after `bytes`: words, then a tail whose unused bytes are rubbish.
std::uint32_t run(Vcrc32_test_rtl& dut, const std::vector<std::uint8_t>& bytes, std::uint64_t rubbish) {
  std::uint32_t crc = kInit;
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    const std::size_t valid = std::min<std::size_t>(8, bytes.size() - at);
    std::uint64_t data = rubbish;
    for (std::size_t k = 0; k < valid; ++k) {
      data &= ~(std::uint64_t{0xff} << (8 * k));
      data |= std::uint64_t{bytes[at + k]} << (8 * k);
    }
    dut.crc_i = crc;
    dut.data_i = data;
    dut.empty_i = static_cast<std::uint8_t>(8 - valid);
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
    if (valid == 8) REQUIRE(dut.word_o == dut.tail_o);
    crc = dut.tail_o;
  }
  return crc;
}

}  // namespace

TEST_CASE("The CRC of every length equals zlib's, and a good FCS leaves the residue", "[rtl][common]") {
  Vcrc32_test_rtl dut;
  std::mt19937_64 random(1);
  for (std::size_t length = 1; length <= 1600; ++length) {
    std::vector<std::uint8_t> bytes(length);
    for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random());
    const auto fcs = static_cast<std::uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(length)));
    CAPTURE(length);
    REQUIRE(~run(dut, bytes, random()) == fcs);
    for (unsigned k = 0; k < 4; ++k) bytes.push_back(static_cast<std::uint8_t>(fcs >> (8 * k)));
    REQUIRE(run(dut, bytes, random()) == kResidue);
    bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
    REQUIRE(run(dut, bytes, random()) != kResidue);
  }
}
