// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/xgmii_stream.hpp"
#include "Vmac_tx_gap_test_rtl.h"

namespace {

using namespace tests;

/// Sends frames, each ready `wait(i)` cycles after the one before it was taken.
template <typename Wait>
std::vector<XgmiiReader::Heard> space_out(const std::vector<Bytes>& frames, Wait wait) {
  Clocked<Vmac_tx_gap_test_rtl> dut;
  XgmiiReader reader;
  const auto cycle = [&](const XgmiiWord* word, bool first, bool last) {
    dut->in_valid_i = word != nullptr;
    if (word != nullptr) {
      unsigned lane = 0;
      for (unsigned i = 0; i < 8; ++i) {
        if ((word->ctrl >> i & 1U) != 0 && (word->data >> (8 * i) & 0xFF) == kTerminate.value) lane = i;
      }
      put_wide(dut->in_i, word->data, (first ? 1U << 13 : 0U) | (last ? 1U << 12 | lane << 8 : 0U) | word->ctrl);
    }
    dut.settle();
    const bool taken = word != nullptr && dut->in_ready_o;
    reader.word(take_xgmii(dut->xgmii_o));
    dut.tick();
    return taken;
  };
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (unsigned left = wait(i); left != 0; --left) cycle(nullptr, false, false);
    XgmiiWriter line;
    line.frame(with_fcs(frames[i]));
    const auto words = line.words(0);
    for (std::size_t w = 0; w < words.size(); ++w) {
      unsigned refused = 0;
      while (!cycle(&words[w], w == 0, w + 1 == words.size())) ++refused;
      if (w != 0) REQUIRE(refused == 0);
    }
  }
  for (int i = 0; i < 4; ++i) cycle(nullptr, false, false);
  return reader.frames;
}

}  // namespace

TEST_CASE("Frames in a row: the gap follows the deficit idle count exactly", "[rtl][mac]") {
  Random random(1);
  std::vector<Bytes> frames(5000);
  for (Bytes& frame : frames) frame = random_frame(random, 60 + random() % 20);
  const auto heard = space_out(frames, [](std::size_t) { return 0U; });
  REQUIRE(heard.size() == frames.size());
  std::size_t place = heard[0].lane, deficit = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    REQUIRE(heard[i].bytes == frames[i]);
    REQUIRE(heard[i].lane == place % 8);
    const std::size_t terminate = place + 8 + frames[i].size() + 4;
    const std::size_t down = terminate % 4;
    const std::size_t gap = 12 - down + (deficit + down > 3 ? 4 : 0);
    deficit = (deficit + down) % 4;
    if (i + 1 < frames.size()) REQUIRE(heard[i + 1].gap == gap);
    place = terminate + gap;
  }
}

TEST_CASE("A frame that comes late starts later and pays the deficit back", "[rtl][mac]") {
  Random random(2);
  std::vector<Bytes> frames(4000);
  std::vector<unsigned> waits(frames.size());
  for (Bytes& frame : frames) frame = random_frame(random, 60 + random() % 20);
  for (unsigned& wait : waits) wait = random() % 3 == 0 ? random() % 6U : 0U;
  const auto heard = space_out(frames, [&](std::size_t i) { return waits[i]; });
  REQUIRE(heard.size() == frames.size());
  std::size_t place = heard[0].lane, deficit = 0;
  for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
    REQUIRE(heard[i].bytes == frames[i]);
    const std::size_t terminate = place + 8 + frames[i].size() + 4;
    const std::size_t down = terminate % 4;
    const std::size_t earliest = 12 - down + (deficit + down > 3 ? 4 : 0);
    const std::size_t gap = *heard[i + 1].gap;
    if (waits[i + 1] == 0) REQUIRE(gap == earliest);
    REQUIRE(gap >= earliest);
    REQUIRE(gap <= earliest + 8 * waits[i + 1] + 4);
    deficit = gap > earliest ? 0 : (deficit + down) % 4;
    place = terminate + gap;
  }
}
