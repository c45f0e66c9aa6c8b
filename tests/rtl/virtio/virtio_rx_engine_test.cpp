// SPDX-License-Identifier: Apache-2.0
// Frames into pieces of buffers: header, cuts at every byte, several buffers, several queues, stops, at full pace.
#include <catch2/catch.hpp>

#include "tests/rtl/virtio/rx_engine_bench.hpp"

namespace {

using tests::virtio::Bytes;
using tests::virtio::Chain;
using tests::virtio::RxEngineBench;

Bytes frame_of(std::size_t len, unsigned seed) {
  Bytes frame(len);
  for (std::size_t k = 0; k < len; ++k) frame[k] = static_cast<std::uint8_t>(seed * 31 + k * 7 + (k >> 8));
  return frame;
}

/// Reads a delivered frame back out of its buffers: header and bytes, in the order of the used entries.
Bytes gather(const RxEngineBench& engine, const std::vector<RxEngineBench::Given>& given) {
  Bytes bytes;
  for (const auto& g : given) {
    unsigned left = g.len;
    for (const auto& piece : engine.pieces_of(g.pair, g.id)) {
      for (unsigned k = 0; k < piece.len && left > 0; ++k, --left) bytes.push_back(engine.memory.at(piece.addr + k));
    }
    REQUIRE(left == 0);
  }
  return bytes;
}

void check_frame(const RxEngineBench& engine, const std::vector<RxEngineBench::Given>& given, const Bytes& frame) {
  const Bytes bytes = gather(engine, given);
  REQUIRE(bytes.size() == frame.size() + contract::NET_HDR_BYTES);
  for (unsigned k = 0; k < contract::NET_HDR_BYTES; ++k)
    REQUIRE(bytes[k] == (k == contract::NET_HDR_NUM_BUFFERS ? given.size() : 0));
  REQUIRE(std::equal(frame.begin(), frame.end(), bytes.begin() + contract::NET_HDR_BYTES));
}

std::vector<unsigned> random_cut(std::size_t bytes, std::mt19937& random) {
  std::vector<unsigned> lens;
  std::size_t room = 0;
  while (room < bytes || random() % 4 == 0) {
    lens.push_back(1 + static_cast<unsigned>(random() % (random() % 2 == 0 ? 20 : 900)));
    room += lens.back();
  }
  return lens;
}

}  // namespace

TEST_CASE("Every cut of a buffer gives the same bytes, for every frame length", "[rtl][virtio]") {
  for (const unsigned stall : {0u, 40u}) {
    RxEngineBench engine(stall, stall);
    std::mt19937 random(1);
    std::vector<Bytes> frames;
    for (unsigned id = 0; id < 400; ++id) {
      frames.push_back(frame_of(id < 100 ? 14 + id : 14 + random() % 1505, id));
      engine.frames.push_back({0, frames.back()});
      engine.add({0, id, random_cut(frames.back().size() + 12, random)});
    }
    for (long k = 0; k < 800000 && engine.given.size() < frames.size(); ++k) engine.step();
    engine.run(2000);
    REQUIRE(engine.given.size() == frames.size());
    REQUIRE(engine.delivered == frames.size());
    REQUIRE(engine.written == frames.size());
    for (unsigned id = 0; id < frames.size(); ++id) {
      REQUIRE(engine.given[id].id == id);
      check_frame(engine, {engine.given[id]}, frames[id]);
    }
  }
}

TEST_CASE("Mergeable buffers take frames of any length, and show only together", "[rtl][virtio]") {
  for (const unsigned stall : {0u, 30u}) {
    RxEngineBench engine(stall, 7 + stall);
    engine.dut->mrg_i = 1;
    std::mt19937 random(3);
    std::vector<Bytes> frames;
    unsigned id = 0;
    std::size_t room = 0;
    std::size_t needed = 0;
    for (unsigned n = 0; n < 120; ++n) {
      frames.push_back(frame_of(14 + random() % (n % 10 == 0 ? 30000 : 3000), n));
      engine.frames.push_back({0, frames.back()});
      needed += frames.back().size() + 12 + 2100;  // a buffer's tail goes unused
    }
    while (room < needed) {
      std::vector<unsigned> lens{12 + static_cast<unsigned>(random() % 1000)};
      if (random() % 3 == 0) lens.push_back(1 + static_cast<unsigned>(random() % 1000));
      for (const unsigned len : lens) room += len;
      engine.add({0, id++, lens});
    }
    for (long k = 0; k < 3000000 && engine.delivered < frames.size(); ++k) engine.step();
    engine.run(3000);
    REQUIRE(engine.delivered == frames.size());
    std::size_t at = 0;
    unsigned next_id = 0;
    for (const Bytes& frame : frames) {
      std::vector<RxEngineBench::Given> parts;
      do {
        REQUIRE(at < engine.given.size());
        parts.push_back(engine.given[at++]);
        REQUIRE(parts.back().id == next_id++);
        REQUIRE(parts.back().written);
      } while (parts.back().more);
      // All but the last are full, and all bytes of the frame were in place before the last one was given.
      for (std::size_t k = 0; k + 1 < parts.size(); ++k)
        REQUIRE(parts[k].len == engine.bytes_of(parts[k].pair, parts[k].id));
      check_frame(engine, parts, frame);
    }
    REQUIRE(at == engine.given.size());
  }
}

TEST_CASE("A mergeable buffer that cannot hold the header goes back empty", "[rtl][virtio]") {
  RxEngineBench engine(0, 1);
  engine.dut->mrg_i = 1;
  engine.add({0, 1, {11, 2000}});
  engine.add({0, 2, {12, 2000}});
  engine.frames = {{0, frame_of(60, 1)}, {0, frame_of(61, 2)}};
  engine.run(500);
  REQUIRE(engine.too_small == 1);
  REQUIRE(engine.given.size() == 2);
  REQUIRE_FALSE(engine.given[0].written);
  REQUIRE_FALSE(engine.given[0].more);
  check_frame(engine, {engine.given[1]}, frame_of(61, 2));
}

TEST_CASE("A buffer that is too small costs the frame and serves the next one", "[rtl][virtio]") {
  RxEngineBench engine(0, 1);
  engine.add({0, 1, {50, 50}});
  engine.frames = {{0, frame_of(89, 1)}, {0, frame_of(1500, 2)}, {0, frame_of(88, 3)}};
  engine.run(500);
  REQUIRE(engine.too_small == 2);
  REQUIRE(engine.given.size() == 1);
  check_frame(engine, {engine.given[0]}, frame_of(88, 3));
}

TEST_CASE("Frames of a lone queue wait while there is no buffer", "[rtl][virtio]") {
  RxEngineBench engine(0, 1);
  engine.frames = {{0, frame_of(60, 1)}};
  engine.run(10000);
  REQUIRE(engine.frames.size() == 1);
  engine.add({0, 3, {1530}});
  engine.run(100);
  REQUIRE(engine.given.size() == 1);
}

TEST_CASE("A queue without buffers does not stand in the way of another", "[rtl][virtio]") {
  RxEngineBench engine(0, 1);
  engine.dut->enabled_i = 0b11;
  for (unsigned n = 0; n < 20; ++n) engine.frames.push_back({n % 2, frame_of(60, n)});
  for (unsigned id = 0; id < 10; ++id) engine.add({1, id, {1530}});
  engine.run(4000);
  REQUIRE(engine.delivered == 10);
  REQUIRE(engine.no_buffer == 10);
  // With buffers it is served again.
  engine.add({0, 1, {1530}});
  engine.run(10);
  engine.frames.push_back({0, frame_of(60, 99)});
  engine.run(100);
  REQUIRE(engine.delivered == 11);
}

TEST_CASE("Frames for queues that are not enabled, or stopped, are dropped under their reason", "[rtl][virtio]") {
  RxEngineBench engine(0, 1);
  engine.dut->enabled_i = 0b101;
  engine.dut->stop_i = 0b100;
  for (unsigned id = 0; id < 4; ++id) {
    engine.add({0, id, {1530}});
    engine.add({1, id, {1530}});
    engine.add({2, id, {1530}});
  }
  for (unsigned n = 0; n < 12; ++n) engine.frames.push_back({n % 3, frame_of(60, n)});
  engine.run(1000);
  REQUIRE(engine.delivered == 4);
  REQUIRE(engine.not_ready == 4);
  REQUIRE(engine.reset == 4);
}

TEST_CASE("A large frame from before a reset is not for a driver that takes none", "[rtl][virtio]") {
  RxEngineBench engine(0, 1);
  const bool takes = GENERATE(false, true);
  const bool large = GENERATE(false, true);
  engine.dut->large_i = takes;
  tests::virtio::set_bits(engine.dut->meta_i, 64, 8, large ? contract::NET_HDR_GSO_TCPV4 : contract::NET_HDR_GSO_NONE);
  for (unsigned id = 0; id < 3; ++id) {
    engine.add({0, id, {1530}});
    engine.frames.push_back({0, frame_of(1000, id)});
  }
  engine.run(2000);
  REQUIRE(engine.frames.empty());
  REQUIRE(engine.reset == (large && !takes ? 3 : 0));
  REQUIRE(engine.delivered == 3 - engine.reset);
}

TEST_CASE("A queue that is stopped at any cycle comes to rest and the others go on", "[rtl][virtio]") {
  for (unsigned cycle = 0; cycle < 400; cycle += 3) {
    INFO("stopped at cycle " << cycle);
    RxEngineBench engine(20, cycle);
    engine.dut->mrg_i = 1;
    engine.dut->enabled_i = 0b11;
    for (unsigned id = 0; id < 100; ++id) engine.add({id % 2, id, {300}});
    for (unsigned n = 0; n < 16; ++n) engine.frames.push_back({n % 2, frame_of(1000, n)});
    engine.run(cycle);
    engine.dut->stop_i = 0b01;
    engine.run(300);
    engine.dut->query_pair_i = 0;
    engine.run(5);
    REQUIRE(engine.dut->query_quiet_o == 1);
    const auto before = engine.memory_writes;
    engine.forbidden = 0;
    engine.run(6000);
    REQUIRE(engine.frames.empty());
    REQUIRE(engine.delivered + engine.reset == 16);
    REQUIRE((engine.memory_writes > before || cycle > 100));
  }
}

TEST_CASE("Minimum frames pass at line rate: within 16.8 cycles each at 250 MHz", "[rtl][virtio]") {
  for (const unsigned pairs : {1u, 8u}) {
    RxEngineBench engine(0, 1);
    engine.dut->enabled_i = static_cast<std::uint8_t>((1u << pairs) - 1);
    for (unsigned id = 0; id < 100; ++id) {
      engine.frames.push_back({id % pairs, frame_of(60, id)});
      engine.add({id % pairs, id, {1530}});
    }
    long cycles = 0;
    while (engine.given.size() < 100) {
      engine.step();
      REQUIRE(++cycles < 1680);
    }
    WARN("cycles a frame, " << pairs << " pairs: " << static_cast<double>(cycles) / 100);
  }
}
