// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vmac_rx_fcs_check_test_rtl.h"

namespace {

using namespace tests;
using namespace contract;

class Checker {
 public:
  /// Frame words of `body` (FCS included), then `idle` cycles.
  void send(const Bytes& body, unsigned err, unsigned idle) {
    for (std::size_t at = 0; at <= body.size(); at += 8) {
      const auto left = static_cast<unsigned>(std::min<std::size_t>(8, body.size() - at));
      std::uint64_t data = 0;
      for (unsigned i = 0; i < left; ++i) data |= std::uint64_t{body[at + i]} << (8 * i);
      const bool last = left < 8;
      put_wide(dut_->word_i, data, (last ? 256U | err << 4 | 8U | left : 0U));
      cycle(true);
    }
    for (unsigned i = 0; i < idle; ++i) cycle(false);
  }
  Collector collector;

 private:
  void cycle(bool valid) {
    dut_->word_valid_i = valid;
    dut_.settle();
    if (dut_->beat_valid_o) collector.add(take_beat(dut_->beat_o));
    dut_.tick();
  }
  Clocked<Vmac_rx_fcs_check_test_rtl> dut_;
};

}  // namespace

TEST_CASE("The FCS of every legal length is checked and taken off", "[rtl][mac]") {
  Random random(1);
  Checker checker;
  std::vector<Frame> expected;
  for (std::size_t length = 60; length <= 1518; ++length) {
    const Bytes frame = random_frame(random, length);
    checker.send(with_fcs(frame), FRAME_OK, 1 + random() % 3);  // one word of preamble at least
    expected.push_back({frame, FRAME_OK});
  }
  for (int i = 0; i < 4; ++i) checker.send(Bytes(3), FRAME_RUNT, 4);
  REQUIRE(checker.collector.frames.size() == expected.size() + 4);
  for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(checker.collector.frames[i] == expected[i]);
}

TEST_CASE("Each single wrong bit is noticed, and the next frame is judged afresh", "[rtl][mac]") {
  const auto length = GENERATE(range(60U, 68U));
  Random random(length);
  Checker checker;
  const Bytes body = with_fcs(random_frame(random, length));
  std::size_t sent = 0;
  for (std::size_t bit = 0; bit < 8 * body.size(); ++bit) {
    Bytes wrong = body;
    wrong[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    checker.send(wrong, FRAME_OK, 1);
    checker.send(body, FRAME_OK, 1);
    sent += 2;
  }
  checker.send(Bytes(3), FRAME_RUNT, 4);
  REQUIRE(checker.collector.frames.size() == sent + 1);
  for (std::size_t i = 0; i < sent; ++i) {
    REQUIRE(checker.collector.frames[i].err == (i % 2 == 0 ? FRAME_BAD_FCS : FRAME_OK));
  }
}

TEST_CASE("A frame that came with a fault keeps it and leaves no trace in the next", "[rtl][mac]") {
  Random random(2);
  Checker checker;
  std::vector<unsigned> expected;
  for (unsigned i = 0; i < 500; ++i) {
    const unsigned err = FRAME_RUNT + random() % 5;
    const bool terminated = err == FRAME_RUNT || err == FRAME_OVERSIZE;  // else a start inside it: no pause
    checker.send(random_frame(random, random() % 100), err, terminated ? 1 : random() % 2);
    const Bytes good = random_frame(random, 60 + random() % 20);
    checker.send(with_fcs(good), FRAME_OK, 1);
    expected.insert(expected.end(), {err, FRAME_OK});
  }
  checker.send(Bytes(3), FRAME_RUNT, 4);
  REQUIRE(checker.collector.frames.size() == expected.size() + 1);
  for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(checker.collector.frames[i].err == expected[i]);
}
