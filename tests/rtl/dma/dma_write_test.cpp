// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/dma/dma_write_bench.hpp"

using tests::DmaWriteBench;

TEST_CASE("Every alignment and length becomes legal write TLPs with the right bytes", "[rtl][dma]") {
  const unsigned mps = GENERATE(0u, 1u);
  const std::uint64_t base = GENERATE(0x1000ull, 0x0000'0001'2000'0000ull, 0xfff0ull);
  DmaWriteBench bench(1);
  bench.dut->mps_i = mps & 7;
  for (unsigned lane = 0; lane < 16; ++lane) {
    for (unsigned bytes = 1; bytes <= 40; ++bytes) bench.ask(0, base + lane, bytes);
    for (const unsigned bytes : {64u, 65u, 127u, 128u, 129u, 255u, 256u, 257u, 300u, 1514u}) {
      bench.ask(0, base + lane, bytes);
    }
  }
  bench.run();
  REQUIRE(bench.done[0] == 16 * 50);
  REQUIRE(bench.written_tlps == bench.tlps);
}

TEST_CASE("A write around every 128-byte and 4 KB boundary is split there and nowhere else", "[rtl][dma]") {
  const unsigned mps = GENERATE(0u, 1u);
  DmaWriteBench bench(2);
  bench.dut->mps_i = mps & 7;
  for (int before = -140; before <= 4; ++before) {
    for (const unsigned bytes : {1u, 4u, 7u, 128u, 131u, 256u, 400u}) {
      bench.ask(1, std::uint64_t{0x5000} + static_cast<std::uint64_t>(before), bytes);
      bench.ask(1, std::uint64_t{0x4f80} + static_cast<std::uint64_t>(before), bytes);
    }
  }
  bench.run();
  // inside one 4 KB page a request that fits the limit is one TLP
  bench.tlps = 0;
  bench.ask(0, 0x10e0, 128u << mps);
  bench.run();
  REQUIRE(bench.tlps == 2);  // realigned
  bench.tlps = 0;
  bench.ask(0, 0x10c0, 96);
  bench.run();
  REQUIRE(bench.tlps == (mps == 0 ? 2u : 1u));
}

TEST_CASE("The longest request crosses 4 GB and changes its header there", "[rtl][dma]") {
  DmaWriteBench bench(3);
  bench.dut->mps_i = 1;
  bench.ask(2, 0xffff'8001ull, 65535);
  bench.ask(3, 0xffff'ffff'0000'0000ull, 65535);
  bench.run();
  REQUIRE(bench.tlps == 256 + 256);
}

TEST_CASE("Six clients with random stalls are served in their order of acceptance", "[rtl][dma]") {
  for (unsigned seed = 10; seed < 16; ++seed) {
    DmaWriteBench bench(seed);
    bench.dut->mps_i = seed & 1;
    bench.data_stall = (seed % 3) * 30;
    bench.link_stall = (seed % 2) * 40;
    for (unsigned i = 0; i < 300; ++i) {
      const std::uint64_t address = (static_cast<std::uint64_t>(bench.draw(3)) << 32) + bench.draw(100000);
      bench.ask(bench.draw(6), address, 1 + bench.draw(i % 5 == 0 ? 700 : 80));
    }
    bench.run();
  }
}

TEST_CASE("No client waits for more than all others", "[rtl][dma]") {
  DmaWriteBench bench(4);
  for (unsigned i = 0; i < 50; ++i) {
    for (unsigned c = 0; c < 6; ++c) bench.ask(c, 0x1000, 16);
  }
  while (bench.done[5] < 10) bench.cycle();
  for (unsigned c = 0; c < 6; ++c) {
    REQUIRE(bench.done[c] >= 9);
    REQUIRE(bench.done[c] <= 12);
  }
  bench.run();
}

TEST_CASE("Long and short writes leave at one beat a cycle, but for one behind a one-beat TLP", "[rtl][dma]") {
  const std::uint64_t lane = GENERATE(0ull, 3ull, 4ull, 7ull);
  DmaWriteBench bench(5);
  bench.dut->mps_i = 1;
  for (unsigned i = 0; i < 20; ++i) bench.ask(i % 2, 0x10000 + lane + 4096 * i, 1024);
  for (unsigned i = 0; i < 100; ++i) bench.ask(2, 0x10000 + 64 * i, 64);
  bench.run();
  const long span = bench.last_beat_cycle - bench.first_beat_cycle + 1;
  REQUIRE(span <= bench.beats + 2 + (lane == 0 ? 0 : 20));
}

TEST_CASE("With the bus master off writes are consumed, counted and still done", "[rtl][dma]") {
  DmaWriteBench bench(6);
  bench.dut->bus_master_en_i = 0;
  bench.ask(0, 0x1000, 1000);
  bench.ask(4, 0x1003, 3);
  bench.run();
  REQUIRE(bench.tlps == 0);
  REQUIRE(bench.discarded_tlps == 9);
  REQUIRE(bench.done[0] == 1);
  REQUIRE(bench.done[4] == 1);
  bench.expected.clear();
  bench.dut->bus_master_en_i = 1;
  bench.ask(0, 0x1005, 77);
  bench.run();
  REQUIRE(bench.done[0] == 2);
}

TEST_CASE("Bus master off in the middle of a request ends it at a TLP boundary", "[rtl][dma]") {
  for (unsigned after = 5; after < 60; after += 3) {
    DmaWriteBench bench(7);
    bench.ask(0, 0x1000, 1024);
    for (unsigned i = 0; i < after; ++i) bench.cycle();
    bench.dut->bus_master_en_i = 0;
    bench.run();
    REQUIRE(bench.written_tlps + bench.discarded_tlps == 8);
    REQUIRE(bench.written_tlps == bench.tlps);
    REQUIRE(bench.done[0] == 1);
  }
}

TEST_CASE("What the link drops is counted as discarded, once, and still done", "[rtl][dma]") {
  DmaWriteBench bench(9);
  bench.link_stall = 40;
  bench.link_drops = true;
  bench.ask(0, 0x1000, 1000);
  bench.ask(4, 0x1003, 3);
  bench.run(2000);
  REQUIRE(bench.written_tlps == 0);
  REQUIRE(bench.discarded_tlps == 9);
  REQUIRE(bench.done[0] == 1);
  REQUIRE(bench.done[4] == 1);
  bench.expected.clear();
  bench.link_drops = false;
  bench.ask(0, 0x1005, 77);
  bench.run();
  REQUIRE(bench.written_tlps == 1);
  REQUIRE(bench.discarded_tlps == 9);
}

TEST_CASE("A gated client is not accepted, finishes what it has, and busy says so", "[rtl][dma]") {
  DmaWriteBench bench(8);
  bench.ask(0, 0x1000, 500);
  bench.cycle();
  bench.cycle();
  bench.dut.settle();
  REQUIRE(bench.dut->busy_o == 1);
  bench.dut->gate_i = 1;
  bench.ask(0, 0x2000, 20);
  bench.ask(1, 0x3000, 20);
  for (unsigned i = 0; i < 200; ++i) bench.cycle();
  REQUIRE(bench.done[0] == 1);
  REQUIRE(bench.done[1] == 1);
  REQUIRE(bench.dut->busy_o == 0);
  bench.dut->gate_i = 0;
  bench.run();
  REQUIRE(bench.done[0] == 2);
}
