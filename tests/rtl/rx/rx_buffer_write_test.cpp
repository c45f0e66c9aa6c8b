// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vrx_buffer_write_test_rtl.h"

using namespace tests;
using namespace contract;

namespace {
constexpr unsigned kWords = 64;  // as in CMakeLists.txt
}

TEST_CASE("Kept frames stand in the RAM one behind the other; dropped ones leave no trace", "[rtl][rx]") {
  const auto seed = GENERATE(range(0U, 4U));
  Clocked<Vrx_buffer_write_test_rtl> dut;
  Random random(seed);
  std::map<unsigned, std::uint64_t> ram;
  unsigned start = 0, read = 0;  // pointers of 7 bits
  std::size_t kept = 0, missed = 0;
  for (int i = 0; i < 3000; ++i) {
    const unsigned err = random() % 4 == 0 ? 1 + random() % 7 : FRAME_OK;
    const Bytes frame = random_frame(random, 1 + random() % 200);
    const auto beats = to_beats(frame, err);
    const bool len_ready = random() % 8 != 0;
    const bool refused = random() % 8 == 0;
    const bool gone = random() % 8 == 0;
    // The reader gives room back between frames only: then what fits is known beforehand.
    const unsigned used = (start - read) % (2 * kWords);
    read = (read + random() % (used + 1)) % (2 * kWords);
    const bool fits = (start - read) % (2 * kWords) + beats.size() <= kWords;
    const bool keep = fits && len_ready && err == FRAME_OK && !refused && !gone;
    dut->rd_ptr_i = static_cast<std::uint8_t>(read);
    for (const Beat& beat : beats) {
      dut->in_valid_i = 1;
      dut->len_ready_i = len_ready;
      dut->in_drop_i = beat.last ? refused : random() % 2;  // a filter's word counts at the end only
      dut->in_void_i = beat.last ? gone : random() % 2;
      put_beat(dut->in_i, beat);
      dut.settle();
      if (dut->ram_wr_en_o) ram[dut->ram_wr_addr_o] = dut->ram_wr_data_o;
      REQUIRE(dut->len_valid_o == (beat.last && keep));
      if (dut->len_valid_o) REQUIRE(dut->len_o == frame.size());
      dut.tick();
      dut->in_valid_i = 0;
      if (!beat.last && random() % 3 == 0) dut.tick();
    }
    REQUIRE(dut->frame_o == !gone);
    REQUIRE(dut->commit_o == keep);
    REQUIRE(dut->drop_filtered_o == (err == FRAME_OK && refused && !gone));
    REQUIRE(dut->drop_missed_o == (err == FRAME_OK && !refused && !gone && !keep));
    REQUIRE(dut->drop_verdict_o == (err == FRAME_OK || gone ? 0 : 1U << err));
    if (keep) {
      for (std::size_t w = 0; w < beats.size(); ++w) REQUIRE(ram[(start + w) % kWords] == beats[w].data);
      start = (start + static_cast<unsigned>(beats.size())) % (2 * kWords);
    }
    kept += keep;
    missed += dut->drop_missed_o;
  }
  REQUIRE(kept > 100);
  REQUIRE(missed > 100);
}
