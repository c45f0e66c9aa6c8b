// SPDX-License-Identifier: Apache-2.0
// Per-queue statistics against plain 64-bit sums, read while pulses come at any pace.
#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "rtl/contract/control_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "Vqueue_stats_test_rtl.h"

using namespace contract;

namespace {

constexpr unsigned kPairs = 64;
constexpr std::array<unsigned, 5> kPlaces = {QSTAT_RX_FRAMES, QSTAT_RX_BYTES, QSTAT_RX_NO_BUFFER, QSTAT_TX_FRAMES,
                                             QSTAT_TX_BYTES};

struct Sums {
  std::array<std::uint64_t, 5> value{};
};

class Stats {
 public:
  explicit Stats(unsigned seed) : random(seed) {}

  /// One cycle with pulses of the given likelihood (in percent) for one of the first `pairs`.
  void cycle() {
    const auto pulse = [&] { return draw(100) < busy; };
    dut->rx_valid_i = pulse();
    dut->rx_pair_i = static_cast<CData>(draw(pairs));
    dut->rx_bytes_i = draw(1u << 17);
    dut->rx_no_buffer_i = pulse();
    dut->rx_no_buffer_pair_i = static_cast<CData>(draw(pairs));
    dut->tx_valid_i = pulse();
    dut->tx_pair_i = static_cast<CData>(draw(pairs));
    dut->tx_bytes_i = draw(1u << 17);
    if (dut->rx_valid_i) {
      ++sums[dut->rx_pair_i].value[0];
      sums[dut->rx_pair_i].value[1] += dut->rx_bytes_i;
    }
    if (dut->rx_no_buffer_i) ++sums[dut->rx_no_buffer_pair_i].value[2];
    if (dut->tx_valid_i) {
      ++sums[dut->tx_pair_i].value[3];
      sums[dut->tx_pair_i].value[4] += dut->tx_bytes_i;
    }
    dut.tick();
  }
  std::uint32_t access(unsigned addr, bool write = false) {
    dut->req_valid_i = 1;
    dut->req_i = std::uint64_t{write} << 44 | std::uint64_t{addr} << 32 | 0xffffffff;
    dut.settle();
    REQUIRE(dut->req_ready_o);
    cycle();
    dut->req_valid_i = 0;
    for (int waited = 0; !dut->rsp_valid_o; ++waited) {
      REQUIRE(waited < 250);
      cycle();
    }
    return dut->rsp_rdata_o;
  }
  std::uint64_t read(unsigned addr) {
    const std::uint64_t low = access(addr);
    for (unsigned k = draw(20); k > 0; --k) cycle();
    return low | std::uint64_t{access(addr + 4)} << 32;
  }
  unsigned draw(unsigned n) { return static_cast<unsigned>(random() % n); }

  tests::Clocked<Vqueue_stats_test_rtl> dut;
  std::mt19937 random;
  std::array<Sums, kPairs> sums{};
  unsigned busy = 0;
  unsigned pairs = kPairs;
};

}  // namespace

TEST_CASE("Every pulse counts, at any pace and for any mix of queues", "[rtl][ctl]") {
  for (unsigned seed = 1; seed < 9; ++seed) {
    Stats stats(seed);
    stats.busy = seed % 2 == 0 ? 100 : 12 * seed;
    stats.pairs = seed < 3 ? 1 : seed < 6 ? 3 : kPairs;
    for (int i = 0; i < 5000; ++i) stats.cycle();
    stats.busy = 0;
    for (unsigned pair = 0; pair < kPairs; ++pair) {
      for (unsigned k = 0; k < 5; ++k) {
        REQUIRE(stats.read(QSTAT_PAIR_BYTES * pair + kPlaces[k]) == stats.sums[pair].value[k]);
      }
    }
  }
}

TEST_CASE("A value read in the middle of traffic is one that it had, both halves of the same moment", "[rtl][ctl]") {
  Stats stats(3);
  stats.pairs = 2;
  stats.busy = 90;
  for (int i = 0; i < 200000; ++i) stats.cycle();  // past 32 bits of bytes, and on
  unsigned carried = 0;
  for (int i = 0; i < 2000; ++i) {
    const unsigned pair = stats.draw(2);
    const unsigned k = i % 4 == 0 ? stats.draw(5) : 1 + 3 * stats.draw(2);
    const std::uint64_t before = stats.sums[pair].value[k];
    const std::uint64_t low = stats.access(QSTAT_PAIR_BYTES * pair + kPlaces[k]);
    const std::uint64_t after = stats.sums[pair].value[k];
    for (unsigned n = stats.draw(40); n > 0; --n) stats.cycle();
    const std::uint64_t value = low | std::uint64_t{stats.access(QSTAT_PAIR_BYTES * pair + kPlaces[k] + 4)} << 32;
    REQUIRE(value >= before);
    REQUIRE(value <= after);
    carried += value >> 32 != 0;
  }
  REQUIRE(carried > 100);
}

TEST_CASE("Nothing can be written, and there is nothing between the counters", "[rtl][ctl]") {
  Stats stats(4);
  stats.busy = 50;
  for (int i = 0; i < 100; ++i) stats.cycle();
  stats.busy = 0;
  for (unsigned addr = 0; addr < CTL_WINDOW_BYTES; addr += 4) stats.access(addr, true);
  for (unsigned pair = 0; pair < kPairs; ++pair) {
    for (unsigned k = 0; k < 5; ++k) {
      REQUIRE(stats.read(QSTAT_PAIR_BYTES * pair + kPlaces[k]) == stats.sums[pair].value[k]);
    }
    for (const unsigned hole : {0x18u, 0x1cu, 0x30u, 0x38u, 0x3cu}) {
      REQUIRE(stats.access(QSTAT_PAIR_BYTES * pair + hole) == 0);
    }
  }
}
