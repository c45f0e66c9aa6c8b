// SPDX-License-Identifier: Apache-2.0
// Headers that no honest driver writes: nothing hangs, nothing too long leaves, what is wrong is dropped and counted.
#include <catch2/catch.hpp>

#include "tests/rtl/tx/source_builder.hpp"
#include "tests/rtl/tx/tx_path_bench.hpp"

using namespace tests;
using namespace tests::tx;

namespace {

constexpr unsigned kMaxFrame = 1518;

std::uint16_t odd_value(Random& random) {
  constexpr std::uint16_t kEdges[] = {0,    1,    2,     6,     7,     13,    14,    15,   16,  33,
                                      34,   54,   247,   248,   249,   255,   256,   511,  512, 1463,
                                      1464, 1465, 16383, 16384, 32767, 32768, 65534, 65535};
  return random() % 2 != 0 ? kEdges[random() % std::size(kEdges)] : static_cast<std::uint16_t>(random());
}

/// Breaks something, or nothing.
void spoil(NetHeader& h, Bytes& frame, Random& random) {
  switch (random() % 12) {
    case 0:
      h.flags = static_cast<std::uint8_t>(random());
      break;
    case 1:
      h.gso_type = static_cast<std::uint8_t>(random());
      break;
    case 2:
      h.gso_size = odd_value(random);
      break;
    case 3:
      h.csum_start = odd_value(random);
      break;
    case 4:
      h.csum_offset = odd_value(random);
      break;
    case 5:
      h.csum_start = static_cast<std::uint16_t>(h.csum_start + random() % 9 - 4);
      break;
    case 6:
      frame.resize(14 + random() % std::min<std::size_t>(frame.size(), 120));
      break;
    case 7:
      frame[12 + random() % 24] = static_cast<std::uint8_t>(random());
      break;
    case 8:
      frame[std::min<std::size_t>(frame.size() - 1, h.csum_start + 12U)] = static_cast<std::uint8_t>(random());
      break;
    case 9:
      h.gso_size = static_cast<std::uint16_t>(kMaxFrame - h.hdr_len - 2 + random() % 5);
      break;
    case 10:
      for (auto& byte : frame) byte = static_cast<std::uint8_t>(random());
      break;
    default:
      break;
  }
}

}  // namespace

TEST_CASE("Whatever the header says, the frames are the reference's or the source is dropped", "[rtl][tx]") {
  const auto seed = GENERATE(1U, 2U, 3U);
  TxPathBench bench(seed, kMaxFrame);
  bench.willing = 90;
  Random random(100 + seed);
  std::vector<std::optional<std::vector<Bytes>>> expected;
  std::vector<unsigned> pairs;
  long drops = 0;
  for (int i = 0; i < 3000; ++i) {
    const Shape shape = random_shape(random, 3000);
    auto [header, frame] = build(shape, random);
    if (random() % 4 != 0) header.gso_type = gso_type_of(shape);
    header.hdr_len = static_cast<std::uint16_t>(layers_of(frame)->payload);
    header.gso_size = static_cast<std::uint16_t>(1 + random() % 1500);
    if (random() % 10 == 0) header.gso_type |= contract::NET_HDR_GSO_ECN;
    for (unsigned n = random() % 3; n > 0; --n) spoil(header, frame, random);
    Offloads on;
    if (random() % 4 == 0) {
      const unsigned bits = random();
      on = {.csum = (bits & 1) != 0 || (bits & 32) != 0,
            .tso4 = (bits & 2) != 0,
            .tso6 = (bits & 4) != 0,
            .ecn = (bits & 8) != 0,
            .uso = (bits & 16) != 0};
    }
    const unsigned pair = random() % 64;
    expected.push_back(transmit(header, frame, on, kMaxFrame));
    pairs.push_back(pair);
    if (!expected.back()) ++drops;
    bench.submit(buffer_of(header, frame), on.bits(), pair);
  }
  REQUIRE(drops > 500);
  REQUIRE(drops < 2500);
  REQUIRE(bench.finish());
  std::size_t at = 0;
  long drops_of_pair[64] = {}, made_of_pair[64] = {};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("source " << i);
    if (!expected[i]) ++drops_of_pair[pairs[i]];
    if (!expected[i]) continue;
    for (const Bytes& frame : *expected[i]) {
      ++made_of_pair[pairs[i]];
      REQUIRE(at < bench.collector.frames.size());
      REQUIRE(bench.collector.frames[at++] == Frame{frame, 0});
      REQUIRE(frame.size() <= kMaxFrame);
    }
  }
  REQUIRE(at == bench.collector.frames.size());
  CHECK(bench.drops == drops);
  for (unsigned k = 0; k < 64; ++k) {
    CHECK(bench.drops_of_pair[k] == drops_of_pair[k]);
    CHECK(bench.made_of_pair[k] == made_of_pair[k]);
  }
}

TEST_CASE("Segments of one byte from the largest source end at last", "[rtl][tx]") {
  TxPathBench bench(9);
  Random random(9);
  auto [header, frame] = build({.v4 = false, .tcp = false, .payload = 20000}, random);
  header.gso_type = contract::NET_HDR_GSO_UDP_L4;
  header.gso_size = 1;
  bench.submit(buffer_of(header, frame), Offloads{}.bits());
  REQUIRE(bench.finish());
  REQUIRE(bench.collector.frames.size() == 20000);
  for (std::size_t i = 0; i < 20000; i += 997) REQUIRE(complaint(bench.collector.frames[i].bytes).empty());
}
