// SPDX-License-Identifier: Apache-2.0
// The driver's side of a virtqueue, packed or split (virtio 1.2 sections 2.6 to 2.8; Linux: virtio_ring.c).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/base/result.hpp"
#include "host/driver/ring_memory.hpp"
#include "host/platform/dma_memory.hpp"

namespace host::driver {

enum class Access : std::uint8_t { device_reads, device_writes };
enum class EventIndex : std::uint8_t { off, on };
enum class RingKind : std::uint8_t { packed, split };
/// VIRTIO_F_IN_ORDER: buffers come back in the order in which they were made available.
enum class InOrder : std::uint8_t { no, yes };

struct RingOptions {
  RingKind kind = RingKind::packed;
  unsigned size = 256;  // packed: 1 to 32768; split: a power of two up to 32768
  EventIndex event_index = EventIndex::off;
  InOrder in_order = InOrder::no;
  unsigned indirect_pieces = 0;  // what an indirect table holds; 0: the device takes none
};

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
enum class RingFault : std::uint8_t { none, id_out_of_range, not_outstanding, length_too_long, index_jump };

struct VirtqueueStats {
  std::uint64_t added = 0;
  std::uint64_t used = 0;
  std::uint64_t indirect = 0;          // added through a table
  std::uint64_t kicks = 0;             // should_kick() said yes
  std::uint64_t kicks_suppressed = 0;  // it said no although something was added
  std::uint64_t rearm_races = 0;       // a buffer came back while interrupts were being enabled
};

/// Ring and event areas are coherent DMA memory of its own, mapped while it lives. Buffers are named by ids
/// below size(): the caller keeps what belongs to an id.
class Virtqueue {
 public:
  /// no_memory; invalid for a size that the specification does not allow.
  [[nodiscard]] static base::Result<std::unique_ptr<Virtqueue>> create(platform::DmaMemory& dma,
                                                                       const RingOptions& options);
  virtual ~Virtqueue();
  Virtqueue(const Virtqueue&) = delete;
  Virtqueue& operator=(const Virtqueue&) = delete;

  /// The three areas of COMMON_QUEUE_DESC, _DRIVER and _DEVICE: packed ring, driver's and device's event
  /// suppression; or descriptor table, available ring and used ring.
  [[nodiscard]] platform::DmaAddress ring_address() const { return memory_.address(RingArea::ring); }
  [[nodiscard]] platform::DmaAddress driver_area_address() const { return memory_.address(RingArea::driver); }
  [[nodiscard]] platform::DmaAddress device_area_address() const { return memory_.address(RingArea::device); }
  [[nodiscard]] const RingOptions& options() const { return options_; }
  [[nodiscard]] unsigned size() const { return options_.size; }
  /// Descriptors that add() can still use.
  [[nodiscard]] unsigned free_descriptors() const { return free_descriptors_; }
  /// How many of them a buffer of so many pieces takes.
  [[nodiscard]] unsigned descriptors_for(std::size_t pieces) const;
  /// Ids of buffers that the device has.
  [[nodiscard]] std::vector<std::uint16_t> outstanding() const;

  /// Makes a buffer available, all of it at once. Returns its id. no_buffers when it does not fit, io when
  /// the queue is broken, invalid for an empty chain.
  [[nodiscard]] base::Result<std::uint16_t> add(std::span<const BufferPiece> pieces);
  /// True when the device wants a doorbell for what was added since the last call.
  [[nodiscard]] bool should_kick();
  /// The upper half of a doorbell with NOTIFICATION_DATA (2.9, 4.1.5.2).
  [[nodiscard]] virtual std::uint16_t notification_data() const = 0;

  /// The next buffer that came back, in the ring's order. Nothing too when the device's entry is
  /// malformed: fault() tells, and the queue stays broken.
  [[nodiscard]] std::optional<UsedBuffer> take_used() {
    UsedBuffer used{};
    return take_used(used) ? std::optional(used) : std::nullopt;
  }
  /// The same; false: nothing.
  [[nodiscard]] bool take_used(UsedBuffer& used) { return has_used() && take_next(used); }
  /// The same when has_used() has said that there is one.
  [[nodiscard]] bool take_next(UsedBuffer& used);
  [[nodiscard]] bool has_used() const;
  [[nodiscard]] RingFault fault() const { return fault_; }
  [[nodiscard]] bool broken() const { return fault_ != RingFault::none; }

  virtual void disable_interrupts() = 0;
  /// False when a buffer is back already: its interrupt may never come, so look again.
  [[nodiscard]] bool enable_interrupts();
  /// The same, but wants the interrupt only after three quarters of what is outstanding.
  [[nodiscard]] bool enable_interrupts_delayed();

  [[nodiscard]] const VirtqueueStats& stats() const { return stats_; }

 protected:
  struct IdState {
    std::uint16_t descriptors = 0;  // 0: not outstanding
    std::uint64_t writable = 0;
  };
  /// What the device says in one used entry; nothing of it is checked.
  struct UsedEntry {
    std::uint32_t id;
    std::uint32_t length;
  };

  Virtqueue(platform::DmaMemory& dma, const RingOptions& options, const RingAreas& areas, std::span<std::byte> memory);

  /// A name for a buffer of `descriptors`, which add() saw to be free.
  [[nodiscard]] virtual std::uint16_t reserve(unsigned descriptors) = 0;
  /// Writes the chain `pieces` and makes it available; `table` says that it is one indirect table's.
  virtual void publish(std::uint16_t id, std::span<const BufferPiece> pieces, std::span<std::byte> table) = 0;
  /// The same of one piece.
  virtual void publish_one(std::uint16_t id, const BufferPiece& piece) { publish(id, {&piece, 1}, {}); }
  /// The device asked for a doorbell between the last call and now.
  [[nodiscard]] virtual bool kick_wanted() = 0;
  [[nodiscard]] virtual bool used_ready() const = 0;
  [[nodiscard]] virtual UsedEntry used_entry() const = 0;
  /// False when more came back than was out.
  [[nodiscard]] virtual bool used_count_plausible() const { return true; }
  /// One buffer is back: its descriptors are free, the used position moves on.
  virtual void release(std::uint16_t id, unsigned descriptors) = 0;
  /// Asks for an interrupt once what follows the used position, and `later` buffers' descriptors more, is back.
  virtual void write_interrupt_event(unsigned later) = 0;
  /// Buffers (split) or descriptors (packed) that are out.
  [[nodiscard]] virtual unsigned distance_out() const = 0;

  [[nodiscard]] unsigned outstanding_count() const { return outstanding_count_; }
  [[nodiscard]] platform::DmaAddress table_address(std::uint16_t id) const;

  RingOptions options_;
  RingMemory memory_;

 private:
  [[nodiscard]] std::span<std::byte> table(std::uint16_t id) const;
  /// `call` with the packed ring itself where it is one, so that the compiler sees into what every packet passes.
  template <typename Self, typename Call>
  static decltype(auto) by_kind(Self& self, Call&& call);
  [[nodiscard]] base::Result<std::uint16_t> add_one(const BufferPiece& piece);
  [[nodiscard]] base::Result<std::uint16_t> add_chain(std::span<const BufferPiece> pieces);
  /// Gives a buffer an id and makes it available by `publish`.
  template <typename Publish>
  [[nodiscard]] base::Result<std::uint16_t> add_as(unsigned descriptors, std::uint64_t writable, Publish&& publish);
  [[nodiscard]] bool accept(UsedEntry entry);
  [[nodiscard]] bool take_in_order(UsedBuffer& used);
  void take_back(std::uint16_t id);
  [[nodiscard]] bool arm(unsigned later);

  unsigned free_descriptors_;
  unsigned outstanding_count_ = 0;
  bool added_since_kick_ = false;
  std::vector<IdState> ids_;
  std::deque<std::uint16_t> order_;  // with IN_ORDER: what is out, oldest first
  std::optional<UsedBuffer> batch_;  // with IN_ORDER: the entry that ends the batch being taken
  RingFault fault_ = RingFault::none;
  VirtqueueStats stats_;
};

}  // namespace host::driver
