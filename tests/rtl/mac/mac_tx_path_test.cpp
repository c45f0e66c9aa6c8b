// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <deque>
#include <functional>

#include "tests/rtl/mac/two_clocks.hpp"
#include "tests/rtl/mac/wire_kind.hpp"
#include MODEL_HEADER

namespace {

using namespace tests;

// a full FIFO bridges much on a slow wire, or when its words are wide
constexpr unsigned kStarve = 2 * kWordTime * kWordTime * kBeatWords * kBeatWords;

struct Outcome {
  std::vector<XgmiiReader::Heard> frames;
  std::size_t sent = 0, underrun = 0, starts = 0, ends = 0;
};

/// Sends frames through a fresh path. `pause` says for how many core cycles no beat is offered now, asked
/// before each beat with whether it is the first of its frame.
Outcome transmit(const std::vector<Bytes>& frames, Clocks clocks = {},
                 const std::function<unsigned(bool)>& pause = {}) {
  TwoClocks<MODEL> dut(clocks);
  Outcome outcome;
  XgmiiReader reader;
  std::deque<CoreBeat> beats;
  for (const Bytes& frame : frames) {
    for (const CoreBeat& beat : core_beats(frame)) beats.push_back(beat);
  }
  bool first = true, asked = false;
  unsigned wait = 0;
  const auto mac = [&] {
    hear_line(dut, reader);
    outcome.starts += (dut->events_o >> 1) & 1U;
    outcome.ends += dut->events_o & 1U;
  };
  const auto core = [&] {
    if (!beats.empty() && !asked) {
      wait = pause ? pause(first) : 0;
      asked = true;
    }
    const bool offer = !beats.empty() && wait == 0;
    if (wait != 0) --wait;
    dut->in_valid_i = offer;
    if (offer) put_core(dut->in_i, beats.front());
    dut.settle();
    if (offer && dut->in_ready_o) {
      first = beats.front().last;
      beats.pop_front();
      asked = false;
    }
    outcome.sent += dut->sent_o;
    outcome.underrun += dut->underrun_o;
  };
  while (!beats.empty()) dut.step(mac, core);
  for (int i = 0; i < static_cast<int>(1500 * kWordTime); ++i) dut.step(mac, core);
  REQUIRE_FALSE(reader.inside());
  outcome.frames = reader.frames;
  REQUIRE(outcome.starts == outcome.frames.size());
  REQUIRE(outcome.ends == outcome.frames.size());
  REQUIRE(outcome.sent + outcome.underrun == frames.size());
  return outcome;
}

void require_all(const Outcome& outcome, const std::vector<Bytes>& frames) {
  REQUIRE(outcome.underrun == 0);
  REQUIRE(outcome.frames.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    REQUIRE_FALSE(outcome.frames[i].aborted);
    REQUIRE(outcome.frames[i].bytes == padded(frames[i]));
  }
}

}  // namespace

TEST_CASE("Frames of every length leave with padding, FCS and a legal gap", "[rtl][mac]") {
  Random random(1);
  std::vector<Bytes> frames;
  for (std::size_t length = 1; length <= 1518; ++length) frames.push_back(random_frame(random, length));
  const Outcome outcome = transmit(frames);
  require_all(outcome, frames);
  bool lane0 = false, lane4 = false;
  for (const auto& heard : outcome.frames) {
    (heard.lane == 0 ? lane0 : lane4) = true;
    if (heard.gap) REQUIRE((*heard.gap >= 9 && *heard.gap <= 15));
  }
  if (kGmii) return;
  REQUIRE(lane0);
  REQUIRE(lane4);
}

TEST_CASE("The gap is 12 bytes on average for every length", "[rtl][mac]") {
  const auto length = GENERATE(60U, 61U, 62U, 63U, 64U, 65U, 66U, 67U, 68U, 1513U, 1514U, 1515U, 1518U);
  Random random(length);
  std::vector<Bytes> frames(length < 100 ? 2001 : 201);
  for (Bytes& frame : frames) frame = random_frame(random, length);
  const Outcome outcome = transmit(frames);
  require_all(outcome, frames);
  std::size_t total = 0;
  for (const auto& heard : outcome.frames) total += heard.gap.value_or(0);
  // Never more than the deficit of 3 bytes away from the ideal.
  REQUIRE(total <= 12 * (frames.size() - 1));
  REQUIRE(total + 3 >= 12 * (frames.size() - 1));
}

TEST_CASE("Mixed lengths keep the average gap of 12 bytes too", "[rtl][mac]") {
  Random random(5);
  std::vector<Bytes> frames(4000);
  for (Bytes& frame : frames) frame = random_frame(random, 14 + random() % 150);
  const Outcome outcome = transmit(frames, {6400, 3000, 0});
  require_all(outcome, frames);
  std::size_t total = 0;
  for (const auto& heard : outcome.frames) {
    total += heard.gap.value_or(0);
    if (heard.gap) REQUIRE(*heard.gap >= 9);
  }
  REQUIRE(total <= 12 * (frames.size() - 1));
  REQUIRE(total + 3 >= 12 * (frames.size() - 1));
}

TEST_CASE("Frames leave whatever the clocks and pauses between them", "[rtl][mac]") {
  const auto clocks = GENERATE(from_range(std::begin(kClockCases), std::end(kClockCases)));
  Random random(9);
  std::vector<Bytes> frames(300);
  for (Bytes& frame : frames) frame = random_frame(random, 14 + random() % 200);
  const Outcome outcome = transmit(frames, clocks, [&](bool first) { return first ? random() % 40U : 0U; });
  require_all(outcome, frames);
  for (const auto& heard : outcome.frames) {
    if (heard.gap) REQUIRE(*heard.gap >= 9);
  }
}

TEST_CASE("A starved frame is aborted and counted, and the next one is whole", "[rtl][mac]") {
  const auto seed = GENERATE(range(0U, 5U));
  Random random(seed);
  std::vector<Bytes> frames(300);
  for (Bytes& frame : frames) frame = random_frame(random, 60 + random() % 400);
  const Outcome outcome = transmit(frames, kClockCases[seed], [&](bool first) {
    return !first && random() % 60 == 0 ? 1U + random() % (60 * kStarve) : 0U;
  });
  REQUIRE(outcome.frames.size() == frames.size());
  std::size_t aborted = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    aborted += outcome.frames[i].aborted ? 1U : 0U;
    if (!outcome.frames[i].aborted) REQUIRE(outcome.frames[i].bytes == frames[i]);
    if (outcome.frames[i].gap) REQUIRE(*outcome.frames[i].gap >= 9);
  }
  REQUIRE(aborted == outcome.underrun);
  REQUIRE(aborted > 0);
  REQUIRE(outcome.sent > 0);
}

TEST_CASE("A core slower than the wire aborts long frames and sends short ones", "[rtl][mac]") {
  const std::vector<Bytes> frames{Bytes(1400, 0x11), Bytes(60, 0x22), Bytes(1400, 0x33), Bytes(64, 0x44)};
  const Outcome outcome = transmit(frames, {6400, 20000 * kWordTime, 0}, [](bool first) { return first ? 300U : 0U; });
  REQUIRE(outcome.frames.size() == 4);
  REQUIRE(outcome.frames[0].aborted);
  REQUIRE(outcome.frames[2].aborted);
}
