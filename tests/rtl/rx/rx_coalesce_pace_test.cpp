// SPDX-License-Identifier: Apache-2.0
// Receive coalescing and time: what never waits, what keeps up with the wire, what a full packet buffer does.
#include <catch2/catch.hpp>

#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/rx/coalesce_bench.hpp"
#include "tests/rtl/rx/packet_maker.hpp"

using namespace tests;
using namespace tests::rx;
using namespace contract;

namespace {

constexpr int kLatency = 14;

/// The segments that a frame was made of.
std::size_t segments_in(const Seen& s) {
  if (s.meta.gso_type == NET_HDR_GSO_NONE) return 1;
  return (s.bytes.size() - s.meta.hdr_len + s.meta.gso_size - 1) / s.meta.gso_size;
}

}  // namespace

TEST_CASE("What cannot be held passes without a cycle of delay while nothing is inside", "[rtl][rx]") {
  Coalesce dut;
  Flow flow{.number = 1};
  Random random(1);
  const std::vector<Bytes> frames = {padded(segment(flow, {}, kAck)), segment(flow, Bytes(100, 1), kAck | kPsh),
                                     segment(flow, Bytes(1000, 2), kAck | kFin), padded(random_frame(random, 1400)),
                                     padded(random_frame(random, 60))};
  for (std::size_t i = 0; i < frames.size(); ++i) {
    dut.send(frames[i]);
    dut.idle(kLatency);
    REQUIRE(dut.seen.size() == i + 1);
    REQUIRE(dut.seen.back().bytes == frames[i]);
  }
  dut.send(frames[1], FRAME_BAD_FCS);
  dut.idle(kLatency);
  REQUIRE(dut.seen.back().err == FRAME_BAD_FCS);
  // A frame that is held is not seen twice.
  dut.send(segment(flow, Bytes(100, 3), kAck));
  dut.idle(kLatency);
  REQUIRE(dut.seen.size() == frames.size() + 1);
  dut.drain();
  REQUIRE(dut.seen.size() == frames.size() + 2);
  // And then the way is free again.
  dut.send(frames[3]);
  dut.idle(kLatency);
  REQUIRE(dut.seen.size() == frames.size() + 3);
}

TEST_CASE("The shortest frames keep the wire's pace beside flows that are held", "[rtl][rx]") {
  Coalesce dut;
  Flow flow{.number = 1};
  Random random(2);
  std::size_t sent = 0;
  for (int i = 0; i < 4000; ++i, ++sent) {
    dut.send(i % 3 == 0 ? padded(segment(flow, Bytes(6, 1), kAck)) : random_frame(random, 60));
    dut.idle(i % 5 == 0 ? 8 : 9);  // 16.8 cycles a frame
  }
  dut.drain();
  REQUIRE(dut.lost == 0);
  REQUIRE(dut.seen.size() + dut.merged == sent);
  REQUIRE(dut.merged > 1000);
}

TEST_CASE("More flows than contexts push each other out and lose nothing", "[rtl][rx]") {
  Coalesce dut;
  dut.hold(900);
  std::vector<Flow> flows;
  for (unsigned i = 0; i < 6; ++i) flows.push_back({.ip6 = i % 2 == 1, .number = i});
  std::size_t segments = 0;
  for (int i = 0; i < 60; ++i) dut.send(segment(flows[static_cast<std::size_t>(i) % 6], Bytes(200, 1), kAck));
  dut.idle(2000);
  REQUIRE(dut.seen.size() == 56);  // in turn: each found its context taken
  for (int i = 0; i < 60; ++i) dut.send(segment(flows[static_cast<std::size_t>(i) / 10], Bytes(200, 1), kAck));
  dut.idle(240000);
  for (const Seen& s : dut.seen) segments += segments_in(s);
  REQUIRE(segments == 120);
  REQUIRE(dut.merged == 120 - dut.seen.size());
  REQUIRE(dut.merged >= 54);
}

TEST_CASE("A frame waits for room in the packet buffer, and then for the whole of it", "[rtl][rx]") {
  Coalesce dut;
  Flow flow{.number = 1};
  for (int i = 0; i < 4; ++i) dut.send(segment(flow, Bytes(1000, 1), i == 3 ? kAck | kPsh : kAck));
  const unsigned need = 4054 / kBytes + 1 + 8;  // the frame, and what may be on its way
  dut.room(need - 1);
  dut.idle(3000);
  REQUIRE(dut.seen.empty());
  dut.room(need);
  dut.idle(700);
  REQUIRE(dut.seen.size() == 1);
  REQUIRE(segments_in(dut.seen[0]) == 4);
}

TEST_CASE("While the packet buffer is full frames are lost one by one, and each is counted", "[rtl][rx]") {
  const bool tcp = GENERATE(false, true);
  Coalesce dut;
  Flow first{.number = 1};
  Flow flow{.number = 2};
  Random random(3);
  dut.room(0);
  dut.send(segment(first, Bytes(100, 1), kAck));
  std::size_t sent = 1;
  for (int i = 0; i < 400; ++i, ++sent) {
    dut.send(tcp ? segment(flow, Bytes(1000, 1), kAck) : random_frame(random, 700));
    dut.idle(60);
  }
  REQUIRE(dut.seen.empty());
  REQUIRE(dut.lost > 200);
  dut.room(8192);
  dut.drain();
  std::size_t came = 0;
  for (const Seen& s : dut.seen) came += segments_in(s);
  REQUIRE(came + dut.lost == sent);
  REQUIRE(dut.seen.size() + dut.merged == came);
  // Nothing is stuck: what comes now passes as ever.
  const auto before = dut.seen.size();
  dut.send(random_frame(random, 500));
  dut.idle(kLatency);
  REQUIRE(dut.seen.size() == before + 1);
}

TEST_CASE("When the driver takes its word back, what is held leaves at once", "[rtl][rx]") {
  Coalesce dut;
  dut.hold(1000);
  Flow flow{.number = 1};
  for (int i = 0; i < 3; ++i) dut.send(segment(flow, Bytes(100, 1), kAck));
  dut.idle(2000);
  REQUIRE(dut.seen.empty());
  SECTION("by a reset") {
    dut.offload(0);
  }
  SECTION("by the control window") {
    dut.hold(0);
  }
  dut.idle(100);
  REQUIRE(dut.seen.size() == 1);
  dut.send(segment(flow, Bytes(100, 1), kAck));
  dut.idle(kLatency);
  REQUIRE(dut.seen.size() == 2);
}
