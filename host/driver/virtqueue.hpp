// SPDX-License-Identifier: Apache-2.0
// The driver's side of a packed virtqueue (virtio 1.2 section 2.8; Linux: virtio_ring.c, *_packed).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/base/result.hpp"
#include "host/platform/dma_memory.hpp"

namespace host::driver {

enum class Access : std::uint8_t { device_reads, device_writes };
enum class EventIndex : std::uint8_t { off, on };

/// One contiguous piece of a buffer, as the device sees it.
struct BufferPiece {
  platform::DmaAddress address;
  std::uint32_t length;
  Access access;
};

/// A buffer that came back.
struct UsedBuffer {
  std::uint16_t id;
  std::uint32_t length;  // bytes that the device wrote
};

/// Why the device's word was not taken; the first one stays.
enum class RingFault : std::uint8_t { none, id_out_of_range, not_outstanding, length_too_long };

struct VirtqueueStats {
  std::uint64_t added = 0;
  std::uint64_t used = 0;
  std::uint64_t kicks = 0;             // should_kick() said yes
  std::uint64_t kicks_suppressed = 0;  // it said no although something was added
  std::uint64_t rearm_races = 0;       // a buffer came back while interrupts were being enabled
};

/// Any size from 1 to 32768. Ring and event areas are coherent DMA memory of its own, mapped while it
/// lives. Buffers are named by ids below size(): the caller keeps what belongs to an id.
class Virtqueue {
 public:
  /// no_memory; invalid for a size that the specification does not allow.
  [[nodiscard]] static base::Result<std::unique_ptr<Virtqueue>> create(platform::DmaMemory& dma, unsigned size,
                                                                       EventIndex event_index);
  ~Virtqueue();
  Virtqueue(const Virtqueue&) = delete;
  Virtqueue& operator=(const Virtqueue&) = delete;

  [[nodiscard]] platform::DmaAddress ring_address() const { return ring_address_; }
  [[nodiscard]] platform::DmaAddress driver_event_address() const { return driver_event_address_; }
  [[nodiscard]] platform::DmaAddress device_event_address() const { return device_event_address_; }
  [[nodiscard]] unsigned size() const { return size_; }
  /// Descriptors that add() can still use.
  [[nodiscard]] unsigned free_descriptors() const { return free_descriptors_; }
  /// Ids of buffers that the device has.
  [[nodiscard]] std::vector<std::uint16_t> outstanding() const;

  /// Makes a chain available: the first descriptor's flags are written last. Returns its id. no_buffers
  /// when it does not fit, io when the queue is broken, invalid for an empty chain.
  [[nodiscard]] base::Result<std::uint16_t> add(std::span<const BufferPiece> pieces);
  /// True when the device wants a doorbell for what was added since the last call.
  [[nodiscard]] bool should_kick();

  /// The next buffer that came back, in the ring's order. Nothing too when the device's entry is
  /// malformed: fault() tells, and the queue stays broken.
  [[nodiscard]] std::optional<UsedBuffer> take_used();
  [[nodiscard]] bool has_used() const;
  [[nodiscard]] RingFault fault() const { return fault_; }
  [[nodiscard]] bool broken() const { return fault_ != RingFault::none; }

  void disable_interrupts();
  /// False when a buffer is back already: its interrupt may never come, so look again.
  [[nodiscard]] bool enable_interrupts();
  /// The same, but wants the interrupt only after three quarters of what is outstanding.
  [[nodiscard]] bool enable_interrupts_delayed();

  [[nodiscard]] const VirtqueueStats& stats() const { return stats_; }

 private:
  struct IdState {
    std::uint16_t descriptors = 0;  // 0: not outstanding
    std::uint64_t writable = 0;
  };
  /// A place in the ring and the wrap counter that goes with it.
  struct Position {
    unsigned index = 0;
    bool wrap = true;
    void advance(unsigned count, unsigned size);
    [[nodiscard]] std::uint16_t off_wrap() const;
  };

  Virtqueue(platform::DmaMemory& dma, unsigned size, EventIndex event_index, std::span<std::byte> memory);
  [[nodiscard]] std::span<std::byte> descriptor(unsigned index) const;
  [[nodiscard]] bool is_used(Position position) const;
  void write_driver_event(Position position, std::uint16_t flags);
  [[nodiscard]] bool arm(Position position);

  platform::DmaMemory& dma_;
  unsigned size_;
  EventIndex event_index_;
  std::span<std::byte> memory_;
  std::span<std::byte> ring_;
  std::span<std::byte> driver_event_;
  std::span<std::byte> device_event_;
  platform::DmaAddress ring_address_;
  platform::DmaAddress driver_event_address_;
  platform::DmaAddress device_event_address_;
  Position avail_;
  Position used_;
  unsigned free_descriptors_;
  unsigned added_since_kick_ = 0;
  std::vector<IdState> ids_;
  std::vector<std::uint16_t> free_ids_;
  RingFault fault_ = RingFault::none;
  VirtqueueStats stats_;
};

}  // namespace host::driver
