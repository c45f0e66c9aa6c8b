// SPDX-License-Identifier: Apache-2.0
// virtio_control between a driver that uses its registers and fake blocks of the data path.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <vector>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/virtio/bits.hpp"
#include "Vvirtio_control_test_rtl.h"

namespace tests::virtio {

constexpr std::uint64_t feature(unsigned bit) {
  return std::uint64_t{1} << bit;
}
constexpr unsigned kPairs = 64;
constexpr unsigned kQueues = 2 * kPairs;
constexpr unsigned kAcked = contract::STATUS_ACKNOWLEDGE | contract::STATUS_DRIVER;
constexpr std::uint64_t kNeeded = feature(contract::F_VERSION_1) | feature(contract::F_RING_PACKED);
constexpr std::uint64_t kOffered = kNeeded | feature(contract::F_RING_RESET) | feature(contract::RING_F_EVENT_IDX) |
                                   feature(contract::F_IN_ORDER) | feature(contract::F_NOTIFICATION_DATA) |
                                   feature(contract::RING_F_INDIRECT_DESC) | feature(contract::NET_F_MRG_RXBUF) |
                                   feature(contract::NET_F_MAC);

struct ConfigWrite {
  unsigned queue;
  unsigned field;
  std::uint64_t data;
  bool operator==(const ConfigWrite&) const = default;
};
struct Doorbell {
  unsigned queue;
  unsigned next;
  bool operator==(const Doorbell&) const = default;
};

/// One direction's blocks: what they would have in flight for each pair.
struct FakeBlocks {
  std::array<unsigned, kPairs> in_flight{};  // cycles until at rest, once stopped
  std::array<unsigned, kPairs> clearing{};   // cycles that a clear takes
  std::array<unsigned, kPairs> clears{};
  unsigned asked[2]{};  // query of the last two cycles: the answer is registered
};

class ControlBench {
 public:
  explicit ControlBench(std::uint64_t offered = kOffered, unsigned seed = 1) : random(seed) {
    dut->mac_i = 0x060504030201;
    dut->mtu_i = 9000;
    dut->link_up_i = 1;
    dut->features_offered_i = offered;
    dut->msix_enabled_i = 1;
    dut->retract_ready_i = 1;
    dut->rx_quiet_i = 1;
    dut->tx_quiet_i = 1;
    dut.reset();
    cycle();
  }

  /// One cycle, with everything that leaves written down.
  void cycle() {
    dut->rx_quiet_i = answer(rx) ? 1 : 0;
    dut->tx_quiet_i = answer(tx) ? 1 : 0;
    dut.settle();
    note();
    work(rx, 0);
    work(tx, 1);
    dut.tick();
  }
  void cycles(unsigned n) {
    while (n-- > 0) cycle();
  }

  std::uint32_t access(bool write, std::uint32_t addr, unsigned be, std::uint32_t data) {
    dut->req_valid_i = 1;
    dut->req_i = std::uint64_t{write} << 52 | std::uint64_t{addr & ~3u} << 36 | std::uint64_t{be} << 32 | data;
    dut.settle();
    while (!dut->req_ready_o) cycle();
    cycle();
    dut->req_valid_i = 0;
    dut.settle();
    unsigned waited = 0;
    while (!dut->rsp_valid_o) {
      REQUIRE(++waited < 30);
      cycle();
    }
    const std::uint32_t value = dut->rsp_rdata_o;
    cycle();
    return value;
  }
  std::uint32_t read(std::uint32_t addr, unsigned bytes) {
    const unsigned lane = addr % 4;
    const std::uint32_t word = access(false, addr, ((1u << bytes) - 1) << lane, 0);
    return bytes == 4 ? word : word >> (8 * lane) & ((1u << (8 * bytes)) - 1);
  }
  void write(std::uint32_t addr, std::uint32_t value, unsigned bytes) {
    const unsigned lane = addr % 4;
    access(true, addr, ((1u << bytes) - 1) << lane, value << (8 * lane));
  }
  unsigned status() { return read(contract::COMMON_DEVICE_STATUS, 1); }
  void set_status(unsigned value) { write(contract::COMMON_DEVICE_STATUS, value, 1); }
  void select(unsigned queue) { write(contract::COMMON_QUEUE_SELECT, queue, 2); }

  std::uint64_t offered() {
    std::uint64_t value = 0;
    for (unsigned half = 0; half < 2; ++half) {
      write(contract::COMMON_DEVICE_FEATURE_SELECT, half, 4);
      value |= std::uint64_t{read(contract::COMMON_DEVICE_FEATURE, 4)} << (32 * half);
    }
    return value;
  }
  bool accept(std::uint64_t features) {
    set_status(contract::STATUS_ACKNOWLEDGE);
    set_status(kAcked);
    for (unsigned half = 0; half < 2; ++half) {
      write(contract::COMMON_DRIVER_FEATURE_SELECT, half, 4);
      write(contract::COMMON_DRIVER_FEATURE, static_cast<std::uint32_t>(features >> (32 * half)), 4);
    }
    set_status(kAcked | contract::STATUS_FEATURES_OK);
    return (status() & contract::STATUS_FEATURES_OK) != 0;
  }
  void enable(unsigned queue, unsigned vector = contract::MSI_NO_VECTOR, unsigned size = 256) {
    select(queue);
    write(contract::COMMON_QUEUE_SIZE, size, 2);
    write(contract::COMMON_QUEUE_MSIX_VECTOR, vector, 2);
    for (unsigned k = 0; k < 6; ++k) write(contract::COMMON_QUEUE_DESC_LO + 4 * k, 0x1000 * queue + 0x100 * k, 4);
    write(contract::COMMON_QUEUE_ENABLE, 1, 2);
  }
  void run(std::uint64_t features = kOffered) {
    REQUIRE(accept(features));
    set_status(kAcked | contract::STATUS_FEATURES_OK | contract::STATUS_DRIVER_OK);
  }
  void interrupt(unsigned queue) {
    if (queue % 2 == 0) {
      dut->rx_irq_valid_i = 1;
      dut->rx_irq_pair_i = static_cast<CData>(queue / 2);
    } else {
      dut->tx_irq_valid_i = 1;
      dut->tx_irq_pair_i = static_cast<CData>(queue / 2);
    }
    cycle();
    dut->rx_irq_valid_i = 0;
    dut->tx_irq_valid_i = 0;
  }

  bool enabled(unsigned queue) {
    return ((queue % 2 == 0 ? dut->rx_enabled_o : dut->tx_enabled_o) >> (queue / 2) & 1) != 0;
  }
  bool stopped(unsigned queue) { return ((queue % 2 == 0 ? dut->rx_stop_o : dut->tx_stop_o) >> (queue / 2) & 1) != 0; }

  Clocked<Vvirtio_control_test_rtl> dut;
  std::mt19937 random;
  FakeBlocks rx, tx;
  std::vector<ConfigWrite> configs;
  std::vector<Doorbell> doorbells;
  std::vector<unsigned> requests;  // MSI-X
  struct Retract {
    bool all, keep;
    unsigned vector;
    bool operator==(const Retract&) const = default;
  };
  std::vector<Retract> retracts;
  unsigned good = 0, bad = 0, rx_errors = 0, tx_errors = 0;

 private:
  bool answer(FakeBlocks& blocks) {
    const unsigned pair = blocks.asked[1];
    blocks.asked[1] = blocks.asked[0];
    blocks.asked[0] = dut->query_pair_o;
    return blocks.in_flight[pair] == 0 && blocks.clearing[pair] == 0;
  }
  void work(FakeBlocks& blocks, unsigned direction) {
    const bool clear = direction == 0 ? dut->rx_clear_o : dut->tx_clear_o;
    for (unsigned pair = 0; pair < kPairs; ++pair) {
      if (blocks.clearing[pair] != 0) --blocks.clearing[pair];
      if (blocks.in_flight[pair] != 0 && stopped(2 * pair + direction)) --blocks.in_flight[pair];
    }
    if (!clear) return;
    const unsigned pair = dut->clear_pair_o;
    REQUIRE(blocks.in_flight[pair] == 0);
    REQUIRE(blocks.clearing[pair] == 0);
    REQUIRE(stopped(2 * pair + direction));
    ++blocks.clears[pair];
    blocks.clearing[pair] = static_cast<unsigned>(random() % 40);
  }
  void note() {
    const auto config = [&](const auto& value, unsigned direction) {
      if (bits(value, 72, 1) == 0) return;
      configs.push_back({static_cast<unsigned>(2 * bits(value, 66, 6) + direction),
                         static_cast<unsigned>(bits(value, 64, 2)), bits(value, 0, 64)});
      REQUIRE_FALSE(enabled(configs.back().queue));
    };
    config(dut->rx_config_o, 0);
    config(dut->tx_config_o, 1);
    const auto doorbell = [&](std::uint32_t value, unsigned direction) {
      if ((value >> 22 & 1) != 0) doorbells.push_back({2 * (value >> 16 & 63) + direction, value & 0xffff});
    };
    doorbell(dut->rx_doorbell_o, 0);
    doorbell(dut->tx_doorbell_o, 1);
    if (dut->irq_valid_o) requests.push_back(dut->irq_vector_o);
    if (dut->retract_valid_o && dut->retract_ready_i) {
      retracts.push_back({dut->retract_all_o != 0, dut->retract_keep_o != 0, dut->retract_vector_o});
    }
    good += dut->doorbell_o;
    bad += dut->doorbell_bad_o;
    rx_errors += dut->rx_desc_error_o;
    tx_errors += dut->tx_desc_error_o;
  }
};

}  // namespace tests::virtio
