// SPDX-License-Identifier: Apache-2.0
// Read-ahead of descriptors: batch sizes, the ring's end, arming, errors, space.
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/dma_layout.hpp"
#include "tests/rtl/virtio/bits.hpp"
#include "Vvirtq_desc_fetch_test_rtl.h"

namespace {

using tests::virtio::bits;
using tests::virtio::set_bits;

constexpr std::uint64_t kRing = 0x7700000000;

struct Read {
  unsigned first = 0;  // descriptor
  unsigned count = 0;
  bool operator==(const Read&) const = default;
};

/// The ring as the driver fills it, and the memory behind it.
class Fetch {
 public:
  Fetch(unsigned size, bool event_idx) : size_(size), flags_(size) {
    set_bits(dut->config_i, 0, 64, 0);
    set_bits(dut->config_i, 64, 64, 0);
    set_bits(dut->config_i, 128, 64, kRing);
    set_bits(dut->config_i, 192, 16, size);
    set_bits(dut->config_i, 208, 1, event_idx);
    set_bits(dut->config_i, 209, 1, 1);
    dut->desc_ready_i = 1;
  }

  void make_available(unsigned count) {
    for (; count > 0; --count) {
      flags_[next_ % size_] = next_ / size_ % 2 == 0 ? contract::DESC_F_AVAIL : contract::DESC_F_USED;
      ++next_;
    }
  }
  void kick() {
    dut->kick_i = 1;
    step();
    while (dut->kick_i) step();
  }
  void run(int cycles) {
    for (int k = 0; k < cycles; ++k) step();
  }

  void step() {
    dut->arm_done_i = 0;
    dut->rd_place_valid_i = 0;
    dut->rd_done_valid_i = 0;
    dut->rd_req_ready_i = !reading_;
    if (reading_) answer();
    dut.settle();
    if (dut->arm_valid_o && ++arm_wait_ > 5) {
      arm_wait_ = 0;
      dut->arm_done_i = 1;
      armed.push_back(dut->arm_o);
      dut.settle();
    }
    if (dut->kick_taken_o) dut->kick_i = 0;
    if (dut->rd_req_valid_o && dut->rd_req_ready_i) {
      const std::uint64_t addr = bits(dut->rd_req_o, dma_layout::kReqAddr, 64);
      const auto len = static_cast<unsigned>(bits(dut->rd_req_o, dma_layout::kReqLen, 16));
      local_ = static_cast<unsigned>(bits(dut->rd_req_o, dma_layout::kReqLocal, dma_layout::kLocalW));
      reads.push_back({static_cast<unsigned>((addr - kRing) / contract::DESC_BYTES), len / contract::DESC_BYTES});
      reading_ = true;
      word_ = 0;
    }
    if (dut->desc_valid_o && dut->desc_ready_i) {
      REQUIRE(bits(dut->desc_o, 0, 64) == 0xab00 + handed % size_);
      REQUIRE(bits(dut->desc_o, 64, 32) == handed % size_ + 1);
      REQUIRE(bits(dut->desc_o, 96, 16) == handed % size_);
      ++handed;
    }
    dut.tick();
  }

  tests::Clocked<Vvirtq_desc_fetch_test_rtl> dut;
  std::vector<Read> reads;
  std::vector<unsigned> armed;
  unsigned handed = 0;
  unsigned status = contract::RD_OK;

 private:
  void answer() {
    const Read& read = reads.back();
    if (status == contract::RD_OK && word_ < 2 * read.count) {
      const unsigned index = read.first + word_ / 2;
      REQUIRE(index < size_);
      const std::uint64_t data = word_ % 2 == 0
                                     ? 0xab00 + index
                                     : std::uint64_t{flags_[index]} << 48 | std::uint64_t{index} << 32 | (index + 1);
      dut->rd_place_valid_i = 1;
      set_bits(dut->rd_place_i, 0, 8, 0xff);
      set_bits(dut->rd_place_i, 8, 64, data);
      set_bits(dut->rd_place_i, dma_layout::kPlaceWord, dma_layout::kWordW, local_ / 8 + word_);
      set_bits(dut->rd_place_i, dma_layout::kPlaceClient, 3, contract::RD_RX_DESC);
      ++word_;
      return;
    }
    dut->rd_done_valid_i = 1;
    dut->rd_done_i = static_cast<std::uint16_t>(contract::RD_RX_DESC << 8 | status);
    reading_ = false;
  }

  unsigned size_;
  std::vector<unsigned> flags_;
  unsigned next_ = 0;
  bool reading_ = false;
  unsigned local_ = 0;
  unsigned word_ = 0;
  int arm_wait_ = 0;
};

}  // namespace

TEST_CASE("Batches double while they come back full and start again at four", "[rtl][virtio]") {
  Fetch fetch(256, true);
  fetch.make_available(50);
  fetch.run(600);
  const std::vector<Read> expected = {{0, 4}, {4, 8}, {12, 16}, {28, 16}, {44, 16}, {50, 4}};
  REQUIRE(fetch.reads == expected);
  REQUIRE(fetch.handed == 50);
  REQUIRE(fetch.armed == std::vector<unsigned>{50 | 1u << 15});
}

TEST_CASE("An empty ring is armed, read once more, and then left alone until a kick", "[rtl][virtio]") {
  Fetch fetch(16, true);
  fetch.run(300);
  REQUIRE(fetch.reads == std::vector<Read>{{0, 4}, {0, 4}});
  REQUIRE(fetch.armed == std::vector<unsigned>{1u << 15});
  fetch.kick();  // spurious: one cheap look, no second arming
  fetch.run(300);
  REQUIRE(fetch.reads.size() == 3);
  REQUIRE(fetch.armed.size() == 1);
  fetch.make_available(1);
  fetch.kick();
  fetch.run(300);
  REQUIRE(fetch.handed == 1);
  REQUIRE(fetch.reads.size() == 5);
  REQUIRE(fetch.armed.back() == (1 | 1u << 15));
}

TEST_CASE("What is made available between reading and arming is found without a kick", "[rtl][virtio]") {
  for (int delay = 0; delay < 60; ++delay) {
    Fetch fetch(16, true);
    fetch.run(delay);
    const bool would_kick = !fetch.armed.empty();  // the driver kicks only if it saw the request
    fetch.make_available(1);
    if (would_kick) fetch.kick();
    fetch.run(300);
    INFO("delay " << delay);
    REQUIRE(fetch.handed == 1);
  }
}

TEST_CASE("Without the event index kicks are enabled once and for all", "[rtl][virtio]") {
  Fetch fetch(16, false);
  fetch.run(300);
  for (unsigned k = 1; k <= 5; ++k) {
    fetch.make_available(1);
    fetch.kick();
    fetch.run(300);
    REQUIRE(fetch.handed == k);
  }
  REQUIRE(fetch.armed.size() == 1);
}

TEST_CASE("No read passes the end of the ring, whatever its size", "[rtl][virtio]") {
  for (unsigned size = 1; size <= 40; ++size) {
    std::mt19937 random(size);
    Fetch fetch(size, true);
    unsigned given = 0;
    for (int round = 0; round < 60; ++round) {
      const unsigned count = 1 + static_cast<unsigned>(random() % size);
      fetch.make_available(count);
      given += count;
      fetch.kick();
      for (int k = 0; k < 3000 && fetch.handed != given; ++k) fetch.step();
      INFO("size " << size << " round " << round);
      REQUIRE(fetch.handed == given);
    }
    for (const Read& read : fetch.reads) REQUIRE(read.first + read.count <= size);
  }
}

TEST_CASE("Reads wait for space while nobody takes descriptors", "[rtl][virtio]") {
  Fetch fetch(256, true);
  fetch.dut->desc_ready_i = 0;
  fetch.make_available(200);
  fetch.run(1000);
  unsigned asked = 0;
  for (const Read& read : fetch.reads) asked += read.count;
  REQUIRE(asked <= 33);  // 32 slots and the output
  fetch.dut->desc_ready_i = 1;
  fetch.run(3000);
  REQUIRE(fetch.handed == 200);
}

TEST_CASE("A failed read is an error until reset", "[rtl][virtio]") {
  Fetch fetch(16, true);
  fetch.status = contract::RD_TIMEOUT;
  fetch.run(100);
  REQUIRE(fetch.dut->error_o);
  REQUIRE(fetch.dut->quiet_o);
  REQUIRE(fetch.reads.size() == 1);
  fetch.dut->kick_i = 1;
  fetch.run(100);
  REQUIRE(fetch.reads.size() == 1);
}
