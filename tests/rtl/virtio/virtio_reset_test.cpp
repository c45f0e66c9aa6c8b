// SPDX-License-Identifier: Apache-2.0
// Resets in the middle of everything: nothing reaches host memory afterwards, every frame is accounted for.
#include <catch2/catch.hpp>
#include <random>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/virtio/device_bench.hpp"
#include "tests/rtl/virtio/driver_ring.hpp"

namespace {

using tests::virtio::DeviceBench;
using tests::virtio::DmaTiming;
using tests::virtio::DriverRing;
using tests::virtio::Frame;
using tests::virtio::HostMemory;
using tests::virtio::RingPlace;

constexpr std::uint64_t feature(unsigned bit) {
  return std::uint64_t{1} << bit;
}
constexpr std::uint64_t kFeatures =
    feature(contract::F_VERSION_1) | feature(contract::RING_F_EVENT_IDX) | feature(contract::F_RING_RESET);
constexpr unsigned kSize = 64;
constexpr unsigned kPairs = 3;
constexpr unsigned kQueues = 2 * kPairs;

/// Each queue's own part of host memory.
RingPlace place_of(unsigned queue) {
  const std::uint64_t base = HostMemory::kBase + queue * 0x40000ull;
  return {.desc = base, .driver = base + 0x2000, .device = base + 0x3000, .tables = 0};
}
std::uint64_t buffers_of(unsigned queue) {
  return place_of(queue).desc + 0x8000;
}

/// A device under load: buffers for all queues, frames on both sides.
struct Loaded {
  explicit Loaded(unsigned seed, bool is_packed = true)
      : packed(is_packed), random(seed), bench(DmaTiming{.link_max = 30, .memory_max = 200, .stall = 20}, seed) {
    bench.on_sent = [this](unsigned, const Frame&) { ++sent; };
  }

  [[nodiscard]] std::uint64_t features() const { return kFeatures | (packed ? feature(contract::F_RING_PACKED) : 0); }
  void start() {
    bench.negotiate(features());
    for (unsigned queue = 0; queue < kQueues; ++queue) start_queue(queue);
    bench.driver_ok();
  }
  [[nodiscard]] std::unique_ptr<DriverRing> ring_of(unsigned queue) {
    return DriverRing::make(bench.memory, place_of(queue), kSize,
                            {.packed = packed, .event_idx = true, .in_order = false, .device_writes = queue % 2 == 0});
  }
  void enable(unsigned queue, const DriverRing& ring, unsigned vector) {
    bench.set_queue(queue, kSize, ring.place().desc, ring.place().driver, ring.place().device, vector);
  }
  void start_queue(unsigned queue) {
    const auto ring = ring_of(queue);
    for (unsigned id = 0; ring->room() > 2; ++id) {
      const std::uint64_t at = buffers_of(queue) + id * 1600;
      for (unsigned k = 0; k < 12; ++k) bench.memory.at(at + k) = 0;
      if (id % 3 == 0) {
        ring->add(id, {{at, 7}, {at + 7, 1500}});
      } else {
        ring->add(id, {{at, 72 + static_cast<std::uint32_t>(random() % 1400)}});
      }
    }
    enable(queue, *ring, 1 + queue);
  }
  void arrive(unsigned count) {
    for (; count > 0; --count) {
      bench.rx_frames.push_back({.pair = static_cast<unsigned>(random() % kPairs),
                                 .seq = 0,
                                 .frame = Frame(60 + random() % 1450, std::uint8_t{0x5a})});
      ++arrived;
    }
  }
  void check_accounts() {
    const auto& c = bench.counts;
    REQUIRE(bench.dma.violation() == "");
    REQUIRE(c.rx_delivered + c.rx_drops() + static_cast<long>(bench.rx_frames.size()) == arrived);
    REQUIRE(c.tx_taken == c.tx_commit + c.tx_drops());
    REQUIRE(c.tx_commit == sent);
  }

  bool packed;
  std::mt19937 random;
  DeviceBench bench;
  long arrived = 0;
  long sent = 0;
};

}  // namespace

TEST_CASE("After a device reset reads as done nothing is written and every frame is accounted for", "[rtl][virtio]") {
  long dropped_by_reset = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    Loaded device(seed, seed % 2 == 0);
    for (int round = 0; round < 3; ++round) {
      device.start();
      device.arrive(20);
      device.bench.run(static_cast<int>(device.random() % 3000));
      REQUIRE(device.bench.reset_device());
      // What the device handed over before reaches memory ahead of the answer that read 0.
      while (!device.bench.dma.idle()) device.bench.step();
      device.bench.dma.writes_forbidden = true;
      for (unsigned queue = 0; queue < kQueues; ++queue) device.bench.post_doorbell(queue);
      device.bench.run(500);
      device.bench.dma.writes_forbidden = false;
      device.check_accounts();
    }
    dropped_by_reset += device.bench.counts.tx_drop_reset + device.bench.counts.rx_drop_reset;
  }
  REQUIRE(dropped_by_reset > 50);
}

TEST_CASE("A function level reset clears the device as a status of 0 does", "[rtl][virtio]") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    Loaded device(seed, seed % 2 == 0);
    device.start();
    device.arrive(10);
    device.bench.run(static_cast<int>(device.random() % 2000));
    device.bench.dut->flr_i = 1;
    device.bench.step();
    device.bench.dut->flr_i = 0;
    int waited = 0;
    while (device.bench.read(contract::COMMON_DEVICE_STATUS, 1) != 0) REQUIRE(++waited < 5000);
    while (!device.bench.dma.idle()) device.bench.step();
    device.bench.dma.writes_forbidden = true;
    device.bench.run(300);
    device.check_accounts();
    REQUIRE(device.bench.read(contract::COMMON_QUEUE_ENABLE, 2) == 0);
  }
}

TEST_CASE("RING_RESET restarts one queue while the others keep running", "[rtl][virtio]") {
  for (unsigned seed = 1; seed <= 24; ++seed) {
    INFO("seed " << seed);
    Loaded device(seed, seed % 2 == 0);
    DeviceBench& bench = device.bench;
    device.start();
    const unsigned queue = seed % kQueues;
    for (int round = 0; round < 3; ++round) {
      device.arrive(15);
      bench.run(static_cast<int>(device.random() % 2500));
      bench.write(contract::COMMON_QUEUE_SELECT, queue, 2);
      bench.write(contract::COMMON_QUEUE_RESET, 1, 2);
      int waited = 0;
      while (bench.read(contract::COMMON_QUEUE_RESET, 2) != 0) REQUIRE(++waited < 5000);
      REQUIRE(bench.read(contract::COMMON_QUEUE_ENABLE, 2) == 0);
      while (!bench.dma.idle()) bench.step();
      const long before = queue % 2 == 0 ? bench.counts.rx_used : bench.counts.tx_used;
      device.start_queue(queue);
      device.arrive(20);
      bench.run(6000);
      REQUIRE((queue % 2 == 0 ? bench.counts.rx_used : bench.counts.tx_used) > before);
    }
    bench.run(20000);
    device.check_accounts();
    REQUIRE((bench.read(contract::COMMON_DEVICE_STATUS, 1) & contract::STATUS_NEEDS_RESET) == 0);
  }
}

TEST_CASE("Committed frames are sent and their room comes back, whatever is reset meanwhile", "[rtl][virtio]") {
  Loaded device(3);
  for (int round = 0; round < 30; ++round) {
    device.bench.hold_transmit = true;
    device.start();
    device.bench.run(9000);
    REQUIRE(device.bench.reset_device());
    device.bench.hold_transmit = false;
    device.bench.run(8000);
    device.check_accounts();
  }
  REQUIRE(device.sent > 100);
}

TEST_CASE("A broken descriptor stops its queue, asks for a reset, and the reset heals it", "[rtl][virtio]") {
  for (const unsigned queue : {0u, 1u}) {
    Loaded device(queue + 1);
    DeviceBench& bench = device.bench;
    unsigned config_interrupts = 0;
    bench.dma.on_interrupt = [&](unsigned vector) { config_interrupts += vector == 16; };
    bench.write(contract::COMMON_CONFIG_MSIX_VECTOR, 16, 2);
    bench.negotiate(device.features());
    device.start_queue(queue ^ 1u);
    const auto ring = device.ring_of(queue);
    ring->add(1, {{buffers_of(queue), 0}});
    device.enable(queue, *ring, 1);
    bench.driver_ok();
    bench.run(3000);
    REQUIRE((bench.read(contract::COMMON_DEVICE_STATUS, 1) & contract::STATUS_NEEDS_RESET) != 0);
    REQUIRE(config_interrupts == 1);
    REQUIRE(bench.counts.desc_errors == 1);
    REQUIRE(bench.reset_device());
    REQUIRE(bench.read(contract::COMMON_DEVICE_STATUS, 1) == 0);
    device.start();
    device.arrive(5);
    bench.run(60000);
    device.check_accounts();
    REQUIRE(bench.counts.rx_delivered > 0);
    REQUIRE(device.sent > 0);
  }
}

TEST_CASE("An unreadable ring is a descriptor error, not a hang", "[rtl][virtio]") {
  Loaded device(8);
  DeviceBench& bench = device.bench;
  bench.negotiate(device.features());
  bench.set_queue(1, kSize, 0x10, place_of(1).driver, place_of(1).device, 2);
  bench.driver_ok();
  bench.run(1000);
  REQUIRE(bench.counts.desc_errors == 1);
  REQUIRE((bench.read(contract::COMMON_DEVICE_STATUS, 1) & contract::STATUS_NEEDS_RESET) != 0);
  REQUIRE(bench.reset_device());
}

TEST_CASE("A queue can be reset before the driver is ready, and a device reset during that wipes nothing later",
          "[rtl][virtio]") {
  for (int delay = 0; delay < 40; ++delay) {
    Loaded device(1);
    DeviceBench& bench = device.bench;
    bench.negotiate(device.features());
    device.start_queue(0);
    bench.write(contract::COMMON_QUEUE_RESET, 1, 2);
    if (delay == 0) {
      int waited = 0;
      while (bench.read(contract::COMMON_QUEUE_RESET, 2) != 0) REQUIRE(++waited < 1000);
      REQUIRE(bench.read(contract::COMMON_QUEUE_ENABLE, 2) == 0);
    }
    bench.run(delay);
    REQUIRE(bench.reset_device());
    device.start();
    device.arrive(3);
    bench.run(8000);
    REQUIRE(bench.counts.rx_delivered > 0);
  }
}
