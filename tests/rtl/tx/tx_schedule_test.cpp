// SPDX-License-Identifier: Apache-2.0
// The scheduler between an engine that takes grants and queues of known lengths; eight pairs, ticks of 256 cycles.
#include <catch2/catch.hpp>
#include <deque>

#include "rtl/contract/control_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/mac/beats.hpp"
#include "Vtx_schedule_test_rtl.h"

using namespace tests;
using namespace contract;

namespace {

constexpr unsigned kPairs = 8;  // as in CMakeLists.txt

struct Bench {
  Clocked<Vtx_schedule_test_rtl> dut;
  Random random{1};
  std::deque<unsigned> queue[kPairs];
  unsigned ready = 0;  // what the engine shows
  unsigned take_percent = 100;
  long bytes[kPairs] = {}, grants[kPairs] = {}, last_grant[kPairs] = {};
  std::vector<long> grant_times;

  Bench() {
    for (unsigned i = 0; i < kPairs + 2; ++i) dut.tick();
  }

  /// `late` cycles pass between a grant and the new ready_i, four at most.
  void step(unsigned late = 3) {
    dut->ready_i = static_cast<std::uint8_t>(ready);
    dut->grant_ready_i = random() % 100 < take_percent;
    dut.settle();
    const unsigned asked = dut->head_pair_o;
    if (dut->grant_valid_o && dut->grant_ready_i) {
      const unsigned pair = dut->grant_pair_o;
      REQUIRE(!queue[pair].empty());
      REQUIRE(dut.cycles() - last_grant[pair] >= 8);
      bytes[pair] += queue[pair].front();
      ++grants[pair];
      last_grant[pair] = dut.cycles();
      grant_times.push_back(dut.cycles());
      queue[pair].pop_front();
      stale_.push_back({dut.cycles() + late, pair});
    }
    dut.tick();
    dut->head_len_i = queue[asked].empty() ? random() & 0x1FFFF : queue[asked].front();
    while (!stale_.empty() && stale_.front().first < dut.cycles()) stale_.pop_front();
    for (unsigned p = 0; p < kPairs; ++p) {
      bool stale = false;
      for (const auto& s : stale_) stale |= s.second == p;
      const unsigned bit = 1U << p;
      if (!stale) ready = (ready & ~bit) | (queue[p].empty() ? 0U : bit);
      if (stale && random() % 2 == 0) ready ^= bit;  // between two buffers: anything
    }
  }

  std::uint32_t access(bool write, unsigned addr, std::uint32_t data = 0) {
    dut->req_valid_i = 1;
    dut->req_i = std::uint64_t{write} << 44 | std::uint64_t{addr} << 32 | data;
    dut.settle();
    while (!dut->req_ready_o) dut.tick();
    dut.tick();
    dut->req_valid_i = 0;
    for (int i = 0; i < 250 && !dut->rsp_valid_o; ++i) dut.tick();
    REQUIRE(dut->rsp_valid_o);
    return dut->rsp_rdata_o;
  }
  void set(unsigned pair, unsigned field, std::uint32_t value) {
    access(true, TXS_PAIRS + TXS_PAIR_BYTES * pair + field, value);
  }

 private:
  std::deque<std::pair<long, unsigned>> stale_;
};

}  // namespace

TEST_CASE("Backlogged queues share by their quanta, whatever their buffers' lengths", "[rtl][tx]") {
  Bench bench;
  constexpr unsigned kQuantum[] = {1000, 2000, 4000, 3000};
  for (unsigned p = 0; p < 4; ++p) bench.set(p, TXS_QUANTUM, kQuantum[p]);
  for (int i = 0; i < 400'000; ++i) {
    for (unsigned p = 0; p < 4; ++p) {
      while (bench.queue[p].size() < 4) {
        bench.queue[p].push_back(p == 0 ? 60 : p == 1 ? 60 + bench.random() % 1458 : p == 2 ? 9000 : 65000);
      }
    }
    bench.step();
  }
  const long total = bench.bytes[0] + bench.bytes[1] + bench.bytes[2] + bench.bytes[3];
  for (unsigned p = 0; p < 4; ++p) {
    INFO("pair " << p << ": " << bench.bytes[p] << " of " << total);
    const double share = static_cast<double>(bench.bytes[p]) / static_cast<double>(total);
    CHECK(share == Approx(kQuantum[p] / 10000.0).epsilon(0.03));
  }
}

TEST_CASE("A grant at most every eight cycles, and not fewer while short buffers wait", "[rtl][tx]") {
  Bench bench;
  const bool many = GENERATE(false, true);
  for (int i = 0; i < 20'000; ++i) {
    for (unsigned p = 0; p < (many ? kPairs : 1U); ++p) {
      while (bench.queue[p].size() < 4) bench.queue[p].push_back(64);
    }
    bench.step();
  }
  for (std::size_t i = 1; i < bench.grant_times.size(); ++i) {
    REQUIRE(bench.grant_times[i] - bench.grant_times[i - 1] >= 8);
  }
  // One decision in 33 only finds that the quantum of 2048 is used up.
  CHECK(bench.grant_times.size() > 20'000 / 8 * 31 / 33);
}

TEST_CASE("A rate is kept from the first byte on, and reached", "[rtl][tx]") {
  Bench bench;
  const unsigned rate = GENERATE(16U, 100U, 320U);
  const unsigned burst = 3000;
  bench.set(2, TXS_RATE, rate);
  bench.set(2, TXS_BURST, burst);
  bench.set(5, TXS_RATE, 40);
  bench.set(5, TXS_BURST, 0);  // shorter than any buffer: one buffer at a time, whenever it is full
  for (long now = 1; now < 300'000; ++now) {
    for (const unsigned p : {1U, 2U, 5U}) {
      while (bench.queue[p].size() < 4) bench.queue[p].push_back(p == 5 ? 1500 : 60 + bench.random() % 1458);
    }
    bench.step();
    REQUIRE(bench.bytes[2] * 256 <= rate * now + burst * 256L);
  }
  CHECK(static_cast<double>(bench.bytes[2]) == Approx(rate * 300'000 / 256.0).epsilon(0.04));
  CHECK(bench.bytes[5] > 0);
  CHECK(bench.bytes[1] > 5'000'000);  // the one without limit is not held up
}

TEST_CASE("Tokens add up over many ticks, whenever a tick comes", "[rtl][tx]") {
  Bench bench;
  constexpr unsigned kRate = 100;  // bytes a tick
  constexpr unsigned kLength = 3000;
  bench.set(0, TXS_RATE, kRate);
  bench.take_percent = 70;
  for (int i = 0; i < 60 * 256 * static_cast<int>(kLength / kRate); ++i) {
    if (bench.queue[0].empty()) bench.queue[0].push_back(kLength);
    if (bench.queue[5].size() < 2 && bench.random() % 50 == 0) bench.queue[5].push_back(60 + bench.random() % 1458);
    bench.step();
  }
  CHECK(bench.grants[0] >= 58);
  CHECK(bench.grants[0] <= 60);
}

TEST_CASE("A paused class gets nothing, the others all; resumed, it goes on", "[rtl][tx]") {
  Bench bench;
  for (unsigned p = 0; p < kPairs; ++p) bench.set(p, TXS_CLASS, 7 - p);
  long before = 0;
  for (int i = 0; i < 30'000; ++i) {
    for (unsigned p = 0; p < kPairs; ++p) {
      while (bench.queue[p].size() < 4) bench.queue[p].push_back(64);
    }
    if (i == 10'000) bench.dut->class_paused_i = 1U << 4;  // pair 3
    if (i == 10'020) before = bench.grants[3];
    if (i == 20'000) CHECK(bench.grants[3] == before);
    if (i == 20'000) bench.dut->class_paused_i = 0;
    bench.step();
  }
  CHECK(bench.grants[3] > before + 100);
  CHECK(bench.grants[2] > 390);
}

TEST_CASE("Nobody who is ready waits for ever, and nobody else is granted", "[rtl][tx]") {
  const unsigned late = GENERATE(0U, 1U, 2U, 3U);
  Bench bench;
  bench.take_percent = 40;
  long waits[kPairs] = {};
  for (int i = 0; i < 200'000; ++i) {
    const unsigned p = bench.random() % kPairs;
    if (bench.queue[p].size() < 6 && bench.random() % 12 == 0) {
      bench.queue[p].push_back(bench.random() % 30 == 0 ? 65000 : 60 + bench.random() % 1458);
    }
    bench.step(late);
    for (unsigned q = 0; q < kPairs; ++q) {
      waits[q] = bench.queue[q].empty() || bench.last_grant[q] + 2 > bench.dut.cycles() ? 0 : waits[q] + 1;
      // 65000 bytes are 32 turns of 2048 bytes, in each of which seven others may send theirs.
      REQUIRE(waits[q] < 33L * 7 * 8 * 40);
    }
  }
  long all = 0;
  for (const long n : bench.grants) all += n;
  CHECK(all > 8'000);
}

TEST_CASE("Settings read back; after a reset they are the reset values; holes read 0", "[rtl][tx]") {
  Bench bench;
  for (unsigned p = 0; p < kPairs; ++p) {
    const unsigned at = TXS_PAIRS + TXS_PAIR_BYTES * p;
    CHECK(bench.access(false, at + TXS_QUANTUM) == TXS_QUANTUM_RESET);
    CHECK(bench.access(false, at + TXS_RATE) == 0);
    CHECK(bench.access(false, at + TXS_BURST) == TXS_BURST_RESET);
    CHECK(bench.access(false, at + TXS_CLASS) == 0);
    bench.set(p, TXS_QUANTUM, 0x11000 + p);
    bench.set(p, TXS_RATE, 0x8000 + p);
    bench.set(p, TXS_BURST, 0x20000 + p);
    bench.set(p, TXS_CLASS, p);
  }
  for (unsigned p = 0; p < kPairs; ++p) {
    const unsigned at = TXS_PAIRS + TXS_PAIR_BYTES * p;
    CHECK(bench.access(false, at + TXS_QUANTUM) == 0x11000 + p);
    CHECK(bench.access(false, at + TXS_RATE) == 0x8000 + p);
    CHECK(bench.access(false, at + TXS_BURST) == 0x20000 + p);
    CHECK(bench.access(false, at + TXS_CLASS) == p);
  }
  bench.set(0, TXS_QUANTUM, 1);
  CHECK(bench.access(false, TXS_PAIRS + TXS_QUANTUM) == TXS_QUANTUM_MIN);
  CHECK(bench.access(false, TXS_VLAN) == 0);
  CHECK(!bench.dut->vlan_enable_o);
  bench.access(true, TXS_VLAN, 0x1A123);
  CHECK(bench.access(false, TXS_VLAN) == 0x1A123);
  CHECK(bench.dut->vlan_enable_o);
  CHECK(bench.dut->vlan_tci_o == 0xA123);
  bench.access(true, TXS_PAIRS + TXS_PAIR_BYTES * kPairs, 5);
  for (const unsigned hole : {4U, 0x3FCU, TXS_PAIRS + TXS_PAIR_BYTES * kPairs, 0x7FCU, 0x800U, 0xFFCU}) {
    CHECK(bench.access(false, hole) == 0);
  }
}
