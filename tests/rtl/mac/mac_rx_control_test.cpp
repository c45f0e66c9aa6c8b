// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "tests/rtl/mac/pause_frame.hpp"
#include "Vmac_rx_control_test_rtl.h"

namespace {

using namespace tests;
using namespace contract;

constexpr std::uint64_t kStation = 0x665544332202;  // 02:22:33:44:55:66, first byte lowest

struct Pause {
  bool pfc;
  unsigned classes;
  std::vector<unsigned> quanta;
};

class Bench {
 public:
  Bench(bool pause, bool pfc) {
    dut_->pause_enable_i = pause;
    dut_->pfc_enable_i = pfc;
    dut_->station_i = kStation;
  }
  void send(const Bytes& frame, unsigned err, unsigned idle) {
    for (const Beat& beat : to_beats(frame, err)) {
      put_beat(dut_->beat_i, beat);
      cycle(true);
      if (idle > 100) cycle(false);  // beats apart, as from GMII
    }
    for (unsigned i = 0; i < idle % 100; ++i) cycle(false);
  }
  Collector collector;
  std::vector<Pause> pauses;
  unsigned unsupported = 0;

 private:
  void cycle(bool valid) {
    dut_->beat_valid_i = valid;
    dut_.tick();
    if (dut_->out_valid_o) collector.add(take_beat(dut_->out_o));
    unsupported += dut_->unsupported_o;
    if (!dut_->pause_valid_o) return;
    Pause pause{(dut_->pause_o[4] >> 8 & 1U) != 0, dut_->pause_o[4] & 0xFFU, {}};
    for (unsigned i = 0; i < 8; ++i) pause.quanta.push_back(dut_->pause_o[i / 2] >> (16 * (i % 2)) & 0xFFFFU);
    pauses.push_back(pause);
  }
  Clocked<Vmac_rx_control_test_rtl> dut_;
};

}  // namespace

TEST_CASE("Other frames pass unchanged, whatever their length, verdict and distance", "[rtl][mac]") {
  Random random(1);
  Bench bench(true, true);
  std::vector<Frame> sent;
  for (int i = 0; i < 3000; ++i) {
    Bytes frame = random_frame(random, 1 + random() % 100);
    if (frame.size() >= 16 && random() % 2 == 0) {  // a control frame in all but one byte
      const Bytes control = pause_frame(7);
      const std::size_t kept = random() % 2 == 0 ? random() % 6 : 12 + random() % 2;
      std::copy(control.begin(), control.begin() + 16, frame.begin());
      frame[kept] ^= 0x20;
    }
    sent.push_back({frame, random() % 3 == 0 ? 1 + random() % 6 : FRAME_OK});
    bench.send(frame, sent.back().err, random() % 3 + (random() % 4 == 0 ? 101 : 0));
  }
  bench.send(Bytes(8), FRAME_RUNT, 4);
  sent.push_back({Bytes(8), FRAME_RUNT});
  REQUIRE(bench.collector.frames == sent);
  REQUIRE(bench.pauses.empty());
  REQUIRE(bench.unsupported == 0);
}

TEST_CASE("A control frame of any length is taken out whole and read once", "[rtl][mac]") {
  Bench bench(true, true);
  unsigned count = 0;
  for (std::size_t length = 60; length < 400; length += 7) {
    Bytes frame = pause_frame(500 + static_cast<unsigned>(length));
    frame.resize(length);
    for (std::size_t i = 64; i < length; ++i) frame[i] = frame[i % 24];  // its head again and again
    bench.send(frame, FRAME_OK, 4);
    REQUIRE(bench.collector.frames.empty());
    REQUIRE(bench.pauses.size() == ++count);
    REQUIRE(bench.pauses.back().quanta[0] == 500 + length);
  }
}

TEST_CASE("Pause frames are read and go no further, among others", "[rtl][mac]") {
  Random random(2);
  Bench bench(true, true);
  std::vector<Frame> others;
  std::size_t pauses = 0;
  unsigned unsupported = 0;
  for (int i = 0; i < 2000; ++i) {
    const unsigned idle = 1 + random() % 3 + (random() % 4 == 0 ? 100 : 0);
    const unsigned kind = random() % 5;
    if (kind == 0) {
      const unsigned quanta = random() % 0x10000;
      bench.send(pause_frame(quanta, random() % 2 == 0 ? kControlAddress : kStation), FRAME_OK, idle + 4);
      REQUIRE(bench.pauses.size() == ++pauses);
      REQUIRE_FALSE(bench.pauses.back().pfc);
      REQUIRE(bench.pauses.back().quanta[0] == quanta);
    } else if (kind == 1) {
      std::vector<unsigned> quanta(8);
      for (unsigned& q : quanta) q = random() % 0x10000;
      const unsigned classes = random() % 256;
      bench.send(pfc_frame(classes, quanta), FRAME_OK, idle + 4);
      REQUIRE(bench.pauses.size() == ++pauses);
      REQUIRE(bench.pauses.back().pfc);
      REQUIRE(bench.pauses.back().classes == classes);
      REQUIRE(bench.pauses.back().quanta == quanta);
    } else if (kind == 2) {
      Bytes frame = pause_frame(1);
      frame[15] = static_cast<std::uint8_t>(2 + random() % 200);
      bench.send(frame, FRAME_OK, idle + 4);
      REQUIRE(bench.unsupported == ++unsupported);
    } else if (kind == 3) {  // damaged: only its verdict is left
      bench.send(pause_frame(1), FRAME_BAD_FCS, idle);
      others.push_back({{}, FRAME_BAD_FCS});
    } else {
      others.push_back({random_frame(random, 60 + random() % 60), FRAME_OK});
      bench.send(others.back().bytes, FRAME_OK, idle);
    }
  }
  bench.send(Bytes(60, 1), FRAME_OK, 4);
  others.push_back({Bytes(60, 1), FRAME_OK});
  REQUIRE(bench.pauses.size() == pauses);
  REQUIRE(bench.collector.frames.size() == others.size());
  for (std::size_t i = 0; i < others.size(); ++i) {
    REQUIRE(bench.collector.frames[i].err == others[i].err);
    if (others[i].err == FRAME_OK) REQUIRE(bench.collector.frames[i].bytes == others[i].bytes);
  }
}

TEST_CASE("What is switched off is not obeyed, and all off means that control frames pass", "[rtl][mac]") {
  const auto pause = GENERATE(false, true);
  const auto pfc = GENERATE(false, true);
  Bench bench(pause, pfc);
  bench.send(pause_frame(9), FRAME_OK, 6);
  bench.send(pfc_frame(3, std::vector<unsigned>(8, 5)), FRAME_OK, 6);
  REQUIRE(bench.pauses.size() == (pause ? 1U : 0U) + (pfc ? 1U : 0U));
  REQUIRE(bench.unsupported == (pause != pfc ? 1U : 0U));
  REQUIRE(bench.collector.frames.size() == (pause || pfc ? 0U : 2U));
}
