// SPDX-License-Identifier: Apache-2.0
// INTx: a level as messages between posted TLPs, and what the configuration space shows of it.
#include "tests/rtl/pcie/pcie_bench.hpp"

using namespace contract;
using tests::PcieBench;

namespace {

unsigned type_of(const tests::Tlp& t) {
  return t.header[0] >> 24;
}

/// The messages among what left, as the host's view of the level after each.
std::vector<bool> levels(PcieBench& bench) {
  std::vector<bool> result;
  for (const tests::Tlp& t : bench.from_nic) {
    if (type_of(t) != TLP_MSG_LOCAL) continue;
    REQUIRE((t.header[0] & 0x00ffffff) == 0);
    REQUIRE((t.header[1] >> 16) == PcieBench::kId);
    REQUIRE((t.header[1] & 0xff00) == 0);
    const unsigned code = t.header[1] & 0xff;
    REQUIRE((code == MSG_ASSERT_INTA || code == MSG_DEASSERT_INTA));
    REQUIRE((t.header[2] == 0 && t.header[3] == 0));
    REQUIRE(t.payload.empty());
    result.push_back(code == MSG_ASSERT_INTA);
  }
  bench.from_nic.clear();
  return result;
}

bool shown(PcieBench& bench) {
  return ((bench.config_read(CFG_COMMAND) >> 16) & STATUS_INTERRUPT) != 0;
}

}  // namespace

TEST_CASE("A rising level is one Assert_INTA, a falling one a Deassert_INTA, both in the status register",
          "[rtl][intx]") {
  PcieBench bench;
  bench.enable();
  bench.from_nic.clear();
  for (int round = 0; round < 3; ++round) {
    bench.dut->intx_i = 1;
    bench.cycles(20);
    REQUIRE(levels(bench) == std::vector<bool>{true});
    REQUIRE(shown(bench));
    bench.dut->intx_i = 0;
    bench.from_nic.clear();
    bench.cycles(20);
    REQUIRE(levels(bench) == std::vector<bool>{false});
    REQUIRE_FALSE(shown(bench));
    bench.from_nic.clear();
  }
}

TEST_CASE("The command register's bit keeps the message, not the status; bus master keeps neither", "[rtl][intx]") {
  PcieBench bench;
  bench.config_write(CFG_COMMAND, COMMAND_MEMORY | COMMAND_INTX_DISABLE);
  bench.from_nic.clear();
  bench.dut->intx_i = 1;
  bench.cycles(20);
  REQUIRE(levels(bench).empty());
  REQUIRE(shown(bench));
  bench.config_write(CFG_COMMAND, COMMAND_MEMORY);
  bench.cycles(20);
  REQUIRE(levels(bench) == std::vector<bool>{true});
  bench.config_write(CFG_COMMAND, COMMAND_MEMORY | COMMAND_INTX_DISABLE);
  bench.cycles(20);
  REQUIRE(levels(bench) == std::vector<bool>{false});
}

TEST_CASE("Enabling MSI-X takes the level away", "[rtl][intx]") {
  PcieBench bench;
  bench.enable();
  bench.dut->intx_i = 1;
  bench.cycles(20);
  bench.from_nic.clear();
  bench.config_write(CAP_MSIX, MSIX_CTRL_ENABLE << 16, 0x8);
  bench.cycles(20);
  REQUIRE(levels(bench) == std::vector<bool>{false});
}

TEST_CASE("Messages stand between posted TLPs, never inside, and the last one tells the level", "[rtl][intx]") {
  for (unsigned seed = 1; seed < 9; ++seed) {
    PcieBench bench(seed);
    bench.enable();
    bench.from_nic.clear();
    bench.out_stall = seed % 2 == 0 ? 60 : 5;
    unsigned writes = 0;
    for (unsigned i = 0; i < 4000; ++i) {
      if (bench.posted.size() < 20 && bench.draw(4) == 0) {
        const std::vector<std::uint32_t> data(1 + bench.draw(16), 0x1000 + writes);
        const unsigned dws = static_cast<unsigned>(data.size());
        for (const auto& beat :
             tests::beats_of(tests::request(TLP_MWR32, 0x1000, dws, 0xf, dws == 1 ? 0 : 0xf, 0, data))) {
          bench.posted.push_back(beat);
        }
        ++writes;
      }
      if (bench.draw(10) == 0) bench.dut->intx_i = bench.draw(2) != 0 ? 1 : 0;
      bench.cycle();
    }
    bench.out_stall = 0;
    bench.cycles(600);
    unsigned seen = 0;
    for (const tests::Tlp& t : bench.from_nic) {
      if (type_of(t) == TLP_MSG_LOCAL) continue;
      REQUIRE(type_of(t) == TLP_MWR32);
      REQUIRE(t.payload.size() == 4 * (t.header[0] & 0x3ff));
      REQUIRE(PcieBench::data_of(t) == 0x1000 + seen++);
    }
    REQUIRE(seen == writes);
    const auto told = levels(bench);
    REQUIRE(told.size() > 50);
    for (std::size_t k = 0; k < told.size(); ++k) REQUIRE(told[k] == (k % 2 == 0));
    REQUIRE(told.back() == (bench.dut->intx_i != 0));
  }
}
