// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <set>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/mac/mac_core_bench.hpp"
#include "tests/rtl/mac/pause_frame.hpp"

using namespace tests;
using namespace contract;

TEST_CASE("The registers read as they were reset and as they were written, within bounds", "[rtl][mac]") {
  MacBench mac;
  REQUIRE(mac.read(MACREG_CONTROL) == MAC_CONTROL_RESET);
  REQUIRE(mac.read(MACREG_MAX_FRAME) == MAX_FRAME_RESET);
  REQUIRE(mac.read(MACREG_WATCHDOG) == MAC_WATCHDOG_RESET);
  REQUIRE(mac.read(MACREG_PAUSE_QUANTA) == MAC_QUANTA_RESET);
  REQUIRE(mac.read(MACREG_XOFF_LEVEL) == MAC_XOFF_RESET);
  REQUIRE(mac.read(MACREG_XON_LEVEL) == MAC_XON_RESET);
  REQUIRE(mac.read(MACREG_PFC_CLASSES) == MAC_PFC_CLASSES_RESET);
  REQUIRE(mac.read(MACREG_STATUS) == MAC_STATUS_LINK_UP);
  REQUIRE(mac.read(0xFFC) == 0);
  struct Case {
    unsigned reg;
    std::uint32_t written, read;
  };
  const Case cases[] = {{MACREG_CONTROL, 0xFFFFFFFF, 0x3F},
                        {MACREG_CONTROL, 0, 0},
                        {MACREG_MAX_FRAME, 9220, 9220},
                        {MACREG_MAX_FRAME, 9221, 9220},
                        {MACREG_MAX_FRAME, 0x80000000, 9220},
                        {MACREG_MAX_FRAME, 89, 90},
                        {MACREG_WATCHDOG, 0x12345678, 0x12345678},
                        {MACREG_PAUSE_QUANTA, 0x1ABCD, 0xABCD},
                        {MACREG_XOFF_LEVEL, 0x3FFFF, 0x3FFFF},
                        {MACREG_XON_LEVEL, 5, 5},
                        {MACREG_PFC_CLASSES, 0x1A5, 0xA5},
                        {MACREG_STATUS, 0, MAC_STATUS_LINK_UP}};
  for (const Case& c : cases) {
    mac.write(c.reg, c.written);
    REQUIRE(mac.read(c.reg) == c.read);
  }
}

TEST_CASE("The frame limit follows the strapped MTU", "[rtl][mac]") {
  const std::pair<std::uint16_t, unsigned> cases[] = {{0, MAX_FRAME_MIN}, {68, 90},     {9000, 9022},
                                                      {9198, 9220},       {9199, 9220}, {65535, 9220}};
  for (const auto& [mtu, limit] : cases) {
    MacBench mac(6400, 6400, mtu);
    REQUIRE(mac.read(MACREG_MAX_FRAME) == limit);
    REQUIRE(mac->max_frame_o == limit);
    Random random(mtu);
    const Bytes longest = random_frame(random, limit - 4), longer = random_frame(random, limit - 3);
    hear(mac, {longest, longer});
    REQUIRE(mac.received.frames.size() == 2);
    REQUIRE(mac.received.frames[0] == Frame{longest, FRAME_OK});
    REQUIRE(mac.received.frames[1].err == FRAME_OVERSIZE);
  }
}

TEST_CASE("Frames up to 9216 bytes pass both ways when the limit says so", "[rtl][mac]") {
  MacBench mac;
  Random random(1);
  const Bytes jumbo = random_frame(random, 9216), tagged = [&] {
    Bytes frame = random_frame(random, 1522);
    const Bytes tags{0x88, 0xA8, 0, 1, 0x81, 0};
    std::copy(tags.begin(), tags.end(), frame.begin() + 12);
    return frame;
  }();
  Bytes other = tagged;
  other[16] = 0x88, other[17] = 0xA8;  // the second tag is not one of the customer's
  hear(mac, {jumbo, tagged, other});
  REQUIRE(mac.received.frames.size() == 3);
  REQUIRE(mac.received.frames[2].err == FRAME_OVERSIZE);
  REQUIRE(mac.received.frames[0].err == FRAME_OVERSIZE);
  REQUIRE(mac.received.frames[1] == Frame{tagged, FRAME_OK});
  mac.write(MACREG_MAX_FRAME, 9220);
  mac.send(jumbo);
  mac.send(random_frame(random, 60));
  hear(mac, {jumbo, Bytes(9217, 1), jumbo});
  REQUIRE(mac.received.frames.size() == 6);
  REQUIRE(mac.received.frames[3] == Frame{jumbo, FRAME_OK});
  REQUIRE(mac.received.frames[4].err == FRAME_OVERSIZE);
  REQUIRE(mac.received.frames[5] == Frame{jumbo, FRAME_OK});
  mac.run(10 * kFrameTime);
  REQUIRE(mac.sent == 2);
  REQUIRE(mac.reader.frames[0].bytes == jumbo);
  REQUIRE(mac.stat(MACSTAT_RX_OVERSIZE) == 3);
  REQUIRE(mac.stat(MACSTAT_RX_JABBER) == 0);
  REQUIRE(mac.tx_stat(MACSTAT_TX_ABOVE_1518) == 1);
  // near the end the second tag has no 4 bytes more
  mac.write(MACREG_MAX_FRAME, 9218);
  mac.run(kUs);
  Bytes longest = jumbo, longer = random_frame(random, 9217);
  std::copy(tagged.begin() + 12, tagged.begin() + 18, longest.begin() + 12);
  std::copy(tagged.begin() + 12, tagged.begin() + 18, longer.begin() + 12);
  hear(mac, {longest, longer});
  REQUIRE(mac.received.frames.size() == 8);
  REQUIRE(mac.received.frames[6] == Frame{longest, FRAME_OK});
  REQUIRE(mac.received.frames[7].err == FRAME_OVERSIZE);
}

TEST_CASE("A frame under way at a reset is no frame, and the next one is", "[rtl][mac]") {
  MacBench mac;
  mac.bring(line_of({Bytes(kGmii ? 600 : 5000, 0x33), Bytes(80, 0x11)}));
  mac.run(4 * kFrameTime);
  mac.reset();
  mac.received = {};
  REQUIRE_FALSE(mac.all_brought());
  while (!mac.all_brought()) mac.run(kUs);
  mac.run(kFrameTime);
  REQUIRE(mac.received.frames == std::vector<Frame>{{Bytes(80, 0x11), FRAME_OK}});
  REQUIRE(mac.stat(MACSTAT_RX_GOOD) == 1);
  REQUIRE(mac.stat(MACSTAT_RX_BAD_PREAMBLE) == 0);
}

#ifdef MAC_GMII
TEST_CASE("A false carrier is one, however long it lasts; RX_ER that tells something else is none", "[rtl][mac]") {
  MacBench mac;
  constexpr LineWord kError = 0x200;
  mac.bring({0, kError | 0x0E, kError | 0x0E, kError | 0x0E, 0, kError | 0x0F, kError | 0x0F, 0, kError | 0x0E, 0});
  while (!mac.all_brought()) mac.run(kUs);
  mac.run(kUs);
  REQUIRE(mac.stat(MACSTAT_RX_FALSE_START) == 2);
  REQUIRE(mac.received.frames.empty());
}
#endif

TEST_CASE("A pause holds frames back, between frames only, and ends in time or by XON", "[rtl][mac]") {
  MacBench mac;
  for (const bool xon : {false, true}) {
    hear(mac, {pause_frame(xon ? 60000 : 40)});
    const std::size_t before = mac.reader.frames.size();
    for (int i = 0; i < 3; ++i) mac.send(Bytes(100, 7));
    mac.run(20 * kQuantumTime);
    REQUIRE(mac.reader.frames.size() == before);
    REQUIRE((mac.read(MACREG_STATUS) & MAC_STATUS_PAUSED) != 0);
    if (xon) hear(mac, {pause_frame(0)});
    mac.run((xon ? 0 : 30 * kQuantumTime) + 10 * kFrameTime);
    REQUIRE(mac.reader.frames.size() == before + 3);
    REQUIRE((mac.read(MACREG_STATUS) & MAC_STATUS_PAUSED) == 0);
  }
  REQUIRE(mac.received.frames.empty());
  REQUIRE(mac.stat(MACSTAT_RX_PAUSE) == 3);
  REQUIRE(mac.control == 3);
  hear(mac, {pfc_frame(0xFF, std::vector<unsigned>(8, 60000))});  // not switched on
  REQUIRE(mac.stat(MACSTAT_RX_CONTROL_UNSUPPORTED) == 1);
  REQUIRE(mac.control == 4);
  REQUIRE(mac.sent == 6);
  // switched off, pause frames are frames
  mac.write(MACREG_CONTROL, 0);
  hear(mac, {pause_frame(60000)});
  mac.send(Bytes(100, 7));
  mac.run(10 * kFrameTime);
  REQUIRE(mac.received.frames.size() == 1);
  REQUIRE(mac.reader.frames.size() == 7);
}

TEST_CASE("Priority pause holds its classes alone", "[rtl][mac]") {
  MacBench mac;
  mac.write(MACREG_CONTROL, MAC_CONTROL_RX_PAUSE | MAC_CONTROL_RX_PFC);
  mac.run(kUs);
  hear(mac, {pfc_frame(0x24, std::vector<unsigned>(8, 60000))});
  REQUIRE(mac->class_paused_o == 0x24);
  REQUIRE(mac.read(MACREG_STATUS) == (MAC_STATUS_LINK_UP | 0x2400U));
  mac.send(Bytes(100, 7));
  mac.run(10 * kFrameTime);
  REQUIRE(mac.sent == 1);
  hear(mac, {pfc_frame(0x04, std::vector<unsigned>(8, 0))});
  REQUIRE(mac->class_paused_o == 0x20);
  REQUIRE(mac.stat(MACSTAT_RX_PFC) == 2);
}

TEST_CASE("A pause storm is ignored after the watchdog's time and counted", "[rtl][mac]") {
  MacBench mac;
  mac.write(MACREG_WATCHDOG, 100);
  mac.run(kUs);
  mac.send(Bytes(100, 7));
  mac.run(10 * kFrameTime);
  for (int i = 0; i < 40; ++i) {
    hear(mac, {pause_frame(50)});
    mac.send(Bytes(100, 7));
    mac.run(4 * kQuantumTime);
    if (i == 3) REQUIRE(mac.sent == 1);
  }
  REQUIRE(mac.sent > 5);
  REQUIRE(mac.tx_stat(MACSTAT_TX_PAUSE_STORM) == 1);
  REQUIRE(mac.stat(MACSTAT_RX_PAUSE) == 40);
}

TEST_CASE("A filling buffer sends XOFF, again in time, and XON when it has drained", "[rtl][mac]") {
  const auto pfc = GENERATE(false, true);
  MacBench mac;
  mac.write(MACREG_CONTROL, pfc ? MAC_CONTROL_TX_PFC : MAC_CONTROL_TX_PAUSE);
  mac.write(MACREG_PAUSE_QUANTA, 400);
  mac.write(MACREG_PFC_CLASSES, 0x81);
  mac.write(MACREG_XOFF_LEVEL, 1000);
  mac.write(MACREG_XON_LEVEL, 500);
  mac.run(kUs);
  const auto level = [&](unsigned bytes) {
    mac->rx_level_i = bytes;
    mac.run(3 * kFrameTime);
  };
  level(999);
  REQUIRE(mac.reader.frames.empty());
  level(1000);
  REQUIRE(mac.reader.frames.size() == 1);
  level(501);
  REQUIRE(mac.reader.frames.size() == 1);
  mac.run(900 * kQuantumTime);  // told every 200 quanta
  REQUIRE(mac.reader.frames.size() >= 4);
  REQUIRE(mac.reader.frames.size() <= 6);
  const std::size_t told = mac.reader.frames.size();
  level(500);
  REQUIRE(mac.reader.frames.size() == told + 1);
  mac.run(900 * kQuantumTime);
  REQUIRE(mac.reader.frames.size() == told + 1);
  for (std::size_t i = 0; i <= told; ++i) {
    const unsigned q = i < told ? 400 : 0;
    Bytes expected = pfc ? pfc_frame(0x81, {q, 0, 0, 0, 0, 0, 0, q}) : pause_frame(q);
    const Bytes station{0x02, 0x02, 0x03, 0x04, 0x05, 0x06};
    std::copy(station.begin(), station.end(), expected.begin() + 6);
    REQUIRE(mac.reader.frames[i].bytes == expected);
  }
  REQUIRE(mac.tx_stat(pfc ? MACSTAT_TX_PFC : MACSTAT_TX_PAUSE) == told + 1);
  REQUIRE(mac.sent == 0);  // none of the core's
}

TEST_CASE("Pause frames go between the core's frames and past a pause of the other side", "[rtl][mac]") {
  MacBench mac;
  Random random(3);
  mac.write(MACREG_CONTROL, MAC_CONTROL_TX_PAUSE | MAC_CONTROL_RX_PAUSE);
  mac.run(kUs);
  std::vector<Bytes> frames(60);
  for (Bytes& frame : frames) {
    frame = random_frame(random, 60 + random() % 200);
    frame[0] = 0x02;
    mac.send(frame);
  }
  for (int i = 0; i < 12; ++i) {
    mac->rx_level_i = i % 2 == 0 ? 0x3FFFF : 0;
    mac.run(4 * kFrameTime);
  }
  while (!mac.all_sent()) mac.run(kUs);
  mac.run(60 * kFrameTime);
  std::size_t next = 0, pauses = 0;
  for (const auto& heard : mac.reader.frames) {
    if (heard.bytes[0] == 0x01)
      ++pauses;
    else
      REQUIRE(heard.bytes == frames[next++]);
  }
  REQUIRE(next == frames.size());
  REQUIRE(pauses == 12);
  REQUIRE(mac.sent == frames.size());
  hear(mac, {pause_frame(60000)});
  mac->rx_level_i = 0x3FFFF;
  mac.run(4 * kFrameTime);
  REQUIRE(mac.reader.frames.size() == frames.size() + 13);
}

TEST_CASE("The time that a pause frame asks for may change at any moment", "[rtl][mac]") {
  MacBench mac;
  Random random(8);
  mac.write(MACREG_CONTROL, MAC_CONTROL_TX_PAUSE | MAC_CONTROL_TX_PFC);
  std::set<unsigned> times{0, MAC_QUANTA_RESET};
  for (int i = 0; i < 200; ++i) {
    mac.send(random_frame(random, 60 + random() % 40));
    mac.send(random_frame(random, 60 + random() % 40));
    mac->rx_level_i = i % 2 == 0 ? 0x3FFFF : 0;
    mac.run(static_cast<std::int64_t>(random() % 100) * kFrameTime / 100);
    times.insert(0x8000U + static_cast<unsigned>(i));
    mac.write(MACREG_PAUSE_QUANTA, 0x8000U + static_cast<unsigned>(i));
    mac.run(kFrameTime);
  }
  std::size_t pauses = 0, classes = 0;
  for (const auto& heard : mac.reader.frames) {
    if (heard.bytes[0] != 0x01 || heard.bytes[1] != 0x80) continue;
    const bool pfc = heard.bytes[14] == 1;
    ++(pfc ? classes : pauses);
    const std::size_t at = pfc ? 18 : 16;
    const unsigned time = heard.bytes[at] * 256U + heard.bytes[at + 1];
    REQUIRE(times.count(time) == 1);
    for (std::size_t k = at; k < (pfc ? 34U : 18U); k += 2) REQUIRE(heard.bytes[k] * 256U + heard.bytes[k + 1] == time);
  }
  REQUIRE(pauses > 100);
  REQUIRE(classes > 20);
}

TEST_CASE("A refresh that falls due while the pause frame waits for the wire follows it at once", "[rtl][mac]") {
  MacBench mac;
  Random random(9);
  mac.write(MACREG_CONTROL, MAC_CONTROL_TX_PAUSE);
  mac.write(MACREG_PAUSE_QUANTA, 180);
  mac.run(kUs);
  mac.send(random_frame(random, 9216));  // 144 quanta
  mac.run(20 * kQuantumTime);
  mac->rx_level_i = 0x3FFFF;  // told now, in quanta: 20; due again at 110 and 200
  mac.run(170 * kQuantumTime);
  REQUIRE(mac.reader.frames.size() == 3);
  REQUIRE(mac.reader.frames[0].bytes.size() > 9000);
  REQUIRE(mac.reader.frames[1].bytes[16] * 256U + mac.reader.frames[1].bytes[17] == 180);
  REQUIRE(mac.reader.frames[2].bytes == mac.reader.frames[1].bytes);
}

#ifndef MAC_GMII
TEST_CASE("A local fault is answered by remote fault, a remote fault by idle; frames are counted away", "[rtl][mac]") {
  MacBench mac;
  mac.write(MACREG_CONTROL, MAC_CONTROL_TX_PAUSE);
  mac.write(MACREG_PAUSE_QUANTA, 40);
  mac.run(kUs);
  std::size_t remote = 0, idle = 0, other = 0;
  mac.raw = [&](const XgmiiWord& word) {
    (word.data == 0x0200009C0200009CU && word.ctrl == 0x11 ? remote : word == XgmiiWord{} ? idle : other) += 1;
  };
  for (const unsigned kind : {1U, 2U}) {
    XgmiiWriter line;
    for (int i = 0; i < 400; ++i) line.put({0x9C, true}), line.bytes({0, 0, static_cast<std::uint8_t>(kind)});
    mac.bring(line);
    mac.run(200'000);
    REQUIRE(mac.read(MACREG_STATUS) == (kind == 1 ? MAC_STATUS_LOCAL_FAULT : MAC_STATUS_REMOTE_FAULT));
    REQUIRE(mac->link_up_o == 0);
    remote = idle = other = 0;
    for (int i = 0; i < 3; ++i) mac.send(Bytes(200, 3));
    mac->rx_level_i = 0x3FFFF;
    mac.run(700'000);
    mac->rx_level_i = 0;
    REQUIRE(other == 0);
    REQUIRE((kind == 1 ? idle : remote) == 0);
    REQUIRE((kind == 1 ? remote : idle) > 100);
    while (!mac.all_brought()) mac.run(kUs);
    mac.run(kUs);
    REQUIRE(mac.read(MACREG_STATUS) == MAC_STATUS_LINK_UP);
    REQUIRE(mac->link_up_o == 1);
  }
  REQUIRE(other == 0);
  REQUIRE(mac.fault_drops == 6);
  REQUIRE(mac.sent == 0);
  mac.send(Bytes(200, 3));
  mac.run(kUs);
  REQUIRE(mac.sent == 1);
  REQUIRE(mac.tx_stat(MACSTAT_TX_FAULT) == 6);
  REQUIRE(mac.tx_stat(MACSTAT_TX_PAUSE) == 0);  // none reached the wire
  REQUIRE(mac.tx_stat(MACSTAT_TX_GOOD) == 1);
  REQUIRE(mac.stat(MACSTAT_RX_LOCAL_FAULT) == 1);
  REQUIRE(mac.stat(MACSTAT_RX_REMOTE_FAULT) == 1);
}

TEST_CASE("A frame on its way when a fault begins leaves whole", "[rtl][mac]") {
  MacBench mac;
  mac.raw = [&](const XgmiiWord& word) {
    if (word.data != 0x0200009C0200009CU || word.ctrl != 0x11) mac.reader.word(word);
  };
  const Bytes frame(1500, 0x44);
  mac.send(frame);
  mac.run(400'000);
  XgmiiWriter line;
  for (int i = 0; i < 400; ++i) line.put({0x9C, true}), line.bytes({0, 0, 1});
  mac.bring(line);
  mac.run(3 * kUs);
  REQUIRE(mac.sent == 1);
  REQUIRE(mac.reader.frames.size() == 1);
  REQUIRE(mac.reader.frames[0].bytes == frame);
}
#endif
