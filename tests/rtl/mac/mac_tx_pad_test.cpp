// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rtl/mac/link_driver.hpp"
#include "Vmac_tx_pad_test_rtl.h"

using namespace tests;

TEST_CASE("Short frames are filled with zeros to 60 bytes, longer ones pass", "[rtl][mac]") {
  const auto willing = GENERATE(Willing{100, 100}, Willing{50, 100}, Willing{100, 50}, Willing{60, 60});
  Random random(willing.in + willing.out);
  std::vector<Bytes> frames;
  for (std::size_t length = 1; length <= 300; ++length) frames.push_back(random_frame(random, length));
  for (int i = 0; i < 300; ++i) frames.push_back(random_frame(random, 1 + random() % 80));
  frames.push_back(random_frame(random, 1518));
  const auto out = pass_frames<Vmac_tx_pad_test_rtl>(frames, willing, 1);
  REQUIRE(out.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) REQUIRE(out[i] == Frame{padded(frames[i]), 0});
}
