// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <deque>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "tests/rtl/rx/wide_beats.hpp"
#include "Vrx_packet_buffer_test_rtl.h"

namespace {

using namespace tests;
using namespace contract;

/// What the reading side does in a cycle.
struct Reader {
  bool take_length = true;
  bool drop = false;
  bool take_beat = true;
};

class Bench {
 public:
  void cycle(const Beat* beat, const Reader& reader) {
    dut_->in_valid_i = beat != nullptr;
    if (beat != nullptr) put_beat(dut_->in_i, *beat);
    rx::put_meta(dut_->in_meta_i, meta);
    dut_->out_len_ready_i = reader.take_length;
    dut_->out_drop_i = reader.drop;
    dut_->out_ready_i = reader.take_beat;
    dut_.settle();
    REQUIRE(dut_->in_ready_o);
    if (dut_->out_len_valid_o && reader.take_length) take_length(reader.drop);
    if (dut_->out_valid_o && reader.take_beat && collector.add(take_beat(dut_->out_o))) {
      REQUIRE(collector.frames.back().bytes.size() == lengths_.front());
      REQUIRE(collector.frames.back().err == FRAME_OK);
      lengths_.pop_front();
    }
    dut_.tick();
    count();
  }
  /// A whole frame in, back to back.
  void send(const Bytes& frame, const Reader& reader, unsigned err = FRAME_OK) {
    for (const Beat& beat : to_beats(frame, err)) cycle(&beat, reader);
  }
  void idle(int cycles, const Reader& reader) {
    for (int i = 0; i < cycles; ++i) cycle(nullptr, reader);
  }

  [[nodiscard]] unsigned level() { return dut_->level_o; }

  Collector collector;
  rx::Meta meta;                // of the frames sent
  std::vector<rx::Meta> metas;  // of the frames taken
  std::size_t in = 0, commits = 0, missed = 0, filtered = 0, dropped = 0;
  std::size_t most_ahead = 0;  // frames whose length was taken before their last beat
  std::array<std::size_t, 8> verdicts{};

 private:
  void take_length(bool drop) {
    if (drop) {
      ++dropped;
      return;
    }
    lengths_.push_back(dut_->out_len_o);
    most_ahead = std::max(most_ahead, lengths_.size());
    metas.push_back(rx::take_meta(dut_->out_meta_o));
  }
  void count() {
    in += dut_->frames_in_o;
    commits += dut_->commit_o;
    missed += dut_->drop_missed_o;
    filtered += dut_->drop_filtered_o;
    for (unsigned v = 0; v < 8; ++v) verdicts[v] += dut_->drop_verdict_o >> v & 1U;
  }
  Clocked<Vrx_packet_buffer_test_rtl> dut_;
  std::deque<std::size_t> lengths_;  // of the frames taken and not yet read to their end
};

std::size_t sum(const std::array<std::size_t, 8>& counts) {
  std::size_t total = 0;
  for (const auto c : counts) total += c;
  return total;
}

}  // namespace

TEST_CASE("Every length comes out as it went in", "[rtl][rx]") {
  Bench bench;
  Random random(1);
  std::vector<Frame> sent;
  for (std::size_t length = 1; length <= 1518; ++length) {
    sent.push_back({random_frame(random, length), FRAME_OK});
    bench.send(sent.back().bytes, {});
    bench.idle(12, {});
  }
  bench.idle(400, {});
  REQUIRE(bench.collector.frames == sent);
  REQUIRE(bench.commits == sent.size());
}

TEST_CASE("Frames with a verdict are dropped whole under that verdict", "[rtl][rx]") {
  Bench bench;
  Random random(2);
  std::vector<Frame> good;
  std::array<std::size_t, 8> sent{};
  for (int i = 0; i < 2000; ++i) {
    const unsigned err = random() % 8;
    const Bytes frame = random_frame(random, 1 + random() % 100);
    bench.send(frame, {}, err);
    bench.idle(14, {});
    if (err == FRAME_OK)
      good.push_back({frame, FRAME_OK});
    else
      ++sent[err];
  }
  bench.idle(50, {});
  REQUIRE(bench.collector.frames == good);
  REQUIRE(bench.verdicts == sent);
  REQUIRE(bench.in == 2000);
}

TEST_CASE("What is known of a frame comes out with its length; refused frames do not", "[rtl][rx]") {
  Bench bench;
  Random random(6);
  std::vector<Frame> sent;
  std::vector<rx::Meta> metas;
  std::size_t refused = 0;
  for (int i = 0; i < 500; ++i) {
    const Bytes frame = random_frame(random, 1 + random() % 100);
    bench.meta = {random() % 4 == 0, random() % 64,      random(),           random() % 16,      random() % 256,
                  random() % 256,    random() % 0x10000, random() % 0x10000, random() % 0x10000, random() % 0x10000};
    if (bench.meta.drop) {
      ++refused;
    } else {
      sent.push_back({frame, FRAME_OK});
      metas.push_back(bench.meta);
    }
    bench.send(frame, {});
    bench.idle(14, {});
  }
  bench.idle(50, {});
  REQUIRE(bench.collector.frames == sent);
  REQUIRE(bench.metas == metas);
  REQUIRE(bench.filtered == refused);
  REQUIRE(bench.missed == 0);
}

TEST_CASE("A full buffer drops whole frames and counts them as missed", "[rtl][rx]") {
  Bench bench;
  Random random(3);
  std::vector<Frame> sent;
  const Reader nobody{.take_length = false, .take_beat = false};
  for (int i = 0; i < 400; ++i) {
    sent.push_back({random_frame(random, 60 + random() % 200), FRAME_OK});
    bench.send(sent.back().bytes, nobody);
  }
  REQUIRE(bench.missed > 0);
  bench.idle(2, nobody);
  REQUIRE(bench.level() > 4096 - 272);
  REQUIRE(bench.level() <= 4096);
  bench.idle(5000, {});
  REQUIRE(bench.level() == 0);
  REQUIRE(bench.collector.frames.size() + bench.missed == sent.size());
  std::size_t at = 0;
  for (const Frame& frame : bench.collector.frames) {
    while (at < sent.size() && !(sent[at] == frame)) ++at;
    REQUIRE(at++ < sent.size());
  }
  // Empty again: a frame as large as ever fits.
  bench.collector.frames.clear();
  bench.send(Bytes(1518, 7), {});
  bench.idle(400, {});
  REQUIRE(bench.collector.frames == std::vector<Frame>{{Bytes(1518, 7), FRAME_OK}});
}

TEST_CASE("Lengths are taken ahead of the beats, no more than the frames that are on their way", "[rtl][rx]") {
  Bench bench;
  for (int i = 0; i < 20; ++i) bench.send(Bytes(64, 1), {.take_length = false, .take_beat = false});
  bench.idle(100, {.take_beat = false});
  // four whose end is known, one of which may have left the RAM for the skid buffer
  REQUIRE(bench.most_ahead >= 4);
  REQUIRE(bench.most_ahead <= 5);
  REQUIRE(bench.collector.frames.empty());
  bench.idle(400, {});
  REQUIRE(bench.collector.frames.size() == 20);
}

TEST_CASE("Whatever is done to it, every frame has one outcome", "[rtl][rx]") {
  const auto seed = GENERATE(range(0U, 10U));
  Bench bench;
  Random random(seed);
  std::vector<Frame> sent;
  Reader reader;
  std::size_t total = 0;
  const auto shake = [&] {
    reader.take_length = random() % 3 != 0;
    reader.drop = random() % 6 == 0;
    reader.take_beat = random() % 100 < (seed % 2 == 0 ? 95U : 40U);
  };
  for (int i = 0; i < 2000; ++i, ++total) {
    const unsigned err = random() % 5 == 0 ? 1 + random() % 7 : FRAME_OK;
    const Bytes frame = random_frame(random, 1 + random() % 300);
    if (err == FRAME_OK) sent.push_back({frame, FRAME_OK});
    for (const Beat& beat : to_beats(frame, err)) {
      shake();
      bench.cycle(&beat, reader);
    }
    for (unsigned gap = random() % 20; gap != 0; --gap) {
      shake();
      bench.cycle(nullptr, reader);
    }
  }
  bench.idle(3000, {});
  REQUIRE(bench.in == total);
  REQUIRE(bench.in == bench.commits + bench.missed + sum(bench.verdicts));
  REQUIRE(bench.commits == bench.collector.frames.size() + bench.dropped);
  std::size_t at = 0;
  for (const Frame& frame : bench.collector.frames) {
    while (at < sent.size() && !(sent[at] == frame)) ++at;
    REQUIRE(at++ < sent.size());
  }
  REQUIRE(bench.collector.frames.size() > 100);
}

TEST_CASE("64-byte frames at line rate pass without loss", "[rtl][rx]") {
  Bench bench;
  // 14.88 Mpps at 250 MHz: a frame of 8 beats every 16.8 cycles.
  for (int i = 0; i < 2000; ++i) {
    bench.send(Bytes(60, 1), {});
    bench.idle(i % 5 == 0 ? 8 : 9, {});
  }
  bench.idle(100, {});
  REQUIRE(bench.collector.frames.size() == 2000);
  REQUIRE(bench.missed == 0);
}
