// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rtl/mac/link_driver.hpp"
#include "Vmac_tx_fcs_insert_test_rtl.h"

using namespace tests;

TEST_CASE("Every frame gets zlib's crc32 behind it", "[rtl][mac]") {
  const auto willing = GENERATE(Willing{100, 100}, Willing{50, 100}, Willing{100, 50}, Willing{60, 60});
  Random random(willing.in + willing.out);
  std::vector<Bytes> frames;
  for (std::size_t length = 1; length <= 1518; ++length) frames.push_back(random_frame(random, length));
  for (int i = 0; i < 500; ++i) frames.push_back(random_frame(random, 60 + random() % 16));
  const auto out = pass_frames<Vmac_tx_fcs_insert_test_rtl>(frames, willing, 1);
  REQUIRE(out.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) REQUIRE(out[i] == Frame{with_fcs(frames[i]), 0});
}

TEST_CASE("A beat leaves every cycle", "[rtl][mac]") {
  const std::vector<Bytes> frames(100, Bytes(64, 0x5A));  // 9 beats each with FCS
  long cycles = 0;
  pass_frames<Vmac_tx_fcs_insert_test_rtl>(frames, {100, 100}, 1, &cycles);
  REQUIRE(cycles <= 9 * 100 + 8);
}
