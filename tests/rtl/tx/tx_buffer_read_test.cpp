// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <catch2/catch.hpp>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vtx_buffer_read_test_rtl.h"

using namespace tests;

TEST_CASE("Frames anywhere in a RAM come out; room is given back only when read", "[rtl][tx]") {
  constexpr unsigned kWords = 64;  // as in CMakeLists.txt
  const auto stall = GENERATE(0U, 50U);
  Clocked<Vtx_buffer_read_test_rtl> dut;
  Random random(stall);
  Bytes ram(8 * kWords);
  for (auto& byte : ram) byte = static_cast<std::uint8_t>(random());
  std::uint64_t read_data = 0;
  std::vector<Frame> expected;
  std::vector<unsigned> releases;
  Collector collector;
  unsigned word = 0, length = 0, release = 0;
  bool offering = false;
  std::size_t freed = 0, reads = 0;
  while (collector.frames.size() < 1000) {
    if (!offering) {
      word = random() % kWords;
      length = 1 + random() % 300;
      release = random() % 100;
      offering = true;
    }
    dut->frame_valid_i = 1;
    dut->frame_word_i = static_cast<std::uint8_t>(word);
    dut->frame_len_i = static_cast<std::uint16_t>(length);
    dut->frame_release_i = static_cast<std::uint16_t>(release);
    dut->ram_rd_data_i = read_data;
    dut->out_ready_i = random() % 100 >= stall;
    dut.settle();
    const bool read = dut->ram_rd_en_o;
    const unsigned address = dut->ram_rd_addr_o;
    reads += read;
    if (dut->out_valid_o && dut->out_ready_i && collector.add(take_beat(dut->out_o))) {
      REQUIRE(collector.frames.back() == expected[collector.frames.size() - 1]);
    }
    if (dut->frame_ready_o) {
      Frame frame;
      for (unsigned i = 0; i < length; ++i) frame.bytes.push_back(ram[(8 * word + i) % ram.size()]);
      expected.push_back(frame);
      releases.push_back(release);
      offering = false;
    }
    dut.tick();
    if (dut->free_valid_o) REQUIRE(dut->free_words_o == releases[freed++]);
    if (read) {
      read_data = 0;
      for (unsigned i = 0; i < 8; ++i) read_data |= std::uint64_t{ram[8 * address + i]} << (8 * i);
    }
    REQUIRE(freed <= expected.size());
    REQUIRE(freed >= collector.frames.size());
  }
  REQUIRE(reads > 0);
}
