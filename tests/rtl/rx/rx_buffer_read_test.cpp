// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <catch2/catch.hpp>
#include <deque>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vrx_buffer_read_test_rtl.h"

using namespace tests;

namespace {
constexpr unsigned kWords = 64;  // as in CMakeLists.txt
}

TEST_CASE("Frames come out of a RAM with their lengths, and room is given back in order", "[rtl][rx]") {
  const auto stall = GENERATE(0U, 40U, 80U);
  Clocked<Vrx_buffer_read_test_rtl> dut;
  Random random(stall);
  std::array<std::uint64_t, kWords> ram{};
  std::deque<Bytes> waiting, expected;  // lengths not popped; frames not seen
  unsigned write = 0;
  std::size_t seen = 0, dropped = 0;
  Collector collector;
  std::uint64_t read_data = 0;
  while (seen + dropped < 1500) {
    const unsigned used = (write - dut->rd_ptr_o) % (2 * kWords);
    const Bytes frame = random_frame(random, 1 + random() % 150);
    const auto beats = to_beats(frame);
    REQUIRE(used <= kWords);
    if (used + beats.size() <= kWords) {
      for (std::size_t i = 0; i < beats.size(); ++i) ram[(write + i) % kWords] = beats[i].data;
      write = (write + static_cast<unsigned>(beats.size())) % (2 * kWords);
      waiting.push_back(frame);
    }
    dut->len_valid_i = !waiting.empty();
    if (!waiting.empty()) dut->len_i = static_cast<std::uint16_t>(waiting.front().size());
    dut->out_len_ready_i = random() % 2 == 0;
    dut->out_drop_i = random() % 4 == 0;
    dut->out_ready_i = random() % 100 >= stall;
    dut->ram_rd_data_i = read_data;
    dut.settle();
    const bool read = dut->ram_rd_en_o;
    const unsigned address = dut->ram_rd_addr_o;
    if (dut->len_valid_i && dut->len_ready_o) {
      REQUIRE(dut->out_len_valid_o);
      REQUIRE(dut->out_len_o == waiting.front().size());
      if (dut->out_drop_i)
        ++dropped;
      else
        expected.push_back(waiting.front());
      waiting.pop_front();
    }
    if (dut->out_valid_o && dut->out_ready_i && collector.add(take_beat(dut->out_o))) {
      REQUIRE(collector.frames.back().bytes == expected.front());
      expected.pop_front();
      ++seen;
    }
    dut.tick();
    if (read) read_data = ram[address];
  }
}
