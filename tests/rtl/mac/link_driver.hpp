// SPDX-License-Identifier: Apache-2.0
// Sends frames through a leaf with one stream link in and one out, both sides stalling at random.
#pragma once

#include <deque>

#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"

namespace tests {

/// Out of 100 cycles, in how many the side is willing.
struct Willing {
  unsigned in = 100;
  unsigned out = 100;
};

template <typename Model>
std::vector<Frame> pass_frames(const std::vector<Bytes>& frames, Willing willing, unsigned seed,
                               long* cycles = nullptr) {
  Clocked<Model> dut;
  Random random(seed);
  std::deque<Beat> beats;
  for (const Bytes& frame : frames) {
    for (const Beat& beat : to_beats(frame)) beats.push_back(beat);
  }
  Collector collector;
  bool offering = false;
  const long begin = dut.cycles();
  while (collector.frames.size() < frames.size()) {
    if (!offering) offering = !beats.empty() && random() % 100 < willing.in;
    dut->in_valid_i = offering;
    if (offering) put_beat(dut->in_i, beats.front());
    dut->out_ready_i = random() % 100 < willing.out;
    dut.settle();
    if (dut->out_valid_o && dut->out_ready_i) collector.add(take_beat(dut->out_o));
    if (offering && dut->in_ready_o) {
      beats.pop_front();
      offering = false;
    }
    dut.tick();
    if (dut.cycles() > 3'000'000) break;
  }
  if (cycles != nullptr) *cycles = dut.cycles() - begin;
  return collector.frames;
}

}  // namespace tests
