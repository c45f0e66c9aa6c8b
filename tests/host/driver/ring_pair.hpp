// SPDX-License-Identifier: Apache-2.0
// A virtqueue and the device at its other side.
#pragma once

#include <bit>
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "host/driver/virtqueue.hpp"
#include "tests/host/driver/packed_device.hpp"
#include "tests/host/driver/split_device.hpp"

namespace host_test {

using host::driver::Access;
using host::driver::BufferPiece;
using host::driver::EventIndex;
using host::driver::RingKind;
using host::driver::RingOptions;
using host::driver::Virtqueue;

struct RingPair {
  explicit RingPair(const RingOptions& options) : queue(std::move(*Virtqueue::create(dma, options))) {
    const bool event_index = options.event_index == EventIndex::on;
    if (options.kind == RingKind::packed) {
      ring = std::make_unique<PackedDevice>(dma, queue->ring_address(), queue->driver_area_address(),
                                            queue->device_area_address(), options.size, event_index);
    } else {
      ring = std::make_unique<SplitDevice>(dma, queue->ring_address(), queue->driver_area_address(),
                                           queue->device_area_address(), options.size, event_index);
    }
  }
  RingPair(RingKind kind, unsigned size, EventIndex event_index = EventIndex::on)
      : RingPair(RingOptions{.kind = kind, .size = size, .event_index = event_index}) {}
  ~RingPair() {
    CHECK(device().torn_chains == 0);
    CHECK(device().bad_tables == 0);
    CHECK(dma.faults == 0);
  }
  [[nodiscard]] RingDevice& device() const { return *ring; }
  std::uint16_t add(unsigned pieces = 1, std::uint32_t length = 100) {
    std::vector<BufferPiece> chain;
    for (unsigned i = 0; i < pieces; ++i) chain.push_back({0x1000 + i, length, Access::device_writes});
    const auto id = queue->add(chain);
    REQUIRE(id.ok());
    return *id;
  }
  host_test::FakeDma dma;
  std::unique_ptr<Virtqueue> queue;
  std::unique_ptr<RingDevice> ring;
};

inline RingKind any_kind() {
  return GENERATE(RingKind::packed, RingKind::split);
}

/// A split ring has a power of two of descriptors.
inline unsigned size_for(RingKind kind, unsigned size) {
  return kind == RingKind::split ? std::bit_floor(size) : size;
}

}  // namespace host_test
