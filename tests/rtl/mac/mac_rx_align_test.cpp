// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/xgmii_stream.hpp"
#include "Vmac_rx_align_test_rtl.h"

namespace {

using namespace tests;

struct Aligned {
  XgmiiWord word;
  bool start;
  bool false_start;
};

std::vector<Aligned> align(const XgmiiWriter& line) {
  Clocked<Vmac_rx_align_test_rtl> dut;
  std::vector<Aligned> out;
  for (const XgmiiWord& word : line.words()) {
    put_xgmii(dut->xgmii_i, word);
    dut.tick();
    out.push_back({take_xgmii(dut->word_o), dut->start_o != 0, dut->false_start_o != 0});
  }
  return out;
}

}  // namespace

TEST_CASE("Every frame leaves with its start in lane 0 and all its characters", "[rtl][mac]") {
  const auto shortest = GENERATE(5U, 8U, 12U);
  Random random(shortest);
  XgmiiWriter line;
  std::vector<Bytes> sent;
  line.idle(8);
  for (int i = 0; i < 3000; ++i) {
    sent.push_back(random_frame(random, random() % 40));
    line.frame(sent.back());
    line.gap(shortest + random() % 9);
  }
  // What comes out is read as a line again: lanes other than 0 must not start.
  std::size_t next = 0, starts = 0;
  bool inside = false;
  Bytes heard;
  for (const Aligned& aligned : align(line)) {
    const bool lane0 = (aligned.word.ctrl & 1U) != 0 && (aligned.word.data & 0xFF) == kStart.value;
    REQUIRE(aligned.start == lane0);
    for (unsigned lane = 0; lane < 8; ++lane) {
      const auto value = static_cast<std::uint8_t>(aligned.word.data >> (8 * lane));
      const bool control = ((aligned.word.ctrl >> lane) & 1U) != 0;
      if (control && value == kStart.value) {
        REQUIRE(lane == 0);
        REQUIRE_FALSE(inside);
        inside = true;
        ++starts;
        heard.clear();
      } else if (!control) {
        REQUIRE(inside);
        heard.push_back(value);
      } else if (value == kTerminate.value) {
        REQUIRE(inside);
        inside = false;
        REQUIRE(Bytes(heard.begin() + 7, heard.end()) == sent[next++]);
      } else {
        REQUIRE(value == kIdle.value);
        REQUIRE_FALSE(inside);
      }
    }
  }
  REQUIRE(next == sent.size());
  REQUIRE(starts == sent.size());
}

TEST_CASE("Characters that start nothing pass where they stand", "[rtl][mac]") {
  XgmiiWriter line;
  for (unsigned lane = 0; lane < 8; ++lane) {
    line.idle(8 + lane);
    line.put({0x9C, true});
    line.bytes({0x01, 0x02, 0x03});
    line.idle(16);
    line.idle_to(0, 8);
  }
  const auto sent = line.words();
  const auto out = align(line);
  for (std::size_t i = 0; i + 1 < sent.size(); ++i) {
    REQUIRE(out[i + 1].word == sent[i]);
    REQUIRE_FALSE(out[i + 1].start);
  }
}

TEST_CASE("Every start in lane 0 or 4 is told once, as a start in lane 0 or as a false one", "[rtl][mac]") {
  const auto crowd = GENERATE(1U, 3U, 8U);
  Random random(9 + crowd);
  XgmiiWriter line;
  std::size_t sent = 0;
  for (int i = 0; i < 40000; ++i) {
    const unsigned dice = random() % 10;
    if (dice < crowd) sent += line.size() % 4 == 0 ? 1U : 0U;
    line.put(dice < crowd ? kStart : dice < 9 ? kIdle : Character{static_cast<std::uint8_t>(random()), false});
  }
  std::size_t starts = 0, false_starts = 0;
  for (const Aligned& aligned : align(line)) {
    const bool lane0 = (aligned.word.ctrl & 1U) != 0 && (aligned.word.data & 0xFF) == kStart.value;
    REQUIRE(aligned.start == lane0);
    starts += lane0 ? 1U : 0U;
    false_starts += aligned.false_start ? 1U : 0U;
  }
  REQUIRE(starts + false_starts == sent);
  REQUIRE(false_starts > 10);
}
