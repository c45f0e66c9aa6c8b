// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/xgmii_stream.hpp"
#include "Vmac_rx_frame_test_rtl.h"

namespace {

using namespace tests;
using namespace contract;

/// Frames as the leaf cut them, FCS included; starts in lane 0 only.
std::vector<Frame> cut(const XgmiiWriter& line, std::size_t& starts) {
  Clocked<Vmac_rx_frame_test_rtl> dut;
  std::vector<Frame> frames;
  Frame frame;
  for (const XgmiiWord& word : line.words()) {
    put_xgmii(dut->word_i, word);
    dut->start_i = (word.ctrl & 1U) != 0 && (word.data & 0xFF) == kStart.value;
    dut.tick();
    starts += dut->rx_start_o;
    if (!dut->out_valid_o) continue;
    const auto [data, above] = take_wide(dut->out_o);  // err, last, count
    const bool last = (above & 8U) != 0;
    const unsigned count = last ? above & 7U : 8U;
    for (unsigned i = 0; i < 8; ++i) {
      const auto byte = static_cast<std::uint8_t>(data >> (8 * i));
      if (i < count) frame.bytes.push_back(byte);
      if (i >= count && above >> 4 == FRAME_OK) REQUIRE(byte == 0);
    }
    if (!last) continue;
    frame.err = above >> 4;
    frames.push_back(std::exchange(frame, {}));
  }
  REQUIRE(frame.bytes.empty());
  return frames;
}

}  // namespace

TEST_CASE("Frames of 0 to 1560 bytes are cut at the terminate and judged by length", "[rtl][mac]") {
  Random random(1);
  XgmiiWriter line;
  std::vector<Bytes> sent;
  for (std::size_t length = 0; length <= 1560; ++length) {
    sent.push_back(random_frame(random, length));
    line.idle_to(0, 8);
    line.frame(sent.back());
  }
  std::size_t starts = 0;
  const auto frames = cut(line, starts);
  REQUIRE(starts == sent.size());
  REQUIRE(frames.size() == sent.size());
  for (std::size_t length = 0; length < sent.size(); ++length) {
    INFO(length);
    REQUIRE(frames[length].err == (length < 64 ? FRAME_RUNT : length > 1522 ? FRAME_OVERSIZE : FRAME_OK));
    if (length >= 64 && length <= 1522) REQUIRE(frames[length].bytes == sent[length]);
  }
}

TEST_CASE("The first control character of a frame decides its verdict", "[rtl][mac]") {
  XgmiiWriter line;
  std::vector<unsigned> expected;
  for (const Character c : {kError, kIdle, Character{0x9C, true}, Character{0x00, true}}) {
    for (std::size_t at = 0; at < 100; ++at) {
      line.idle_to(0, 8);
      line.head();
      line.bytes(Bytes(at, 0xFD));  // data that looks like a terminate
      line.put(c);
      for (const Character& follower : {kTerminate, kError, kIdle}) line.put(follower);
      line.idle(8);
      expected.push_back(c.value == kError.value ? FRAME_ERROR_CONTROL : FRAME_TRUNCATED);
    }
  }
  std::size_t starts = 0;
  const auto frames = cut(line, starts);
  REQUIRE(starts == expected.size());
  REQUIRE(frames.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(frames[i].err == expected[i]);
}

TEST_CASE("A wrong preamble makes a frame of one word, even right behind each other", "[rtl][mac]") {
  XgmiiWriter line;
  std::size_t sent = 0;
  for (unsigned at = 0; at < 7; ++at) {
    for (unsigned bit = 0; bit < 8; ++bit, ++sent) {
      Bytes head{0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xD5};
      head[at] ^= static_cast<std::uint8_t>(1U << bit);
      line.put(kStart);
      line.bytes(head);
    }
  }
  line.frame(Bytes(64, 1));
  std::size_t starts = 0;
  const auto frames = cut(line, starts);
  REQUIRE(starts == sent + 1);
  REQUIRE(frames.size() == sent + 1);
  for (std::size_t i = 0; i < sent; ++i) REQUIRE(frames[i].err == FRAME_BAD_PREAMBLE);
  REQUIRE(frames.back() == Frame{Bytes(64, 1), FRAME_OK});
}
