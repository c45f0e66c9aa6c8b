// SPDX-License-Identifier: Apache-2.0
// The control bus: every access is answered, and only the slave of its window sees it.
#include <catch2/catch.hpp>
#include <random>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "Vctl_test_rtl.h"

namespace {

class Bus {
 public:
  std::uint32_t access(bool write, std::uint32_t addr, unsigned be, std::uint32_t data) {
    dut->req_valid_i = 1;
    dut->req_i =
        std::uint64_t{write} << 52 | std::uint64_t{contract::BAR_CONTROL + addr} << 36 | std::uint64_t{be} << 32 | data;
    dut.settle();
    while (!dut->req_ready_o) cycle();
    cycle();
    dut->req_valid_i = 0;
    answered_ = false;
    for (int waited = 0; !answered_; ++waited) {
      REQUIRE(waited < 260);
      cycle();
    }
    const std::uint32_t value = answer_;
    answered_ = false;
    cycle();
    REQUIRE_FALSE(answered_);
    return value;
  }
  std::uint32_t read(std::uint32_t addr) { return access(false, addr, 0xf, 0); }
  void write(std::uint32_t addr, std::uint32_t data, unsigned be = 0xf) { access(true, addr, be, data); }

  /// The test's own slave answers after a while with what it was asked.
  void cycle() {
    dut->slave_ready_i = random() % 3 == 0;
    dut->slave_rsp_valid_i = wait_ == 1;
    dut->slave_rsp_rdata_i = static_cast<std::uint32_t>(seen) ^ 0x5a5a5a5a;
    if (wait_ != 0) --wait_;
    dut.settle();
    if (dut->slave_valid_o && dut->slave_ready_i) {
      seen = dut->slave_o;
      ++accesses;
      wait_ = 1 + static_cast<unsigned>(random() % 200);
    }
    if (dut->rsp_valid_o) {
      answered_ = true;
      answer_ = dut->rsp_rdata_o;
    }
    dut.tick();
  }

  tests::Clocked<Vctl_test_rtl> dut;
  std::mt19937 random{7};
  std::uint64_t seen = 0;
  unsigned accesses = 0;

 private:
  unsigned wait_ = 0;
  bool answered_ = false;
  std::uint32_t answer_ = 0;
};

std::uint32_t window(unsigned w) {
  return contract::CTL_WINDOW_BYTES * w;
}

}  // namespace

TEST_CASE("CTL_GENERAL tells who is there; its scratch register keeps a word", "[rtl][ctl]") {
  Bus bus;
  using namespace contract;
  REQUIRE(bus.read(GENERAL_ID) == GENERAL_ID_VALUE);
  REQUIRE(bus.read(GENERAL_VERSION) == GENERAL_VERSION_VALUE);
  REQUIRE(bus.read(GENERAL_PAIRS) == 12);
  REQUIRE(bus.read(GENERAL_DATA_BITS) == 64);
  REQUIRE(bus.read(GENERAL_CLOCK_KHZ) == 250000);
  REQUIRE(bus.read(GENERAL_LINK) == 0);
  bus.dut->link_up_i = 1;
  REQUIRE(bus.read(GENERAL_LINK) == GENERAL_LINK_UP);
  REQUIRE(bus.read(GENERAL_WINDOWS) == 0x21);
  REQUIRE((bus.read(GENERAL_OFFERED_LO) == 0x89ABCDEF && bus.read(GENERAL_OFFERED_HI) == 0x01234567));
  REQUIRE((bus.read(GENERAL_NEGOTIATED_LO) == 0x76543210 && bus.read(GENERAL_NEGOTIATED_HI) == 0xFEDCBA98));
  REQUIRE(bus.read(GENERAL_LAST_FAIL) == 0x8304);
  bus.write(GENERAL_SCRATCH, 0x12345678);
  REQUIRE(bus.read(GENERAL_SCRATCH) == 0x12345678);
  for (const unsigned be : {0x1u, 0x3u, 0xcu, 0x7u}) bus.write(GENERAL_SCRATCH, 0xffffffff, be);
  REQUIRE(bus.read(GENERAL_SCRATCH) == 0x12345678);
  for (std::uint32_t at = 0; at < CTL_WINDOW_BYTES; at += 4) {
    if (at != GENERAL_SCRATCH) bus.write(at, 0xffffffff);
    if (at > GENERAL_SCRATCH) REQUIRE(bus.read(at) == 0);
  }
  REQUIRE(bus.read(GENERAL_ID) == GENERAL_ID_VALUE);
  REQUIRE(bus.read(GENERAL_SCRATCH) == 0x12345678);
}

TEST_CASE("A slave sees its own accesses whole, and nobody's window reads 0", "[rtl][ctl]") {
  Bus bus;
  unsigned expected = 0;
  for (int i = 0; i < 400; ++i) {
    const auto at = static_cast<std::uint32_t>(bus.random() % contract::CTL_WINDOW_BYTES) & ~3u;
    const auto data = static_cast<std::uint32_t>(bus.random());
    const unsigned w = bus.random() % 2 == 0 ? 5 : 1 + static_cast<unsigned>(bus.random() % 7);
    const bool write = bus.random() % 2 == 0;
    const std::uint32_t answer = bus.access(write, window(w) + at, 0xf, data);
    if (w != 5) {
      REQUIRE(answer == 0);
    } else {
      ++expected;
      REQUIRE(bus.seen == (std::uint64_t{write} << 44 | std::uint64_t{at} << 32 | data));
      REQUIRE(answer == (data ^ 0x5a5a5a5a));
    }
    REQUIRE(bus.accesses == expected);
  }
  bus.write(window(5), 1, 0x3);  // half a word goes to nobody
  REQUIRE(bus.accesses == expected);
}
