// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <random>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "Vnic_counters_test_rtl.h"

namespace {

using Dut = tests::Clocked<Vnic_counters_test_rtl>;
constexpr unsigned kCounters = contract::STAT_COUNT;

/// Drives increments and keeps the true totals.
struct Bench {
  Dut dut;
  std::array<std::uint64_t, kCounters> truth{};
  std::function<void()> drive = [] {};

  void quiet() {
    for (auto& word : dut->inc_i.m_storage) word = 0;
    dut->rx_bytes_i = 0;
    dut->tx_bytes_i = 0;
  }
  void add(unsigned index, unsigned amount) {
    if (index == contract::STAT_RX_BYTES) {
      dut->rx_bytes_i = static_cast<std::uint16_t>(amount);
    } else if (index == contract::STAT_TX_BYTES) {
      dut->tx_bytes_i = static_cast<std::uint16_t>(amount);
    } else {
      amount &= 0xf;
      dut->inc_i.m_storage[index / 8] |= amount << (4 * (index % 8));
    }
    truth[index] += amount;
  }
  void tick() {
    quiet();
    drive();
    dut.tick();
  }
  std::uint32_t access(unsigned offset, bool write = false) {
    const std::uint64_t address = contract::BAR_STATS + offset;
    dut->reg_req_i = (std::uint64_t{write} << 52) | (address << 36) | (std::uint64_t{0xf} << 32);
    dut->reg_req_valid_i = 1;
    dut.settle();
    while (!dut->reg_req_ready_o) tick();
    tick();
    dut->reg_req_valid_i = 0;
    for (unsigned cycles = 0; !dut->rsp_valid_o; ++cycles) {
      REQUIRE(cycles <= kCounters + 5);
      tick();
    }
    return dut->rsp_rdata_o;
  }
  std::uint64_t read64(unsigned index) {
    const std::uint64_t low = access(8 * index);
    return low | std::uint64_t{access(8 * index + 4)} << 32;
  }
};

}  // namespace

TEST_CASE("Counters are zero after reset, and again after a second one", "[rtl][common]") {
  Bench bench;
  for (unsigned k = 0; k < kCounters; ++k) REQUIRE(bench.read64(k) == 0);
  bench.drive = [&] { bench.add(contract::STAT_RX_FRAMES, 3); };
  for (int k = 0; k < 200; ++k) bench.tick();
  bench.drive = [] {};
  REQUIRE(bench.read64(contract::STAT_RX_FRAMES) == 600);
  bench.quiet();
  bench.dut.reset();
  for (unsigned k = 0; k < kCounters; ++k) REQUIRE(bench.read64(k) == 0);
}

TEST_CASE("Nothing is lost at full increments on every counter in every cycle", "[rtl][common]") {
  Bench bench;
  bench.drive = [&] {
    for (unsigned k = 0; k < kCounters; ++k) bench.add(k, 0xffff);
  };
  for (int k = 0; k < 5000; ++k) bench.tick();
  bench.drive = [] {};
  for (unsigned k = 0; k < kCounters; ++k) REQUIRE(bench.read64(k) == bench.truth[k]);
  REQUIRE(bench.truth[contract::STAT_RX_BYTES] == 5000ULL * 0xffff);
}

TEST_CASE("Random increments with pauses of every length add up", "[rtl][common]") {
  Bench bench;
  std::mt19937 random(1);
  unsigned density = 0;
  bench.drive = [&] {
    if (random() % 50 == 0) density = random() % 4;
    for (unsigned k = 0; density != 0 && k < kCounters; ++k) {
      if (random() % (density * 20) == 0) bench.add(k, random() & 0xffff);
    }
  };
  for (int k = 0; k < 30000; ++k) bench.tick();
  bench.drive = [] {};
  for (unsigned k = 0; k < kCounters; ++k) {
    CAPTURE(contract::kStatNames[k]);
    REQUIRE(bench.read64(k) == bench.truth[k]);
  }
}

TEST_CASE("A 64-bit value is not torn while it passes 2^32", "[rtl][common]") {
  Bench bench;
  bench.drive = [&] { bench.add(contract::STAT_RX_BYTES, 0xffff); };
  while (bench.truth[contract::STAT_RX_BYTES] < (1ULL << 32) - 40 * 0xffffULL) bench.tick();
  std::uint64_t before = 0;
  for (int k = 0; k < 40; ++k) {
    const std::uint64_t from = bench.truth[contract::STAT_RX_BYTES];
    const std::uint64_t low = bench.access(8 * contract::STAT_RX_BYTES);
    const std::uint64_t to = bench.truth[contract::STAT_RX_BYTES];
    for (int pause = 0; pause < k; ++pause) bench.tick();
    const std::uint64_t value = low | std::uint64_t{bench.access(8 * contract::STAT_RX_BYTES + 4)} << 32;
    REQUIRE(value >= from);
    REQUIRE(value <= to);
    REQUIRE(value >= before);
    before = value;
  }
  REQUIRE(before > 1ULL << 32);
}

TEST_CASE("Writes and counters that do not exist are answered and change nothing", "[rtl][common]") {
  Bench bench;
  bench.drive = [&] { bench.add(contract::STAT_TX_FRAMES, 1); };
  for (int k = 0; k < 100; ++k) bench.tick();
  bench.drive = [] {};
  bench.access(8 * contract::STAT_TX_FRAMES, true);
  REQUIRE(bench.read64(contract::STAT_TX_FRAMES) == 100);
  REQUIRE(bench.read64(kCounters) == 0);
  REQUIRE(bench.read64(63) == 0);
  REQUIRE(bench.access(0x200 + 8 * contract::STAT_TX_FRAMES) == 0);
  REQUIRE(bench.access(8 * contract::STAT_TX_FRAMES + 4) == 0);  // the high half alone
}
