// SPDX-License-Identifier: Apache-2.0
// Interrupts as MSI-X messages, with as many vectors as there can be.
#include "tests/rtl/pcie/pcie_bench.hpp"

using namespace contract;
using tests::PcieBench;

namespace {

constexpr unsigned kVectors = MSIX_VECTORS;

struct MsixBench : PcieBench {
  explicit MsixBench(unsigned seed = 1) : PcieBench(seed) {
    enable();
    for (unsigned v = 0; v < kVectors; ++v) {
      write(entry(v) + MSIX_ENTRY_ADDR_LO, 0xfee00000 + 0x1000 * v);
      write(entry(v) + MSIX_ENTRY_ADDR_HI, v);
      write(entry(v) + MSIX_ENTRY_DATA, 0x4000 + v);
    }
    control(MSIX_CTRL_ENABLE);
  }
  static unsigned entry(unsigned v) { return BAR_MSIX_TABLE + MSIX_ENTRY_BYTES * v; }
  void mask(unsigned v, bool masked) { write(entry(v) + MSIX_ENTRY_CONTROL, masked ? 1 : 0); }
  void unmask_all() {
    for (unsigned v = 0; v < kVectors; ++v) mask(v, false);
  }
  void control(unsigned bits) { config_write(CAP_MSIX, bits << 16, 0x8); }
  void raise(unsigned vector) {
    dut->irq_valid_i = 1;
    dut->irq_vector_i = static_cast<CData>(vector);
    cycle();
    dut->irq_valid_i = 0;
  }
  bool pending(unsigned v) { return ((read(BAR_MSIX_PBA + v / 32 * 4) >> (v % 32)) & 1) != 0; }
  unsigned pending_bits() {
    unsigned bits = 0;
    for (unsigned w = 0; w < (kVectors + 31) / 32; ++w) {
      bits += static_cast<unsigned>(std::popcount(read(BAR_MSIX_PBA + 4 * w)));
    }
    return bits;
  }
  /// Cycles until it was taken.
  unsigned retract(bool all, unsigned vector, bool keep = false) {
    dut->retract_valid_i = 1;
    dut->retract_all_i = all;
    dut->retract_keep_i = keep;
    dut->retract_vector_i = static_cast<CData>(vector);
    unsigned waited = 0;
    bool taken = false;
    while (!taken) {
      dut.settle();
      taken = dut->retract_ready_o != 0;
      cycle();
      REQUIRE(++waited < 500);
    }
    dut->retract_valid_i = 0;
    return waited;
  }
};

}  // namespace

TEST_CASE("The table reads back, with byte enables, and starts masked", "[rtl][msix]") {
  MsixBench bench;
  for (unsigned v = 0; v < kVectors; ++v) {
    REQUIRE(bench.read(bench.entry(v)) == 0xfee00000 + 0x1000 * v);
    REQUIRE(bench.read(bench.entry(v) + MSIX_ENTRY_ADDR_HI) == v);
    REQUIRE(bench.read(bench.entry(v) + MSIX_ENTRY_DATA) == 0x4000 + v);
    REQUIRE(bench.read(bench.entry(v) + MSIX_ENTRY_CONTROL) == 1);
  }
  bench.write(bench.entry(1) + MSIX_ENTRY_DATA, 0xaabbccdd, 0x6);
  REQUIRE(bench.read(bench.entry(1) + MSIX_ENTRY_DATA) == 0x00bbcc01);
  bench.write(bench.entry(1), 0xffffffff);
  REQUIRE(bench.read(bench.entry(1)) == 0xfffffffc);
  bench.write(bench.entry(128) + MSIX_ENTRY_CONTROL, 0, 0xe);
  REQUIRE(bench.read(bench.entry(128) + MSIX_ENTRY_CONTROL) == 1);
  bench.write(bench.entry(128) + MSIX_ENTRY_CONTROL, 0xfffffffe);
  REQUIRE(bench.read(bench.entry(128) + MSIX_ENTRY_CONTROL) == 0);
  bench.write(bench.entry(kVectors), 0xffffffff);
  REQUIRE(bench.read(bench.entry(kVectors)) == 0);
  REQUIRE(bench.read(bench.entry(0)) == 0xfee00000);
}

TEST_CASE("An unmasked request is one message to its entry's address", "[rtl][msix]") {
  MsixBench bench;
  bench.unmask_all();
  for (unsigned v = 0; v < kVectors; ++v) {
    bench.messages.clear();
    bench.raise(v);
    bench.cycles(20);
    REQUIRE(bench.messages.size() == 1);
    REQUIRE(bench.messages[0].address == (std::uint64_t{v} << 32) + 0xfee00000 + 0x1000 * v);
    REQUIRE(bench.messages[0].data == 0x4000 + v);
    REQUIRE(bench.sent[v] == 1);
    REQUIRE(bench.pended[v] == 0);
  }
  bench.messages.clear();
  for (unsigned v = 0; v < kVectors; ++v) bench.raise(v);
  bench.cycles(20 * kVectors);
  REQUIRE(bench.messages.size() == kVectors);
  for (unsigned v = 0; v < kVectors; ++v) REQUIRE(bench.messages[v].data == 0x4000 + v);
  bench.messages.clear();
  bench.raise(kVectors);  // no such vector
  bench.raise(255);
  bench.cycles(30);
  REQUIRE(bench.messages.empty());
}

TEST_CASE("A masked request pends, merges, shows in the PBA and fires once at unmask", "[rtl][msix]") {
  for (const unsigned v : {2u, 31u, 32u, 95u, 128u}) {
    MsixBench bench;
    bench.raise(v);
    bench.raise(v);
    bench.cycles(20);
    REQUIRE(bench.messages.empty());
    REQUIRE(bench.pending(v));
    REQUIRE(bench.pending_bits() == 1);
    REQUIRE(bench.pended[v] == 2);
    bench.write(BAR_MSIX_PBA + v / 32 * 4, 0);
    REQUIRE(bench.pending(v));
    bench.mask(v, false);
    bench.cycles(kVectors + 20);
    REQUIRE(bench.messages.size() == 1);
    REQUIRE(bench.pending_bits() == 0);
  }
}

TEST_CASE("Function mask, enable and bus master hold every vector", "[rtl][msix]") {
  MsixBench bench;
  bench.unmask_all();
  const auto hold = [&] {
    for (const unsigned v : {0u, 64u, 128u}) bench.raise(v);
    bench.cycles(30);
    REQUIRE(bench.messages.empty());
    REQUIRE(bench.pending_bits() == 3);
  };
  SECTION("function mask") {
    bench.control(MSIX_CTRL_ENABLE | MSIX_CTRL_FUNCTION_MASK);
    hold();
    bench.control(MSIX_CTRL_ENABLE);
  }
  SECTION("enable") {
    bench.control(0);
    hold();
    bench.control(MSIX_CTRL_ENABLE);
  }
  SECTION("bus master") {
    bench.config_write(CFG_COMMAND, COMMAND_MEMORY);
    hold();
    bench.config_write(CFG_COMMAND, COMMAND_MEMORY | COMMAND_MASTER);
  }
  bench.cycles(kVectors + 60);
  REQUIRE(bench.messages.size() == 3);
}

TEST_CASE("Function level reset masks all vectors and forgets what was pending", "[rtl][msix]") {
  MsixBench bench;
  for (const unsigned v : {0u, 7u, 128u}) bench.raise(v);
  bench.config_write(CAP_EXP + EXP_DEVICE_CTRL, EXP_DEVCTRL_FLR);
  bench.enable();
  REQUIRE(bench.pending_bits() == 0);
  REQUIRE(bench.read(bench.entry(0) + MSIX_ENTRY_CONTROL) == 1);
  REQUIRE(bench.dut->msix_enabled_o == 0);
}

TEST_CASE("What a reset takes back never leaves, and what others wait for does", "[rtl][msix]") {
  MsixBench bench;
  for (const unsigned v : {3u, 4u, 5u}) bench.raise(v);
  bench.cycles(20);
  bench.retract(false, 3);
  bench.retract(false, 4, true);
  REQUIRE(bench.pending_bits() == 2);
  bench.unmask_all();
  bench.cycles(kVectors + 60);
  REQUIRE((bench.sent[3] == 0 && bench.sent[4] == 1 && bench.sent[5] == 1));
  // on its way: waited for, and then nothing more comes
  for (unsigned delay = 0; delay < 30; ++delay) {
    bench.msix_stall = 80;
    bench.raise(9);
    bench.raise(10);
    bench.cycles(static_cast<int>(delay));
    bench.retract(delay % 2 == 0, 9);
    const unsigned sent = bench.sent[9];
    bench.msix_stall = 0;
    bench.cycles(100);
    REQUIRE(bench.sent[9] == sent);
    REQUIRE(bench.pending_bits() == 0);
  }
}

TEST_CASE("Requests, masks and slow writes race: no request is lost, none makes two messages", "[rtl][msix]") {
  for (unsigned seed = 1; seed < 9; ++seed) {
    MsixBench bench(seed);
    bench.msix_stall = seed % 2 == 0 ? 70 : 0;
    const unsigned used = seed < 5 ? 6 : kVectors;  // few vectors collide more often
    const auto number = [&](unsigned k) { return used == kVectors ? k : 25 * k; };
    std::array<unsigned, kVectors> raised{};
    std::array<bool, kVectors> masked{};
    masked.fill(true);
    for (unsigned i = 0; i < 6000; ++i) {
      if (bench.draw(12) == 0) {
        const unsigned v = number(bench.draw(used));
        masked[v] = !masked[v];
        bench.send(tests::request(TLP_MWR64, PcieBench::kBar + bench.entry(v) + MSIX_ENTRY_CONTROL, 1, 0xf, 0, 0,
                                  {masked[v] ? 1u : 0u}));
      }
      if (bench.draw(seed * 5) == 0) {
        const unsigned v = number(bench.draw(used));
        ++raised[v];
        bench.raise(v);
      } else {
        bench.cycle();
      }
    }
    bench.cycles(6000);  // what is still pending and masked fires now
    const unsigned before = static_cast<unsigned>(bench.messages.size());
    const unsigned pending = bench.pending_bits();
    for (unsigned v = 0; v < kVectors; ++v) {
      if (bench.pending(v)) REQUIRE(masked[v]);
    }
    bench.unmask_all();
    bench.cycles(6000);
    REQUIRE(bench.messages.size() - before == pending);
    REQUIRE(bench.pending_bits() == 0);
    for (unsigned v = 0; v < kVectors; ++v) {
      REQUIRE(bench.sent[v] <= raised[v]);
      REQUIRE((raised[v] == 0 || bench.sent[v] >= 1));
      // a request after the last message would still be pending: the last one was answered
      const unsigned sent = bench.sent[v];
      bench.raise(v);
      bench.cycles(100);
      REQUIRE(bench.sent[v] == sent + 1);
    }
    for (const auto& m : bench.messages) REQUIRE(m.address >> 32 == m.data - 0x4000);
  }
}
