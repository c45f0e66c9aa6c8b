// SPDX-License-Identifier: Apache-2.0
// Interrupt decisions in time: what is published at any moment is seen by a read that begins after it.
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/dma_layout.hpp"
#include "tests/rtl/virtio/bits.hpp"
#include "Vvirtq_event_test_rtl.h"

namespace {

using tests::virtio::bits;
using tests::virtio::set_bits;

constexpr std::uint64_t kDriverArea = 0x5550004;

/// The module, a driver area in memory, and reads of a set length.
class Event {
 public:
  Event(unsigned size, bool event_idx, int read_cycles) : size_(size), read_cycles_(read_cycles) {
    set_bits(dut->config_i, 64, 64, kDriverArea);
    set_bits(dut->config_i, 192, 16, size);
    set_bits(dut->config_i, 208, 1, event_idx);
    set_bits(dut->config_i, 209, 1, 1);
  }

  /// One cycle, in which `descs` descriptors are published (0: none).
  void step(unsigned descs = 0) {
    position_ += descs;
    dut->published_i = descs != 0;
    dut->published_descs_i = descs;
    dut->published_position_i =
        static_cast<std::uint16_t>(position_ % size_ | (position_ / size_ % 2 == 0 ? 1u << 15 : 0u));
    dut->rd_req_ready_i = left_ == 0;
    dut->rd_place_valid_i = left_ == 2 && status == contract::RD_OK;
    if (dut->rd_place_valid_i) {
      set_bits(dut->rd_place_i, 0, 8, 0x0f);
      set_bits(dut->rd_place_i, 8, 64, sampled_);
      set_bits(dut->rd_place_i, dma_layout::kPlaceWord, dma_layout::kWordW, 0);
      set_bits(dut->rd_place_i, dma_layout::kPlaceClient, 3, contract::RD_RX_EVENT);
    }
    dut->rd_done_valid_i = left_ == 1;
    dut->rd_done_i = static_cast<std::uint16_t>(contract::RD_RX_EVENT << 8 | status);
    dut.settle();
    if (left_ > 0) --left_;
    if (dut->rd_req_valid_o && dut->rd_req_ready_i) {
      REQUIRE(bits(dut->rd_req_o, dma_layout::kReqAddr, 64) == kDriverArea);
      REQUIRE(bits(dut->rd_req_o, dma_layout::kReqLen, 16) == contract::EVENT_BYTES);
      left_ = read_cycles_;
      sampled_ = memory;
      read_at_position = position_ - descs;
      ++reads;
    }
    irqs += dut->irq_o;
    suppressed += dut->suppressed_o;
    dut.tick();
  }
  void run(int cycles) {
    for (int k = 0; k < cycles; ++k) step();
  }

  tests::Clocked<Vvirtq_event_test_rtl> dut;
  std::uint32_t memory = 0;  // off_wrap, flags
  unsigned status = contract::RD_OK;
  unsigned reads = 0, irqs = 0, suppressed = 0;
  unsigned read_at_position = 0;

 private:
  unsigned size_;
  int read_cycles_;
  int left_ = 0;
  std::uint64_t sampled_ = 0;
  unsigned position_ = 0;
};

constexpr std::uint32_t wish(unsigned flags, unsigned off_wrap = 0) {
  return flags << 16 | off_wrap;
}

}  // namespace

TEST_CASE("Every moment of publishing is followed by a read that begins after it", "[rtl][virtio]") {
  for (int first = 1; first < 40; ++first) {
    for (int second = 1; second < 40; ++second) {
      Event event(64, true, 12);
      event.memory = wish(contract::EVENT_ENABLE);
      unsigned published = 0;
      for (const int pause : {0, first, second}) {
        event.run(pause);
        event.step(2);
        published += 2;
      }
      event.run(100);
      INFO("pauses " << first << ", " << second);
      REQUIRE(event.read_at_position == published);
      REQUIRE(event.irqs == event.reads);
      REQUIRE(event.dut->quiet_o);
    }
  }
}

TEST_CASE("A wanted entry interrupts once, whenever it is published", "[rtl][virtio]") {
  for (int pause = 1; pause < 40; ++pause) {
    for (unsigned wanted = 0; wanted < 6; ++wanted) {
      Event event(64, true, 12);
      event.memory = wish(contract::EVENT_DESC, wanted | 1u << 15);
      for (int k = 0; k < 6; ++k) {
        event.step(1);
        event.run(pause - 1);
      }
      event.run(100);
      INFO("pause " << pause << " wanted " << wanted);
      REQUIRE(event.irqs == 1);
    }
  }
}

TEST_CASE("More than a lap between two decisions interrupts unless interrupts are disabled", "[rtl][virtio]") {
  Event event(4, true, 60);
  event.memory = wish(contract::EVENT_DESC, 0x7000);  // an entry that does not exist
  event.step(1);
  event.run(10);
  for (int k = 0; k < 5; ++k) event.step(1);  // a lap and one, during the read
  event.run(300);
  REQUIRE(event.suppressed == 1);
  REQUIRE(event.irqs == 1);
  event.memory = wish(contract::EVENT_DISABLE);
  for (int k = 0; k < 9; ++k) event.step(1);
  event.run(300);
  REQUIRE(event.irqs == 1);
}

TEST_CASE("A read that fails interrupts: one too many is harmless", "[rtl][virtio]") {
  Event event(16, true, 10);
  event.memory = wish(contract::EVENT_DISABLE);
  event.status = contract::RD_CPL_STATUS;
  event.step(1);
  event.run(100);
  REQUIRE(event.irqs == 1);
}

TEST_CASE("Stopped, a read under way ends in silence and none begins", "[rtl][virtio]") {
  Event event(16, true, 20);
  event.memory = wish(contract::EVENT_ENABLE);
  event.step(1);
  event.run(5);
  event.dut->stop_i = 1;
  event.step(1);
  REQUIRE_FALSE(event.dut->quiet_o);
  event.run(100);
  REQUIRE(event.dut->quiet_o);
  REQUIRE(event.reads == 1);
  REQUIRE(event.irqs == 0);
}
