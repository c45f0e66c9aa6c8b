// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <functional>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/mac/two_clocks.hpp"
#include "tests/rtl/mac/wire_kind.hpp"
#include MODEL_HEADER

namespace {

using namespace tests;
using namespace contract;

struct Outcome {
  std::vector<Frame> frames;
  std::size_t started = 0;  // by the events
  std::size_t ended = 0;
  std::size_t lost = 0;
};

/// Sends a line into a fresh path. `stall` says whether the core refuses a beat.
Outcome receive(const XgmiiWriter& line, Clocks clocks = {}, const std::function<bool()>& stall = {}) {
  TwoClocks<MODEL> dut(clocks);
  Outcome outcome;
  Collector collector;
  std::size_t next = 0;
  const auto mac = [&](LineWord word) {
    put_line(dut, word);
    dut.settle();
    outcome.started += (dut->events_o >> 1) & 1U;
    outcome.ended += dut->events_o & 1U;
  };
  const auto core = [&](bool ready) {
    dut->out_ready_i = ready;
    dut.settle();
    if (dut->out_valid_o && ready) collect_core(collector, dut->out_o);
    outcome.lost += dut->lost_o;
  };
  const auto words = line_words(line);
  while (next < words.size()) {
    dut.step([&] { mac(words[next++]); }, [&] { core(!stall || !stall()); });
  }
  for (int i = 0; i < 2000; ++i) dut.step([&] { mac(LineWord{}); }, [&] { core(true); });
  REQUIRE_FALSE(collector.inside());
  outcome.frames = collector.frames;
  REQUIRE(outcome.frames.size() + outcome.lost == outcome.started);
  return outcome;
}

void require_all(const Outcome& outcome, const std::vector<Bytes>& sent) {
  REQUIRE(outcome.lost == 0);
  REQUIRE(outcome.frames.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    REQUIRE(outcome.frames[i].err == FRAME_OK);
    REQUIRE(outcome.frames[i].bytes == sent[i]);
  }
}

}  // namespace

TEST_CASE("Frames of every legal length arrive from both start lanes", "[rtl][mac]") {
  const auto lane = GENERATE(0U, 4U);
  Random random(lane + 1);
  XgmiiWriter line;
  std::vector<Bytes> sent;
  for (std::size_t length = 60; length <= 1518; ++length) {
    sent.push_back(random_frame(random, length));
    line.idle(12);
    line.idle_to(lane, 8);
    line.frame(with_fcs(sent.back()));
  }
  require_all(receive(line), sent);
}

TEST_CASE("Back-to-back frames at line rate arrive whatever the clocks", "[rtl][mac]") {
  const auto clocks = GENERATE(from_range(std::begin(kClockCases), std::end(kClockCases)));
  Random random(7);
  XgmiiWriter line;
  std::vector<Bytes> sent;
  line.idle(16);
  for (int i = 0; i < 600; ++i) {
    sent.push_back(random_frame(random, i < 300 ? 60U : 60U + random() % 200));
    line.frame(with_fcs(sent.back()));
    line.standard_gap();
  }
  require_all(receive(line, clocks), sent);
}

TEST_CASE("The shortest gap of 5 bytes and random gaps lose nothing", "[rtl][mac]") {
  const bool shortest = GENERATE(true, false);
  Random random(11);
  XgmiiWriter line;
  std::vector<Bytes> sent;
  line.idle(16);
  for (int i = 0; i < 1500; ++i) {
    sent.push_back(random_frame(random, 60 + random() % 70));
    line.frame(with_fcs(sent.back()));
    line.gap(shortest ? 5 : 5 + random() % 40);
  }
  require_all(receive(line), sent);
}

TEST_CASE("Each fault has its own verdict and harms no neighbour", "[rtl][mac]") {
  struct Case {
    const char* name;
    unsigned err;
    std::function<void(XgmiiWriter&, const Bytes&)> send;  // a good body with FCS
  };
  const auto damaged = [](std::size_t at, Character c, bool terminate) {
    return [=](XgmiiWriter& line, const Bytes& body) {
      line.head();
      line.bytes({body.begin(), body.begin() + static_cast<std::ptrdiff_t>(at)});
      line.put(c);
      if (!terminate) return;
      line.bytes({body.begin() + static_cast<std::ptrdiff_t>(at) + 1, body.end()});
      line.terminate();
    };
  };
  const auto bad_head = [](unsigned at, std::uint8_t value) {
    return [=](XgmiiWriter& line, const Bytes& body) {
      line.put(kStart);
      Bytes head{0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xD5};
      head[at] = value;
      line.bytes(head);
      line.bytes(body);
      line.terminate();
    };
  };
  std::vector<Case> cases{{"preamble byte", FRAME_BAD_PREAMBLE, bad_head(2, 0x54)},
                          {"SFD", FRAME_BAD_PREAMBLE, bad_head(6, 0x55)},
                          {"sequence in the frame", FRAME_TRUNCATED, damaged(40, {0x9C, true}, true)},
                          {"runt", FRAME_RUNT,
                           [](XgmiiWriter& line, const Bytes& b) {
                             line.frame(with_fcs({b.begin(), b.begin() + 59}));
                           }},
                          {"tiny", FRAME_RUNT,
                           [](XgmiiWriter& line, const Bytes& b) {
                             line.frame({b.begin(), b.begin() + 3});
                           }},
                          {"empty", FRAME_RUNT, [](XgmiiWriter& line, const Bytes&) { line.frame({}); }},
                          {"control in the preamble", FRAME_BAD_PREAMBLE, [](XgmiiWriter& line, const Bytes&) {
                             line.put(kStart);
                             line.idle(7);
                           }}};
  for (std::size_t at = 0; at < 64; ++at) {
    cases.push_back({"/E/", FRAME_ERROR_CONTROL, damaged(at, kError, true)});
    cases.push_back({"/I/", FRAME_TRUNCATED, damaged(at, kIdle, at % 2 == 0)});
    cases.push_back({"bad FCS", FRAME_BAD_FCS, [at](XgmiiWriter& line, const Bytes& b) {
                       Bytes wrong = b;
                       wrong[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
                       line.frame(wrong);
                     }});
  }
  for (unsigned over = 1; over <= 20; ++over) {
    cases.push_back({"oversize", FRAME_OVERSIZE, [over](XgmiiWriter& line, const Bytes& b) {
                       Bytes big = b;
                       big.resize(1518 + over, 0x5A);
                       line.frame(with_fcs(big));
                     }});
  }
  cases.push_back(
      {"jumbo", FRAME_OVERSIZE, [](XgmiiWriter& line, const Bytes&) { line.frame(with_fcs(Bytes(9000, 0x5A))); }});

  if (kGmii) {  // nothing but data and errors exists inside a frame there
    cases.erase(std::remove_if(cases.begin(), cases.end(), [](const Case& c) { return c.err == FRAME_TRUNCATED; }),
                cases.end());
  }
  const auto lane = GENERATE(0U, 4U);
  const auto tail = GENERATE(range(0U, 8U));
  Random random(lane + tail);
  XgmiiWriter line;
  std::vector<unsigned> verdicts;
  std::vector<Bytes> good;
  for (const Case& c : cases) {
    line.idle(5);
    line.idle_to(lane, 8);
    c.send(line, with_fcs(random_frame(random, 64 + tail)));
    line.gap(5);
    good.push_back(random_frame(random, 60 + tail));
    line.frame(with_fcs(good.back()));
    verdicts.insert(verdicts.end(), {c.err, FRAME_OK});
  }
  const Outcome outcome = receive(line);
  REQUIRE(outcome.lost == 0);
  REQUIRE(outcome.frames.size() == verdicts.size());
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    INFO(cases[i / 2].name << " " << i / 2);
    REQUIRE(outcome.frames[i].err == verdicts[i]);
    if (i % 2 == 1) REQUIRE(outcome.frames[i].bytes == good[i / 2]);
  }
}

TEST_CASE("A start inside a frame ends it and begins the next", "[rtl][mac]") {
  if (kGmii) return;  // no such thing
  const auto lane = GENERATE(0U, 4U);
  const auto next_lane = GENERATE(0U, 4U);
  const auto bad_next = GENERATE(false, true);
  Random random(3);
  XgmiiWriter line;
  std::vector<Frame> expected;
  for (std::size_t length = 0; length < 80; ++length) {
    const Bytes cut = random_frame(random, 200);
    line.idle(12);
    line.idle_to(lane, 8);
    line.head();
    line.bytes({cut.begin(), cut.begin() + static_cast<std::ptrdiff_t>(length)});
    while (line.size() % 8 != next_lane) line.bytes({0x11});
    expected.push_back({{}, FRAME_TRUNCATED});
    const Bytes good = random_frame(random, 60 + length);
    if (bad_next) {
      line.put(kStart);
      line.bytes({0x55, 0x55, 0x55, 0x56, 0x55, 0x55, 0xD5});
      expected.push_back({{}, FRAME_BAD_PREAMBLE});
      if (length % 2 == 0) line.idle(8);
    }
    line.frame(with_fcs(good));
    expected.push_back({good, FRAME_OK});
  }
  const Outcome outcome = receive(line);
  REQUIRE(outcome.lost == 0);
  REQUIRE(outcome.frames.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    REQUIRE(outcome.frames[i].err == expected[i].err);
    if (expected[i].err == FRAME_OK) REQUIRE(outcome.frames[i].bytes == expected[i].bytes);
  }
}

TEST_CASE("After any garbage the next good frame arrives", "[rtl][mac]") {
  const auto seed = GENERATE(range(0U, 6U));
  Random random(seed);
  XgmiiWriter line;
  std::vector<Bytes> good;
  const std::uint8_t controls[] = {0x07, 0xFB, 0xFD, 0xFE, 0x9C, 0x00, 0x55};
  for (int round = 0; round < 400; ++round) {
    const std::size_t length = random() % 200;
    const unsigned control_rate = 1 + random() % 40;
    for (std::size_t i = 0; i < length; ++i) {
      switch (random() % (3 * control_rate)) {
        case 0:
          line.put({controls[random() % std::size(controls)], true});
          break;
        case 1:
          line.put(kStart);
          break;
        case 2:
          if (random() % 4 == 0) line.head();
          break;
        default:
          line.put({static_cast<std::uint8_t>(random()), false});
      }
    }
    line.idle(random() % 3 == 0 ? 4 : random() % 30 + 4);
    line.idle_to(0, 4);
    good.push_back(random_frame(random, 60 + random() % 100));
    line.frame(with_fcs(good.back()));
    line.gap(5);  // a start any nearer would be free to hurt it
  }
  const Outcome outcome = receive(line, kClockCases[seed % std::size(kClockCases)]);
  REQUIRE(outcome.lost == 0);
  REQUIRE(outcome.ended == outcome.started);
  std::size_t next = 0;
  for (const Frame& frame : outcome.frames) {
    if (frame.err != FRAME_OK) continue;
    REQUIRE(next < good.size());
    REQUIRE(frame.bytes == good[next++]);
  }
  REQUIRE(next == good.size());
}

TEST_CASE("A core that is too slow loses whole frames, each counted once", "[rtl][mac]") {
  const auto seed = GENERATE(range(0U, 6U));
  Random random(seed);
  XgmiiWriter line;
  line.idle(8);
  std::vector<Bytes> sent;
  for (int i = 0; i < 800; ++i) {
    sent.push_back(random_frame(random, 60 + random() % (seed % 2 == 0 ? 100 : 1400)));
    line.frame(with_fcs(sent.back()));
    line.standard_gap();
  }
  int left = 0;
  bool stalled = false;
  const auto stall = [&] {
    if (left-- <= 0) {
      stalled = random() % 2 == 0;
      left = static_cast<int>(random() % (600 * kWordTime));
    }
    return stalled;
  };
  const Outcome outcome = receive(line, {6400, (seed < 3 ? 4000 : 9000) * kWordTime, 0}, stall);
  REQUIRE(outcome.started == sent.size());
  REQUIRE(outcome.lost > 0);
  std::size_t at = 0, cut = 0, whole = 0;
  for (const Frame& frame : outcome.frames) {
    if (frame.err != FRAME_OK) {
      REQUIRE(frame.err == FRAME_FIFO_OVERFLOW);
      ++cut;
      continue;
    }
    while (at < sent.size() && sent[at] != frame.bytes) ++at;
    REQUIRE(at < sent.size());
    ++whole;
  }
  REQUIRE(cut > 0);
  REQUIRE(whole > 0);
}
