// SPDX-License-Identifier: Apache-2.0
// A virtqueue's shared memory: three areas and the indirect tables, each its own DMA window; and the barriers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "host/platform/dma_memory.hpp"

namespace host::driver {

enum class RingArea : std::uint8_t { ring, driver, device, tables, count };
inline constexpr std::size_t kRingAreas = static_cast<std::size_t>(RingArea::count);

/// Bytes of each area and who writes it. An area of no bytes is not mapped.
struct RingAreas {
  struct Area {
    std::size_t bytes = 0;
    platform::DmaDirection direction = platform::DmaDirection::to_device;
  };
  std::array<Area, kRingAreas> areas;
  /// Of the one allocation that holds them all, each on cache lines of its own.
  [[nodiscard]] std::size_t total() const;
};

/// Owns the allocation and its windows.
class RingMemory {
 public:
  /// `memory` is areas.total() bytes on a cache line.
  RingMemory(platform::DmaMemory& dma, const RingAreas& areas, std::span<std::byte> memory);
  ~RingMemory();
  RingMemory(const RingMemory&) = delete;
  RingMemory& operator=(const RingMemory&) = delete;

  [[nodiscard]] std::span<std::byte> area(RingArea which) const { return spans_[static_cast<std::size_t>(which)]; }
  [[nodiscard]] platform::DmaAddress address(RingArea which) const {
    return addresses_[static_cast<std::size_t>(which)];
  }

  static constexpr std::size_t kAlignment = 64;

 private:
  platform::DmaMemory& dma_;
  std::span<std::byte> memory_;
  std::array<std::span<std::byte>, kRingAreas> spans_{};
  std::array<platform::DmaAddress, kRingAreas> addresses_{};
};

/// Earlier stores reach memory before later ones do.
inline void dma_wmb() {
  std::atomic_thread_fence(std::memory_order_release);
}
/// Earlier loads are done before later ones.
inline void dma_rmb() {
  std::atomic_thread_fence(std::memory_order_acquire);
}
/// Earlier stores are visible before later loads: both sides of a lost-wake-up race need it.
inline void virtio_mb() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

/// 2.7.10: has the position passed `event` on its way from `before` to `now`?
[[nodiscard]] constexpr bool passed_event(std::uint16_t event, std::uint16_t now, std::uint16_t before) {
  return static_cast<std::uint16_t>(now - event - 1) < static_cast<std::uint16_t>(now - before);
}

}  // namespace host::driver
