// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rtl/tx/source_builder.hpp"
#include "tests/rtl/tx/tx_path_bench.hpp"

using namespace tests;
using namespace tests::tx;

namespace {

/// What left, compared with the reference, source after source.
void check(TxPathBench& bench, const std::vector<std::optional<std::vector<Bytes>>>& expected) {
  std::size_t at = 0;
  long drops = 0, extra = 0, bytes = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("source " << i);
    if (!expected[i]) ++drops;
    if (!expected[i]) continue;
    extra += static_cast<long>(expected[i]->size()) - 1;
    for (const Bytes& frame : *expected[i]) {
      REQUIRE(at < bench.collector.frames.size());
      bytes += static_cast<long>(frame.size());
      REQUIRE(bench.collector.frames[at++] == Frame{frame, 0});
    }
  }
  REQUIRE(at == bench.collector.frames.size());
  CHECK(bench.drops == drops);
  CHECK(bench.extra == extra);
  CHECK(bench.made == static_cast<long>(at));
  CHECK(bench.bytes == bytes);
}

}  // namespace

TEST_CASE("Segments are what the reference makes, and receivers find nothing wrong with them", "[rtl][tx]") {
  const auto willing = GENERATE(100U, 60U);
  TxPathBench bench(willing);
  bench.willing = willing;
  Random random(willing + 1);
  std::vector<std::optional<std::vector<Bytes>>> expected;
  std::size_t cut = 0;
  for (int i = 0; i < 500; ++i) {
    const Shape shape = random_shape(random, i % 50 == 0 ? 65000 : 6000);
    auto [header, frame] = build(shape, random);
    header.gso_type = gso_type_of(shape);
    const std::size_t room = 1518 - 14 - 8 - 120 - 60;
    header.gso_size = static_cast<std::uint16_t>(1 + random() % (i % 5 == 0 ? 30 : room));
    if (shape.payload > 20000) header.gso_size = static_cast<std::uint16_t>(1000 + random() % 200);
    if (shape.tcp && random() % 3 == 0) header.gso_type |= contract::NET_HDR_GSO_ECN;
    expected.push_back(transmit(header, frame, {}, 1518));
    bench.submit(buffer_of(header, frame), Offloads{.hash_report = i % 3 == 0}.bits());
    if (!expected.back()) continue;
    cut += expected.back()->size() > 1;
    Bytes payload;
    for (const Bytes& out : *expected.back()) {
      REQUIRE(complaint(out).empty());
      const auto at = layers_of(out);
      REQUIRE(at);
      payload.insert(payload.end(), out.begin() + static_cast<std::ptrdiff_t>(at->payload), out.end());
    }
    const auto whole = layers_of(frame);
    REQUIRE(whole);
    REQUIRE(payload == Bytes(frame.begin() + static_cast<std::ptrdiff_t>(whole->payload), frame.end()));
  }
  REQUIRE(cut > 300);
  REQUIRE(bench.finish());
  check(bench, expected);
}

TEST_CASE("Frames that stay whole keep every byte, and get a checksum where one is asked for", "[rtl][tx]") {
  const auto shuffle = GENERATE(true, false);
  TxPathBench bench(shuffle ? 5 : 6, 9234);
  bench.shuffle = shuffle;
  bench.willing = 70;
  Random random(7);
  std::vector<std::optional<std::vector<Bytes>>> expected;
  for (std::size_t i = 0; i < 1500; ++i) {
    NetHeader header;
    Bytes frame = random_frame(random, i < 300 ? 14 + i : 14 + random() % (i % 20 == 0 ? 9222 : 1500));
    if (random() % 2 != 0) {
      header.flags = contract::NET_HDR_F_NEEDS_CSUM;
      header.csum_start = static_cast<std::uint16_t>(14 + random() % frame.size());
      header.csum_offset = static_cast<std::uint16_t>(random() % 3 == 0 ? 6 : random() % 80);
    }
    expected.push_back(transmit(header, frame, {}, 9234));
    bench.submit(buffer_of(header, frame), Offloads{.hash_report = i % 4 == 1}.bits());
  }
  REQUIRE(bench.finish());
  check(bench, expected);
}

TEST_CASE("Every size around the beats, for every lane at which a header ends", "[rtl][tx]") {
  TxPathBench bench(11);
  Random random(12);
  std::vector<std::optional<std::vector<Bytes>>> expected;
  for (unsigned shape_index = 0; shape_index < 12; ++shape_index) {
    for (unsigned size = 1; size <= 24; ++size) {
      const Shape shape{.v4 = shape_index % 2 == 0,
                        .tcp = shape_index % 4 < 2,
                        .tags = shape_index / 4,
                        .ip_extra = 0,
                        .tcp_options = shape_index % 3,
                        .payload = 60 + random() % 8};
      auto [header, frame] = build(shape, random);
      header.gso_type = gso_type_of(shape);
      header.gso_size = static_cast<std::uint16_t>(size);
      expected.push_back(transmit(header, frame, {}, 1518));
      REQUIRE(expected.back()->size() > 2);
      bench.submit(buffer_of(header, frame), Offloads{}.bits());
    }
  }
  REQUIRE(bench.finish());
  check(bench, expected);
}

TEST_CASE("64-byte frames leave at line rate: at most 10.5 cycles each, with and without checksum", "[rtl][tx]") {
  const auto with_checksum = GENERATE(false, true);
  TxPathBench bench(1);
  bench.shuffle = false;
  bench.hold_commits = true;
  Random random(2);
  for (int i = 0; i < 800; ++i) {
    auto [header, frame] = build({.payload = 60 - 54}, random);
    if (!with_checksum) header = {};
    bench.submit(buffer_of(header, frame), Offloads{}.bits());
  }
  while (!bench.placed()) bench.step();
  bench.hold_commits = false;
  REQUIRE(bench.finish());
  REQUIRE(bench.collector.frames.size() == 800);
  CHECK(static_cast<double>(bench.last_beat - bench.first_beat) / 800 <= 10.5);
}

TEST_CASE("Full segments leave at a beat a cycle but for the change of segments", "[rtl][tx]") {
  TxPathBench bench(1);
  bench.shuffle = false;
  bench.hold_commits = true;
  Random random(2);
  for (int i = 0; i < 2; ++i) {
    auto [header, frame] = build({.payload = 60000}, random);
    header.gso_type = contract::NET_HDR_GSO_TCPV4;
    header.gso_size = 1460;
    bench.submit(buffer_of(header, frame), Offloads{}.bits());
  }
  while (!bench.placed()) bench.step();
  bench.hold_commits = false;
  REQUIRE(bench.finish());
  const auto frames = static_cast<double>(bench.collector.frames.size());
  REQUIRE(frames == 84);
  CHECK(static_cast<double>(bench.last_beat - bench.first_beat) < frames * (1514.0 / 8 + 4));
}
