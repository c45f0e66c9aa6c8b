// SPDX-License-Identifier: Apache-2.0
// The moderation parameters on the control bus: kept, read back, passed on to their direction.
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "rtl/contract/control_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "Vvirtq_coalesce_regs_test_rtl.h"

namespace {

constexpr unsigned kPairs = 5;

/// The slave, its master, and both directions' copies of the parameters: key {pair, usecs}.
class Regs {
 public:
  std::uint32_t access(bool write, unsigned addr, std::uint32_t data) {
    dut->req_valid_i = 1;
    dut->req_i = std::uint64_t{write} << 44 | std::uint64_t{addr} << 32 | data;
    int patience = 100;
    for (bool taken = false; !taken; --patience) {
      REQUIRE(patience > 0);
      dut.settle();
      taken = dut->req_ready_o;
      REQUIRE(!dut->rsp_valid_o);
      step();
    }
    dut->req_valid_i = 0;
    for (patience = 4; !dut->rsp_valid_o; --patience) {
      REQUIRE(patience > 0);
      step();
    }
    const std::uint32_t answer = dut->rsp_rdata_o;
    step();
    REQUIRE(!dut->rsp_valid_o);
    return answer;
  }
  void step() {
    dut.tick();
    apply(dut->rx_o, rx);
    apply(dut->tx_o, tx);
  }

  tests::Clocked<Vvirtq_coalesce_regs_test_rtl> dut;
  std::map<std::pair<unsigned, bool>, std::uint32_t> rx, tx;

 private:
  static void apply(std::uint64_t bus, std::map<std::pair<unsigned, bool>, std::uint32_t>& copy) {
    if ((bus >> 39 & 1) != 0) copy[{bus >> 33 & 63, (bus >> 32 & 1) != 0}] = static_cast<std::uint32_t>(bus);
  }
};

}  // namespace

TEST_CASE("After a reset every parameter is 0, here and in both directions", "[rtl][virtio]") {
  Regs regs;
  for (unsigned addr = 0; addr < contract::COAL_PAIR_BYTES * kPairs; addr += 4)
    REQUIRE(regs.access(false, addr, 7) == 0);
  for (unsigned pair = 0; pair < kPairs; ++pair) {
    for (const bool usecs : {false, true}) {
      REQUIRE(regs.rx.at({pair, usecs}) == 0);
      REQUIRE(regs.tx.at({pair, usecs}) == 0);
    }
  }
}

TEST_CASE("A parameter reads back and reaches its direction, and no other", "[rtl][virtio]") {
  Regs regs;
  regs.access(false, 0, 0);
  std::mt19937 random(3);
  std::map<unsigned, std::uint32_t> expected;
  for (int k = 0; k < 500; ++k) {
    const auto pair = static_cast<unsigned>(random() % kPairs);
    const auto reg = static_cast<unsigned>(4 * (random() % 4));
    const unsigned addr = contract::COAL_PAIR_BYTES * pair + reg;
    if (random() % 2 == 0) {
      const auto value = static_cast<std::uint32_t>(random());
      auto rx = regs.rx;
      auto tx = regs.tx;
      const bool usecs = reg == contract::COAL_RX_USECS || reg == contract::COAL_TX_USECS;
      (reg == contract::COAL_RX_PACKETS || reg == contract::COAL_RX_USECS ? rx : tx)[{pair, usecs}] = value;
      regs.access(true, addr, value);
      expected[addr] = value;
      REQUIRE(regs.rx == rx);
      REQUIRE(regs.tx == tx);
    } else {
      REQUIRE(regs.access(false, addr, static_cast<std::uint32_t>(random())) == expected[addr]);
    }
  }
}

TEST_CASE("Words past the last pair read 0 and take nothing", "[rtl][virtio]") {
  Regs regs;
  regs.access(false, 0, 0);
  const auto rx = regs.rx;
  const auto tx = regs.tx;
  for (const unsigned addr : {contract::COAL_PAIR_BYTES * kPairs, contract::COAL_PAIR_BYTES * 8, 0x404u, 0xffcu}) {
    regs.access(true, addr, 0x1234);
    REQUIRE(regs.access(false, addr, 0) == 0);
  }
  for (unsigned addr = 0; addr < contract::COAL_PAIR_BYTES * kPairs; addr += 4)
    REQUIRE(regs.access(false, addr, 0) == 0);
  REQUIRE(regs.rx == rx);
  REQUIRE(regs.tx == tx);
}
