// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/pcie/pcie_bench.hpp"

using namespace contract;
using tests::PcieBench;

namespace {

struct MsixBench : PcieBench {
  explicit MsixBench(unsigned seed = 1) : PcieBench(seed) {
    enable();
    for (unsigned v = 0; v < MSIX_VECTORS; ++v) {
      write(entry(v) + MSIX_ENTRY_ADDR_LO, 0xfee00000 + 0x1000 * v);
      write(entry(v) + MSIX_ENTRY_ADDR_HI, v);
      write(entry(v) + MSIX_ENTRY_DATA, 0x4000 + v);
    }
    control(MSIX_CTRL_ENABLE);
  }
  static unsigned entry(unsigned v) { return BAR_MSIX_TABLE + MSIX_ENTRY_BYTES * v; }
  void mask(unsigned v, bool masked) { write(entry(v) + MSIX_ENTRY_CONTROL, masked ? 1 : 0); }
  void control(unsigned bits) { config_write(CAP_MSIX, bits << 16, 0x8); }
  void raise(unsigned vectors) {
    dut->irq_req_i = static_cast<CData>(vectors);
    cycle();
    dut->irq_req_i = 0;
  }
};

}  // namespace

TEST_CASE("The table reads back, with byte enables, and starts masked", "[rtl][msix]") {
  MsixBench bench;
  for (unsigned v = 0; v < MSIX_VECTORS; ++v) {
    REQUIRE(bench.read(bench.entry(v)) == 0xfee00000 + 0x1000 * v);
    REQUIRE(bench.read(bench.entry(v) + MSIX_ENTRY_ADDR_HI) == v);
    REQUIRE(bench.read(bench.entry(v) + MSIX_ENTRY_DATA) == 0x4000 + v);
    REQUIRE(bench.read(bench.entry(v) + MSIX_ENTRY_CONTROL) == 1);
  }
  bench.write(bench.entry(1) + MSIX_ENTRY_DATA, 0xaabbccdd, 0x6);
  REQUIRE(bench.read(bench.entry(1) + MSIX_ENTRY_DATA) == 0x00bbcc01);
  bench.write(bench.entry(1), 0xffffffff);
  REQUIRE(bench.read(bench.entry(1)) == 0xfffffffc);
  bench.write(bench.entry(1) + MSIX_ENTRY_CONTROL, 0, 0xe);
  REQUIRE(bench.read(bench.entry(1) + MSIX_ENTRY_CONTROL) == 1);
  REQUIRE(bench.read(bench.entry(MSIX_VECTORS)) == 0);
}

TEST_CASE("An unmasked request is one message to its entry's address", "[rtl][msix]") {
  MsixBench bench;
  for (unsigned v = 0; v < MSIX_VECTORS; ++v) bench.mask(v, false);
  for (unsigned v = 0; v < MSIX_VECTORS; ++v) {
    bench.messages.clear();
    bench.raise(1u << v);
    bench.cycles(20);
    REQUIRE(bench.messages.size() == 1);
    REQUIRE(bench.messages[0].address == (std::uint64_t{v} << 32) + 0xfee00000 + 0x1000 * v);
    REQUIRE(bench.messages[0].data == 0x4000 + v);
    REQUIRE(bench.sent[v] == 1);
    REQUIRE(bench.pended[v] == 0);
  }
  bench.messages.clear();
  bench.raise(0xf);
  bench.cycles(60);
  REQUIRE(bench.messages.size() == 4);
}

TEST_CASE("A masked request pends, merges, shows in the PBA and fires once at unmask", "[rtl][msix]") {
  MsixBench bench;
  bench.raise(4);
  bench.raise(4);
  bench.cycles(20);
  REQUIRE(bench.messages.empty());
  REQUIRE(bench.read(BAR_MSIX_PBA) == 4);
  REQUIRE(bench.pended[2] == 2);
  bench.write(BAR_MSIX_PBA, 0);
  REQUIRE(bench.read(BAR_MSIX_PBA) == 4);
  bench.mask(2, false);
  bench.cycles(20);
  REQUIRE(bench.messages.size() == 1);
  REQUIRE(bench.read(BAR_MSIX_PBA) == 0);
}

TEST_CASE("Function mask, enable and bus master hold every vector", "[rtl][msix]") {
  MsixBench bench;
  for (unsigned v = 0; v < MSIX_VECTORS; ++v) bench.mask(v, false);
  SECTION("function mask") {
    bench.control(MSIX_CTRL_ENABLE | MSIX_CTRL_FUNCTION_MASK);
    bench.raise(3);
    bench.cycles(30);
    REQUIRE(bench.messages.empty());
    bench.control(MSIX_CTRL_ENABLE);
  }
  SECTION("enable") {
    bench.control(0);
    bench.raise(3);
    bench.cycles(30);
    REQUIRE(bench.messages.empty());
    bench.control(MSIX_CTRL_ENABLE);
  }
  SECTION("bus master") {
    bench.config_write(CFG_COMMAND, COMMAND_MEMORY);
    bench.raise(3);
    bench.cycles(30);
    REQUIRE(bench.messages.empty());
    bench.config_write(CFG_COMMAND, COMMAND_MEMORY | COMMAND_MASTER);
  }
  bench.cycles(40);
  REQUIRE(bench.messages.size() == 2);
}

TEST_CASE("Function level reset masks all vectors and forgets what was pending", "[rtl][msix]") {
  MsixBench bench;
  bench.raise(0xf);
  bench.config_write(CAP_EXP + EXP_DEVICE_CTRL, EXP_DEVCTRL_FLR);
  bench.enable();
  REQUIRE(bench.read(BAR_MSIX_PBA) == 0);
  REQUIRE(bench.read(bench.entry(0) + MSIX_ENTRY_CONTROL) == 1);
  REQUIRE(bench.dut->msix_enabled_o == 0);
}

TEST_CASE("Requests, masks and slow writes race: no request is lost, none makes two messages", "[rtl][msix]") {
  for (unsigned seed = 1; seed < 9; ++seed) {
    MsixBench bench(seed);
    bench.msix_stall = seed % 2 == 0 ? 70 : 0;
    std::array<unsigned, 4> raised{};
    std::array<bool, 4> masked{true, true, true, true};
    for (unsigned i = 0; i < 3000; ++i) {
      unsigned vectors = 0;
      for (unsigned v = 0; v < 4; ++v) {
        if (bench.draw(seed * 5) == 0) vectors |= 1u << v;
      }
      for (unsigned v = 0; v < 4; ++v) raised[v] += (vectors >> v) & 1u;
      const bool toggle = bench.draw(12) == 0;
      const unsigned v = bench.draw(4);
      if (toggle) {
        masked[v] = !masked[v];
        bench.send(tests::request(TLP_MWR64, PcieBench::kBar + bench.entry(v) + MSIX_ENTRY_CONTROL, 1, 0xf, 0, 0,
                                  {masked[v] ? 1u : 0u}));
      }
      bench.raise(vectors);
    }
    bench.cycles(500);  // what is still pending and masked fires now
    const unsigned before = static_cast<unsigned>(bench.messages.size());
    const std::uint32_t pending = bench.read(BAR_MSIX_PBA);
    for (unsigned v = 0; v < 4; ++v) {
      if (((pending >> v) & 1) != 0) REQUIRE(masked[v]);
      bench.mask(v, false);
    }
    bench.cycles(300);
    REQUIRE(bench.messages.size() - before == static_cast<unsigned>(std::popcount(pending)));
    REQUIRE(bench.read(BAR_MSIX_PBA) == 0);
    for (unsigned v = 0; v < 4; ++v) {
      REQUIRE(bench.sent[v] <= raised[v]);
      REQUIRE(bench.sent[v] >= 1);
      // a request after the last message would still be pending: the last one was answered
      const unsigned sent = bench.sent[v];
      bench.raise(1u << v);
      bench.cycles(100);
      REQUIRE(bench.sent[v] == sent + 1);
    }
    for (const auto& m : bench.messages) REQUIRE(m.address >> 32 == m.data - 0x4000);
  }
}
