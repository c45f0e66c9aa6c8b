// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "tests/rtl/mac/mac_core_bench.hpp"

using namespace tests;
using namespace contract;

TEST_CASE("In loopback of the wire every frame comes back, the clocks a little apart or not", "[rtl][mac]") {
  const auto rx_period = GENERATE(6400, 6398, 6402);
  MacBench mac(rx_period);
  Random random(6);
  mac.write(MACREG_MAX_FRAME, 9220);
  mac.write(MACREG_CONTROL, MAC_CONTROL_LOOP_WIRE);
  mac.run(2 * kUs);
  std::vector<Bytes> frames(kGmii ? 150 : 900);
  for (Bytes& frame : frames) {
    frame = random_frame(random, random() % 100 == 0 ? 9216 : 60 + random() % 300);
    mac.send(frame);
  }
  mac.bring(line_of({Bytes(100, 9), Bytes(100, 9)}));
  while (!mac.all_sent()) mac.run(kUs);
  mac.run(200 * kFrameTime);
  REQUIRE(mac.sent == frames.size());
  REQUIRE(mac.reader.frames.empty());  // the wire rests
  REQUIRE(mac.received.frames.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    INFO(i << " of " << frames[i].size());
    REQUIRE(mac.received.frames[i].err == FRAME_OK);
    REQUIRE(mac.received.frames[i].bytes == frames[i]);
  }
  mac.write(MACREG_CONTROL, 0);
  mac.run(2 * kUs);
  mac.send(frames[0]);
  hear(mac, {frames[1]});
  mac.run(100 * kFrameTime);
  REQUIRE(mac.received.frames.back().bytes == frames[1]);
  REQUIRE(mac.reader.frames.back().bytes == frames[0]);
}

TEST_CASE("Loopback at the host's edge, switched under traffic of both sides, breaks no frame", "[rtl][mac]") {
  MacBench mac;
  Random random(7);
  std::vector<Bytes> out, in;
  std::size_t turns = 0;
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 10; ++i) {
      out.push_back(random_frame(random, 60 + random() % 300));
      in.push_back(random_frame(random, 60 + random() % 300));
      out.back()[0] = 0x02, in.back()[0] = 0x04;
      mac.send(out.back());
    }
    mac.bring(line_of({in.end() - 10, in.end()}));
    mac.run(static_cast<std::int64_t>(random() % 20) * kFrameTime / 10);
    mac.write(MACREG_CONTROL, ++turns % 2 == 0 ? 0 : MAC_CONTROL_LOOP_HOST);
  }
  while (!mac.all_sent() || !mac.all_brought()) mac.run(kUs);
  mac.run(20 * kFrameTime);
  std::size_t from_wire = 0, looped = 0, at_in = 0, at_out = 0;
  for (const Frame& frame : mac.received.frames) {
    REQUIRE(frame.err == FRAME_OK);
    const bool own = frame.bytes[0] == 0x02;
    const std::vector<Bytes>& all = own ? out : in;
    std::size_t& at = own ? at_out : at_in;
    while (at < all.size() && all[at] != frame.bytes) ++at;
    REQUIRE(at < all.size());
    ++(own ? looped : from_wire);
  }
  REQUIRE(looped > 10);
  REQUIRE(from_wire > 10);
  REQUIRE(mac.lost == 0);
  REQUIRE(mac.underrun == 0);
  REQUIRE(mac.sent == out.size());
  REQUIRE(looped + mac.reader.frames.size() == out.size());
}
