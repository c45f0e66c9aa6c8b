// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/xgmii_stream.hpp"
#include "Vmac_tx_frame_test_rtl.h"

namespace {

using namespace tests;

struct Words {
  XgmiiReader reader;
  std::size_t sent = 0, underrun = 0;
};

/// The words of frames in a row, starvation before beat `starve` of each frame (or never).
Words frames_to_words(const std::vector<Bytes>& frames, std::size_t starve) {
  Clocked<Vmac_tx_frame_test_rtl> dut;
  Words words;
  const auto cycle = [&](const Beat* beat) {
    dut->in_valid_i = beat != nullptr;
    if (beat != nullptr) put_beat(dut->in_i, *beat);
    dut->out_ready_i = 1;
    dut.settle();
    words.sent += dut->sent_o;
    words.underrun += dut->underrun_o;
    const auto [data, above] = take_wide(dut->out_o);
    if (dut->out_valid_o) {
      const bool first = (above >> 13 & 1U) != 0, last = (above >> 12 & 1U) != 0;
      REQUIRE(first == !words.reader.inside());
      const auto ctrl = static_cast<std::uint8_t>(above);
      words.reader.word({data, ctrl});
      REQUIRE(last == !words.reader.inside());
      if (last) REQUIRE((data >> (8 * (above >> 8 & 7U)) & 0xFF) == kTerminate.value);
    }
    const bool taken = beat != nullptr && dut->in_ready_o;
    dut.tick();
    return taken;
  };
  for (const Bytes& frame : frames) {
    const auto beats = to_beats(with_fcs(frame));
    for (std::size_t i = 0; i < beats.size(); ++i) {
      if (i == starve) cycle(nullptr);
      while (!cycle(&beats[i])) {
      }
    }
  }
  for (int i = 0; i < 4; ++i) cycle(nullptr);
  return words;
}

}  // namespace

TEST_CASE("Preamble in front, terminate behind, for every length", "[rtl][mac]") {
  Random random(1);
  std::vector<Bytes> frames;
  for (std::size_t length = 60; length <= 1518; ++length) frames.push_back(random_frame(random, length));
  const Words words = frames_to_words(frames, SIZE_MAX);
  REQUIRE(words.sent == frames.size());
  REQUIRE(words.underrun == 0);
  REQUIRE(words.reader.frames.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    REQUIRE(words.reader.frames[i].bytes == frames[i]);
    REQUIRE(words.reader.frames[i].lane == 0);
  }
}

TEST_CASE("A missing beat aborts the frame with /E/, and the next frame is taken", "[rtl][mac]") {
  const auto starve = GENERATE(range(1U, 9U));
  const std::vector<Bytes> frames(20, Bytes(64, 0x5A));
  const Words words = frames_to_words(frames, starve);
  REQUIRE(words.underrun == frames.size());
  REQUIRE(words.sent == 0);
  REQUIRE(words.reader.frames.size() == frames.size());
  for (const auto& heard : words.reader.frames) REQUIRE(heard.aborted);
}
