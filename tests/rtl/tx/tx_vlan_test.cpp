// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <deque>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vtx_vlan_test_rtl.h"

using namespace tests;

namespace {

struct Csum {
  unsigned enable, udp, start, field;
  [[nodiscard]] unsigned bits() const { return enable << 29 | udp << 28 | start << 14 | field; }
};

}  // namespace

TEST_CASE("The tag stands behind the addresses and moves the checksum; off, all passes as it is", "[rtl][tx]") {
  const auto on_percent = GENERATE(0U, 50U, 100U);
  const auto stall = GENERATE(0U, 40U);
  Clocked<Vtx_vlan_test_rtl> dut;
  Random random(on_percent + stall);
  std::deque<Frame> expected;
  std::deque<unsigned> expected_csum;
  std::deque<Beat> beats;
  Csum csum{};
  Collector collector;
  bool offering = false;
  for (int frames = 0, seen = 0; seen < 3000;) {
    if (beats.empty() && frames < 3000) {
      // What a frame gets is settled when its first beat is taken; the setting may change at any time behind it.
      const bool on = random() % 100 < on_percent;
      const unsigned tci = random() & 0xFFFF;
      dut->enable_i = on;
      dut->tci_i = static_cast<std::uint16_t>(tci);
      Bytes frame = random_frame(random, 14 + (frames < 200 ? static_cast<unsigned>(frames) : random() % 200));
      for (const Beat& beat : to_beats(frame)) beats.push_back(beat);
      csum = {random() % 2, random() % 2, random() % 300, random() % 300};
      Csum moved = csum;
      if (on) {
        frame.insert(frame.begin() + 12,
                     {0x81, 0x00, static_cast<std::uint8_t>(tci >> 8), static_cast<std::uint8_t>(tci)});
        if (moved.start >= 12) moved.start += 4;
        if (moved.field >= 12) moved.field += 4;
      }
      expected.push_back({frame, 0});
      expected_csum.push_back(moved.bits());
      ++frames;
    }
    if (!offering) offering = !beats.empty() && random() % 100 >= stall;
    dut->in_valid_i = offering;
    if (offering) put_beat(dut->in_i, beats.front());
    dut->csum_i = csum.bits();
    dut->out_ready_i = random() % 100 >= stall;
    dut.settle();
    if (dut->out_valid_o && dut->out_ready_i) {
      REQUIRE(dut->csum_o == expected_csum.front());
      if (collector.add(take_beat(dut->out_o))) {
        REQUIRE(collector.frames.back() == expected.front());
        expected.pop_front();
        expected_csum.pop_front();
        ++seen;
      }
    }
    const bool taken = offering && dut->in_ready_o;
    dut.tick();
    if (taken) {
      beats.pop_front();
      offering = false;
      if (stall == 0 && !beats.empty()) dut->enable_i = random() % 2;  // no longer of interest to this frame
    }
    REQUIRE(dut.cycles() < 1'000'000);
  }
}
