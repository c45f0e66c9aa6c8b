// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vrx_overflow_guard_test_rtl.h"

using namespace tests;
using namespace contract;

TEST_CASE("Each frame leaves whole, is cut once, or is lost whole", "[rtl][rx]") {
  const auto seed = GENERATE(range(0U, 8U));
  Clocked<Vrx_overflow_guard_test_rtl> dut;
  Random random(seed);
  Collector collector;
  std::vector<Frame> sent;
  std::size_t lost = 0;
  bool ready = true;
  const auto cycle = [&](const Beat* beat) {
    if (random() % (seed % 2 == 0 ? 3 : 30) == 0) ready = !ready;
    dut->beat_valid_i = beat != nullptr;
    if (beat != nullptr) put_beat(dut->beat_i, *beat);
    dut->out_ready_i = ready;
    dut.settle();
    if (dut->out_valid_o && ready) collector.add(take_beat(dut->out_o));
    dut.tick();
    lost += dut->lost_o;
  };
  for (int i = 0; i < 4000; ++i) {
    const unsigned err = random() % 4 == 0 ? 1 + random() % 6 : FRAME_OK;
    sent.push_back({random_frame(random, 1 + random() % 100), err});
    for (const Beat& beat : to_beats(sent.back().bytes, err)) {
      if (random() % 4 == 0) cycle(nullptr);
      cycle(&beat);
    }
  }
  for (int i = 0; i < 1000; ++i) cycle(nullptr);
  REQUIRE_FALSE(collector.inside());
  REQUIRE(collector.frames.size() + lost == sent.size());
  REQUIRE(lost > 0);
  std::size_t at = 0, cut = 0;
  for (const Frame& frame : collector.frames) {
    if (frame.err == FRAME_FIFO_OVERFLOW) {
      ++cut;
      continue;
    }
    while (at < sent.size() && !(sent[at] == frame)) ++at;
    REQUIRE(at++ < sent.size());
  }
  REQUIRE(cut > 0);
}

TEST_CASE("With room nothing is lost and nothing waits", "[rtl][rx]") {
  Clocked<Vrx_overflow_guard_test_rtl> dut;
  Collector collector;
  dut->out_ready_i = 1;
  dut->beat_valid_i = 1;
  const Bytes frame(64, 0x5A);
  for (int i = 0; i < 50; ++i) {
    for (const Beat& beat : to_beats(frame)) {
      put_beat(dut->beat_i, beat);
      dut.tick();
      REQUIRE(dut->out_valid_o);
      REQUIRE_FALSE(dut->lost_o);
      collector.add(take_beat(dut->out_o));
    }
  }
  REQUIRE(collector.frames == std::vector<Frame>(50, Frame{frame, FRAME_OK}));
}
