// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/dma/dma_read_bench.hpp"

using tests::DmaReadBench;

TEST_CASE("Every alignment of host and local address arrives byte for byte", "[rtl][dma]") {
  DmaReadBench bench(1);
  bench.completer.max_delay = 20;
  unsigned op = 0;
  for (unsigned host = 0; host < 8; ++host) {
    for (unsigned local = 0; local < 8; ++local) {
      for (const unsigned bytes : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 11u, 16u, 61u, 130u, 511u, 512u, 513u, 1514u}) {
        bench.ask({4, op, 0x1'0000'0000ull + 4096 * op + host, bytes, 2048 * op + local});
        op = (op + 1) % 32;
      }
    }
  }
  bench.run();
  REQUIRE(bench.stats["tlps"] == bench.reads.size());
  REQUIRE(bench.stats.size() == 1);  // no error counted
}

TEST_CASE("Splits, delays and reordering between tags never lose or double a byte", "[rtl][dma]") {
  for (unsigned seed = 20; seed < 32; ++seed) {
    DmaReadBench bench(seed);
    bench.dut->mrrs_i = seed % 4;
    bench.completer.rcb = seed % 2 == 0 ? 64 : 128;
    bench.completer.split_chance = (seed % 3) * 50;
    bench.completer.max_delay = (seed % 5) * 100;
    bench.link_stall = (seed % 2) * 50;
    for (unsigned i = 0; i < 400; ++i) {
      const unsigned client = bench.draw(5);
      const unsigned op = bench.draw(16);
      const std::uint64_t address = (static_cast<std::uint64_t>(bench.draw(2)) << 35) + bench.draw(1u << 20);
      bench.ask({client, op, address, 1 + bench.draw(i % 8 == 0 ? 4000 : 200), 4096 * op + bench.draw(64)});
    }
    bench.run();
    for (const auto& [key, status] : bench.status) REQUIRE(status == contract::RD_OK);
    REQUIRE(bench.stats.size() == 1);
  }
}

TEST_CASE("The longest read crosses 4 GB and the end of local memory", "[rtl][dma]") {
  const unsigned mrrs = GENERATE(0u, 2u, 5u);
  DmaReadBench bench(3);
  bench.dut->mrrs_i = mrrs & 7;
  bench.ask({4, 31, 0xffff'8001ull, 65535, 0xfff3});
  bench.run();
  REQUIRE(bench.status[{4, 31}] == contract::RD_OK);
}

TEST_CASE("Completions stream at one beat a cycle", "[rtl][dma]") {
  DmaReadBench bench(4);
  bench.completer.max_delay = 0;
  bench.completer.reorder = false;
  for (unsigned op = 0; op < 8; ++op) bench.ask({4, op, 0x10000 + 4096 * op, 4096, 4096 * op});
  bench.answer = false;
  bench.cycles(400);
  bench.answer = true;
  const long before = bench.dut.cycles();
  const unsigned placed_before = bench.placements;
  while (!bench.in_flight.empty()) bench.cycle();
  REQUIRE(bench.placements - placed_before == 8 * 512);
  REQUIRE(bench.dut.cycles() - before <= 8 * 512 + 8);
}

TEST_CASE("Without extended tags only 32 tags are used, with them all", "[rtl][dma]") {
  const bool extended = GENERATE(false, true);
  DmaReadBench bench(5);
  bench.dut->ext_tag_en_i = extended ? 1 : 0;
  bench.answer = false;
  bench.dut->mrrs_i = 0;
  for (unsigned op = 0; op < 4; ++op) bench.ask({4, op, 0x10000 + 8192 * op, 8192, 8192 * op});
  bench.cycles(2000);
  REQUIRE(bench.reads.size() == (extended ? 64 : 32));
  REQUIRE(bench.max_tag == (extended ? 63 : 31));
  bench.answer = true;
  bench.run();
  REQUIRE(bench.max_tag == (extended ? 63 : 31));
}

TEST_CASE("Switching extended tags off takes effect at once", "[rtl][dma]") {
  const auto wait = GENERATE(range(0U, 16U));  // the tag that is ready by then is of any group
  DmaReadBench bench(6);
  for (unsigned i = 0; i < 40 + wait; ++i) bench.ask({0, i % 16, 0x1000, 16, 16 * (i % 16)});
  bench.run();
  REQUIRE(bench.max_tag > 31);
  bench.dut->ext_tag_en_i = 0;
  bench.cycle();
  bench.max_tag = 0;
  for (unsigned i = 0; i < 200; ++i) bench.ask({0, i % 16, 0x1000, 16, 16 * (i % 16)});
  bench.run();
  REQUIRE(bench.max_tag <= 31);
}

TEST_CASE("Bus master off aborts what was not issued and lets the rest finish", "[rtl][dma]") {
  DmaReadBench bench(7);
  bench.dut->bus_master_en_i = 0;
  bench.ask({0, 1, 0x1000, 64, 0});
  bench.ask({1, 2, 0x1000, 65535, 0});
  bench.run();
  REQUIRE(bench.reads.empty());
  REQUIRE(bench.status[{0, 1}] == contract::RD_ABORTED);
  REQUIRE(bench.status[{1, 2}] == contract::RD_ABORTED);
  for (unsigned after = 3; after < 60; ++after) {
    bench.dut->bus_master_en_i = 1;
    bench.ask({4, 3, 0x1000, 8192, 0});
    bench.cycles(static_cast<int>(after));
    bench.dut->bus_master_en_i = 0;
    bench.run();
    const unsigned status = bench.status[{4, 3}];
    REQUIRE((status == contract::RD_ABORTED || status == contract::RD_OK));
  }
}

TEST_CASE("A read that the link drops is aborted at once, and its tag is free again", "[rtl][dma]") {
  DmaReadBench bench(10);
  for (unsigned round = 0; round < 300; ++round) {  // far more than there are tags
    bench.dut->bus_master_en_i = 1;
    bench.link_stall = 100;
    bench.ask({4, 3, 0x1000, round % 2 == 0 ? 64u : 4096u, 0});
    bench.cycles(12);
    REQUIRE(bench.dut->out_valid_o == 1);
    bench.dut->bus_master_en_i = 0;
    bench.link_stall = 0;
    bench.drop_reads = 1;
    const long start = bench.dut.cycles();
    bench.run(300);
    REQUIRE(bench.dut.cycles() - start < 150);
    REQUIRE(bench.status.at({4, 3}) == contract::RD_ABORTED);
  }
  REQUIRE(bench.reads.empty());
  REQUIRE(bench.stats.empty());
  bench.dut->bus_master_en_i = 1;
  bench.ask({4, 3, 0x1000, 65535, 0});
  bench.run();
  REQUIRE(bench.status.at({4, 3}) == contract::RD_OK);
}

TEST_CASE("A dropped read among answered ones, and the bus master back before it is retired", "[rtl][dma]") {
  for (unsigned seed = 20; seed < 60; ++seed) {
    DmaReadBench bench(seed);
    for (unsigned i = 0; i < 40; ++i) bench.ask({bench.draw(5), bench.draw(32), 64 * bench.draw(999), 700, 0x1000 * i});
    for (unsigned i = 0; i < 30; ++i) {
      bench.cycles(static_cast<int>(1 + bench.draw(30)));
      bench.link_stall = 100;
      bench.cycles(static_cast<int>(1 + bench.draw(6)));
      bench.dut->bus_master_en_i = 0;
      bench.link_stall = 0;
      bench.drop_reads = bench.dut->out_valid_o;
      bench.cycles(static_cast<int>(1 + bench.draw(8)));
      bench.dut->bus_master_en_i = 1;
    }
    bench.run();
    bench.stats.erase("tlps");
    REQUIRE(bench.stats.empty());
  }
}

TEST_CASE("A gated client is not accepted, and busy tells when it is quiet", "[rtl][dma]") {
  DmaReadBench bench(8);
  bench.answer = false;
  bench.ask({2, 1, 0x1000, 64, 0});
  bench.cycles(10);
  REQUIRE(bench.dut->busy_o == 4);
  bench.dut->gate_i = 4;
  bench.ask({2, 2, 0x1000, 64, 64});
  bench.cycles(10);
  bench.answer = true;
  bench.cycles(300);
  REQUIRE(bench.dut->busy_o == 0);
  REQUIRE(bench.status.count({2, 1}) == 1);
  REQUIRE(bench.status.count({2, 2}) == 0);
  bench.dut->gate_i = 0;
  bench.run();
  REQUIRE(bench.status[{2, 2}] == contract::RD_OK);
}
