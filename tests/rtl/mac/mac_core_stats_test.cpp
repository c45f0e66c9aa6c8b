// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/mac/mac_core_bench.hpp"

using namespace tests;
using namespace contract;

TEST_CASE("The statistics add up for every kind of frame, and each is counted once", "[rtl][mac]") {
  MacBench mac;
  Random random(4);
  XgmiiWriter line;
  line.idle(32);
  std::uint64_t kinds[MACSTAT_RX_COUNT] = {}, octets = 0, good_octets = 0;
  const unsigned bounds[] = {64, 127, 255, 511, 1023, 1518, 9220};
  const auto size = [&](std::size_t length) {
    octets += length;
    if (length < 64) return;
    unsigned bucket = MACSTAT_RX_64;
    while (length > bounds[bucket - MACSTAT_RX_64]) ++bucket;
    ++kinds[bucket];
  };
  for (int i = 0; i < 1200; ++i) {
    const unsigned edge = bounds[random() % 6] - 4;
    Bytes body = random_frame(random, random() % 2 == 0 ? 60 + random() % 100 : std::min(1518U, edge + random() % 2));
    const unsigned dice = random() % 12;
    body[0] = static_cast<std::uint8_t>(body[0] & 0xFEU);
    unsigned cast = MACSTAT_RX_UNICAST;
    if (dice == 0) std::fill_n(body.begin(), 6, std::uint8_t{0xFF}), cast = MACSTAT_RX_BROADCAST;
    if (dice == 1) body[0] |= 1U, cast = MACSTAT_RX_MULTICAST;
    Bytes whole;
    unsigned kind = MACSTAT_RX_GOOD;
    if (dice == 10) std::fill_n(body.begin(), 5, std::uint8_t{0xFF}), body[5] = 0x7F, cast = MACSTAT_RX_MULTICAST;
    whole = with_fcs(body);
    if (dice == 2) whole[random() % whole.size()] ^= 4, kind = MACSTAT_RX_CRC_ERROR;
    if (dice == 3 || dice == 4) whole = with_fcs(random_frame(random, 10 + random() % 49)), kind = MACSTAT_RX_UNDERSIZE;
    if (dice == 4) whole[3] ^= 1, kind = MACSTAT_RX_FRAGMENT;
    if (dice == 5 || dice == 6)
      whole = with_fcs(random_frame(random, 1523 + random() % 600)), kind = MACSTAT_RX_OVERSIZE;
    if (dice == 6) whole[random() % whole.size()] ^= 1, kind = MACSTAT_RX_JABBER;
    if (dice == 7) {
      line.put(kStart), line.bytes({0x55, 0x55, 0x66, 0x55, 0x55, 0x55, 0xD5}), line.bytes(whole), line.terminate();
      kind = MACSTAT_RX_BAD_PREAMBLE;
    } else if (dice == 8 || (dice == 9 && !kGmii)) {
      const std::size_t at = 8 * (random() % 7);
      line.head(), line.bytes({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at)});
      line.put(dice == 8 ? kError : Character{0x9C, true}), line.terminate();
      kind = dice == 8 ? MACSTAT_RX_CODE_ERROR : MACSTAT_RX_TRUNCATED;
      size(at);
    } else if (dice == 11) {  // cut as oversize, broken behind that
      whole = random_frame(random, 1600 + 8 * (random() % 20));
      line.head(), line.bytes(whole), line.put(kError), line.terminate();
      kind = MACSTAT_RX_JABBER;
      size(whole.size());
    } else {
      line.frame(whole);
      size(whole.size());
    }
    ++kinds[kind];
    if (kind == MACSTAT_RX_GOOD) ++kinds[cast], good_octets += whole.size();
    line.gap(12);
  }
  mac.bring(line);
  while (!mac.all_brought()) mac.run(kUs);
  mac.run(10 * kFrameTime);
  kinds[MACSTAT_RX_OCTETS] = octets;
  kinds[MACSTAT_RX_GOOD_OCTETS] = good_octets;
  for (unsigned k = 0; k < MACSTAT_RX_COUNT; ++k) {
    INFO(kMacRxStatNames[k]);
    CHECK(mac.stat(k) == kinds[k]);
  }
  std::size_t by_verdict = 0;
  for (const Frame& frame : mac.received.frames) by_verdict += frame.err != FRAME_OK ? 1U : 0U;
  REQUIRE(mac.received.frames.size() == 1200);
  REQUIRE(by_verdict == 1200 - kinds[MACSTAT_RX_GOOD]);
}

TEST_CASE("What leaves is counted by size, address and octets", "[rtl][mac]") {
  MacBench mac;
  Random random(5);
  std::uint64_t octets = 0, casts[3] = {}, sizes[7] = {};
  const unsigned bounds[] = {64, 127, 255, 511, 1023, 1518, 9220};
  for (int i = 0; i < 300; ++i) {
    Bytes frame = random_frame(random, 14 + random() % 1504);
    const unsigned cast = random() % 3;
    frame[0] = static_cast<std::uint8_t>(cast == 1 ? frame[0] | 1U : frame[0] & 0xFEU);
    if (cast == 2) std::fill_n(frame.begin(), 6, std::uint8_t{0xFF});
    ++casts[cast];
    const std::size_t length = padded(frame).size() + 4;
    octets += length;
    unsigned bucket = 0;
    while (length > bounds[bucket]) ++bucket;
    ++sizes[bucket];
    mac.send(frame);
  }
  while (mac.sent < 300) mac.run(kUs);
  mac.starve(Bytes(200, 2));
  while (mac.underrun == 0) mac.run(kUs);
  mac.run(10 * kFrameTime);
  REQUIRE(mac.tx_stat(MACSTAT_TX_UNDERRUN) == 1);
  REQUIRE(mac.tx_stat(MACSTAT_TX_GOOD) == 300);
  REQUIRE(mac.tx_stat(MACSTAT_TX_OCTETS) > octets);
  REQUIRE(mac.tx_stat(MACSTAT_TX_OCTETS) < octets + 204);
  REQUIRE(mac.tx_stat(MACSTAT_TX_GOOD_OCTETS) == octets);
  for (unsigned k = 0; k < 3; ++k) REQUIRE(mac.tx_stat(MACSTAT_TX_UNICAST + k) == casts[k]);
  ++sizes[1];  // what left of the frame that was starved
  for (unsigned k = 0; k < 7; ++k) REQUIRE(mac.tx_stat(MACSTAT_TX_64 + k) == sizes[k]);
}
