// SPDX-License-Identifier: Apache-2.0
// The XGMII encoder and decoder against each other and against the clauses they cite.
#include <zlib.h>

#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "sim/wire/xgmii_decoder.hpp"
#include "sim/wire/xgmii_encoder.hpp"

using namespace sim::wire;
using sim::Picoseconds;

namespace {

constexpr Picoseconds kEdge = 6400;

struct Got {
  std::vector<std::byte> bytes;
  FrameSink::Verdict verdict;
  Picoseconds start;
  Picoseconds end;
};

class Recorder : public FrameSink {
 public:
  void frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, Picoseconds start, Picoseconds end) override {
    got.push_back({std::move(bytes), verdict, start, end});
  }
  std::vector<Got> got;
};

std::vector<std::byte> frame(std::mt19937_64& random, std::size_t length) {
  std::vector<std::byte> bytes(length);
  for (auto& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

struct Line {
  explicit Line(EncoderOptions options = {}) : encoder(options) {}
  void run() {
    for (int quiet = 0; quiet < 4; ++edge) {
      const Word word = encoder.next(edge * kEdge);
      decoder.word(word.data, word.ctrl, edge * kEdge);
      quiet = encoder.idle() ? quiet + 1 : 0;
    }
  }
  XgmiiEncoder encoder;
  Recorder sink;
  XgmiiDecoder decoder{sink};
  Picoseconds edge = 0;
};

}  // namespace

TEST_CASE("every length comes back unchanged, padded to 60 bytes, from both lanes", "[wire][unit]") {
  for (const auto lane : {StartLane::any, StartLane::lane0, StartLane::lane4, StartLane::random}) {
    std::mt19937_64 random(7);
    Line line({.start_lane = lane, .random_gap = lane == StartLane::random ? 3U : 0U, .seed = 3});
    std::vector<std::vector<std::byte>> sent;
    for (std::size_t length = 14; length <= 1518; ++length) {
      sent.push_back(frame(random, length));
      line.encoder.push({sent.back()}, 0);
      sent.back().resize(std::max(length, kMinFrame));
    }
    line.run();
    REQUIRE(line.sink.got.size() == sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      REQUIRE(line.sink.got[i].verdict == FrameSink::Verdict::good);
      REQUIRE(line.sink.got[i].bytes == sent[i]);
      const auto place = line.sink.got[i].start % kEdge;
      if (lane == StartLane::lane0) REQUIRE(place == 0);
      if (lane == StartLane::lane4) REQUIRE(place == kEdge / 2);
    }
    CHECK(line.decoder.counters().short_gap == 0);
    CHECK(line.decoder.counters().stray == 0);
  }
}

TEST_CASE("back to back, the average gap is 12 bytes and no gap is below 9", "[wire][unit]") {
  for (const std::size_t length : {60U, 61U, 62U, 63U, 1514U}) {
    std::mt19937_64 random(1);
    Line line;
    constexpr int kFrames = 400;
    for (int i = 0; i < kFrames; ++i) line.encoder.push({frame(random, length)}, 0);
    line.run();
    const auto span = line.sink.got.back().start - line.sink.got.front().start;
    const auto bytes = static_cast<double>(span) / kByteTime / (kFrames - 1);
    CHECK(bytes == Approx(static_cast<double>(length) + 8 + 4 + 12).margin(0.02));
    CHECK(line.decoder.counters().short_gap == 0);
  }
}

TEST_CASE("no frame starts before its time, and skipped edges change nothing", "[wire][unit]") {
  std::mt19937_64 random(2);
  const auto bytes = frame(random, 100);
  Line stepped;
  stepped.encoder.push({bytes}, 1'000'000);
  stepped.run();
  REQUIRE(stepped.sink.got.size() == 1);
  CHECK(stepped.sink.got[0].start >= 1'000'000);
  CHECK(stepped.sink.got[0].start < 1'000'000 + 2 * kEdge);

  Line skipped;
  skipped.encoder.push({bytes}, 1'000'000);
  CHECK(skipped.encoder.idle_until() == 1'000'000);
  skipped.encoder.skip(150);
  skipped.edge = 150;
  skipped.run();
  REQUIRE(skipped.sink.got.size() == 1);
  CHECK(skipped.sink.got[0].start == stepped.sink.got[0].start);
  CHECK(skipped.sink.got[0].end == stepped.sink.got[0].end);
}

TEST_CASE("each fault is seen as what it is and the next frame is whole", "[wire][unit]") {
  using Verdict = FrameSink::Verdict;
  const std::pair<Fault, Verdict> cases[] = {
      {Fault::bad_fcs, Verdict::bad_fcs},         {Fault::bad_preamble, Verdict::bad_preamble},
      {Fault::bad_sfd, Verdict::bad_preamble},    {Fault::error_control, Verdict::error_control},
      {Fault::truncated, Verdict::error_control},
  };
  for (const auto& [fault, verdict] : cases) {
    for (std::size_t length = 60; length < 76; ++length) {
      std::mt19937_64 random(length);
      Line line;
      const auto good = frame(random, length);
      line.encoder.push({frame(random, length), fault}, 0);
      line.encoder.push({good}, 0);
      line.run();
      REQUIRE(line.sink.got.size() == 2);
      REQUIRE(line.sink.got[0].verdict == verdict);
      REQUIRE(line.sink.got[1].verdict == Verdict::good);
      REQUIRE(line.sink.got[1].bytes == good);
    }
  }
}

TEST_CASE("the observer knows when each frame stands on the wire", "[wire][unit]") {
  std::mt19937_64 random(5);
  Line line;
  std::vector<std::pair<Picoseconds, Picoseconds>> seen;
  line.encoder.observe([&](const Frame&, Picoseconds s, Picoseconds e) { seen.emplace_back(s, e); });
  for (int i = 0; i < 50; ++i) line.encoder.push({frame(random, 60 + random() % 200)}, 0);
  line.run();
  REQUIRE(seen.size() == 50);
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(seen[i].first == line.sink.got[i].start);
    CHECK(seen[i].second == line.sink.got[i].end);
  }
}
