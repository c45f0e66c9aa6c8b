// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/xgmii_stream.hpp"
#include "Vmac_rx_frame_test_rtl.h"

namespace {

using namespace tests;
using namespace contract;

constexpr unsigned kCount = 7, kLast = 8, kEnds = 1U << 8, kOver = 1U << 9;  // rx_word_t above its data

/// Frames as the leaf cut them, FCS included; starts in lane 0 only. What is over a cut is left out.
std::vector<Frame> cut(const XgmiiWriter& line, std::size_t& starts, unsigned limit = 1522, unsigned tagged = 1526) {
  Clocked<Vmac_rx_frame_test_rtl> dut;
  dut->max_frame_i = static_cast<std::uint16_t>(limit);
  dut->max_tagged_i = static_cast<std::uint16_t>(tagged);
  std::size_t ends = 0;
  std::vector<Frame> frames;
  Frame frame;
  for (const XgmiiWord& word : line.words()) {
    put_xgmii(dut->word_i, word);
    dut->start_i = (word.ctrl & 1U) != 0 && (word.data & 0xFF) == kStart.value;
    dut.tick();
    starts += dut->rx_start_o;
    if (!dut->out_valid_o) continue;
    const auto [data, above] = take_wide(dut->out_o);  // err, last, count
    ends += (above & kEnds) != 0 ? 1U : 0U;
    if ((above & kOver) != 0) {
      REQUIRE((above & kLast) == 0);
      continue;
    }
    const bool last = (above & kLast) != 0;
    const unsigned count = last ? above & kCount : 8U;
    for (unsigned i = 0; i < 8; ++i) {
      const auto byte = static_cast<std::uint8_t>(data >> (8 * i));
      if (i < count) frame.bytes.push_back(byte);
      if (i >= count && (above >> 4 & 15U) == FRAME_OK) REQUIRE(byte == 0);
    }
    if (!last) continue;
    frame.err = above >> 4 & 15U;
    frames.push_back(std::exchange(frame, {}));
  }
  REQUIRE(frame.bytes.empty());
  REQUIRE(ends == frames.size());
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

TEST_CASE("The limit may be anything up to 9220 bytes, and two tags make it 4 longer", "[rtl][mac]") {
  const auto limit = GENERATE(64U, 100U, 1518U, 1519U, 1525U, 9000U, 9217U, 9220U);
  struct Tags {
    Bytes at12;
    bool two;
  };
  const Tags kinds[] = {{{0x08, 0x00, 0x81, 0x00, 0x81, 0x00}, false},
                        {{0x81, 0x00, 0x00, 0x01, 0x08, 0x00}, false},
                        {{0x81, 0x00, 0x00, 0x01, 0x81, 0x00}, true},
                        {{0x88, 0xA8, 0x00, 0x01, 0x81, 0x00}, true},
                        {{0x88, 0xA8, 0x00, 0x01, 0x88, 0xA8}, false}};
  XgmiiWriter line;
  std::vector<unsigned> expected;
  for (const Tags& kind : kinds) {
    for (unsigned over = 0; over <= 12; ++over) {
      Bytes frame(limit + over, 0x5A);
      std::copy(kind.at12.begin(), kind.at12.end(), frame.begin() + 12);
      line.idle_to(0, 8);
      line.frame(frame);
      expected.push_back(over > (kind.two ? 4U : 0U) ? FRAME_OVERSIZE : FRAME_OK);
    }
  }
  line.idle_to(0, 8);
  line.frame(Bytes(64, 1));
  expected.push_back(FRAME_OK);
  std::size_t starts = 0;
  const auto frames = cut(line, starts, limit, limit + 4);
  REQUIRE(frames.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(i);
    REQUIRE(frames[i].err == expected[i]);
  }
}
