// SPDX-License-Identifier: Apache-2.0
// Packed ring: descriptors, wrap counters and event suppression, with every barrier by name.
#include "host/driver/virtqueue.hpp"

#include <algorithm>
#include <atomic>

#include "host/base/byte_order.hpp"
#include "host/base/invariant.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;
using namespace contract;

constexpr unsigned kMaxSize = 32768;  // 2.8: maximum queue size
constexpr std::size_t kCacheLine = 64;
// descriptor, 2.8.13: address, length, id, flags
constexpr std::size_t kDescAddress = 0;
constexpr std::size_t kDescLength = 8;
constexpr std::size_t kDescId = 12;
constexpr std::size_t kDescFlags = 14;
// event suppression structure, 2.8.14
constexpr std::size_t kEventOffWrap = 0;
constexpr std::size_t kEventFlags = 2;
constexpr std::uint16_t kEventFlagsMask = 3;
constexpr unsigned kWrapBit = 15;
constexpr std::uint16_t kOffMask = 0x7fff;

/// Earlier stores reach memory before later ones do.
void dma_wmb() {
  std::atomic_thread_fence(std::memory_order_release);
}
/// Earlier loads are done before later ones.
void dma_rmb() {
  std::atomic_thread_fence(std::memory_order_acquire);
}
/// Earlier stores are visible before later loads: both sides of a lost-wake-up race need it.
void virtio_mb() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

/// AVAIL = wrap, USED = !wrap: what the driver writes (2.8.1).
std::uint16_t available_flags(bool wrap) {
  return static_cast<std::uint16_t>(wrap ? DESC_F_AVAIL : DESC_F_USED);
}

/// 2.7.10: has the position passed `event` on its way from `before` to `now`?
bool passed_event(std::uint16_t event, std::uint16_t now, std::uint16_t before) {
  return static_cast<std::uint16_t>(now - event - 1) < static_cast<std::uint16_t>(now - before);
}

std::size_t line_up(std::size_t bytes) {
  return (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
}

}  // namespace

void Virtqueue::Position::advance(unsigned count, unsigned size) {
  index += count;
  if (index >= size) {
    index -= size;
    wrap = !wrap;
  }
}

std::uint16_t Virtqueue::Position::off_wrap() const {
  return static_cast<std::uint16_t>(index | (static_cast<unsigned>(wrap) << kWrapBit));
}

base::Result<std::unique_ptr<Virtqueue>> Virtqueue::create(platform::DmaMemory& dma, unsigned size,
                                                           EventIndex event_index) {
  if (size == 0 || size > kMaxSize) return Errno::invalid;
  const auto memory = dma.allocate(line_up(std::size_t{size} * DESC_BYTES) + 2 * kCacheLine, kCacheLine);
  if (memory.empty()) return Errno::no_memory;
  return std::unique_ptr<Virtqueue>(new Virtqueue(dma, size, event_index, memory));
}

Virtqueue::Virtqueue(platform::DmaMemory& dma, unsigned size, EventIndex event_index, std::span<std::byte> memory)
    : dma_(dma),
      size_(size),
      event_index_(event_index),
      memory_(memory),
      ring_(memory.first(std::size_t{size} * DESC_BYTES)),
      driver_event_(memory.subspan(line_up(ring_.size()), EVENT_BYTES)),
      device_event_(memory.subspan(line_up(ring_.size()) + kCacheLine, EVENT_BYTES)),
      ring_address_(dma.map(ring_, platform::DmaDirection::bidirectional)),
      driver_event_address_(dma.map(driver_event_, platform::DmaDirection::to_device)),
      device_event_address_(dma.map(device_event_, platform::DmaDirection::bidirectional)),
      free_descriptors_(size),
      ids_(size) {
  for (unsigned id = size; id > 0; --id) free_ids_.push_back(static_cast<std::uint16_t>(id - 1));
}

Virtqueue::~Virtqueue() {
  dma_.unmap(ring_address_, ring_.size());
  dma_.unmap(driver_event_address_, driver_event_.size());
  dma_.unmap(device_event_address_, device_event_.size());
  dma_.free(memory_);
}

std::vector<std::uint16_t> Virtqueue::outstanding() const {
  std::vector<std::uint16_t> result;
  for (unsigned id = 0; id < size_; ++id) {
    if (ids_[id].descriptors != 0) result.push_back(static_cast<std::uint16_t>(id));
  }
  return result;
}

std::span<std::byte> Virtqueue::descriptor(unsigned index) const {
  return ring_.subspan(std::size_t{index} * DESC_BYTES, DESC_BYTES);
}

// --- making available --------------------------------------------------------------------------

base::Result<std::uint16_t> Virtqueue::add(std::span<const BufferPiece> pieces) {
  if (broken()) return Errno::io;
  if (pieces.empty()) return Errno::invalid;
  if (pieces.size() > free_descriptors_) return Errno::no_buffers;
  INVARIANT(!free_ids_.empty(), "descriptors without an id");
  const std::uint16_t id = free_ids_.back();
  free_ids_.pop_back();
  IdState& state = ids_[id];
  INVARIANT(state.descriptors == 0, "an outstanding buffer is added again");
  const auto count = static_cast<unsigned>(pieces.size());
  state.descriptors = static_cast<std::uint16_t>(count);
  state.writable = 0;

  const Position first = avail_;
  std::uint16_t first_flags = 0;
  for (unsigned i = 0; i < count; ++i) {
    const BufferPiece& piece = pieces[i];
    const bool writes = piece.access == Access::device_writes;
    if (writes) state.writable += piece.length;
    const auto flags = static_cast<std::uint16_t>(available_flags(avail_.wrap) | (writes ? DESC_F_WRITE : 0) |
                                                  (i + 1 < count ? DESC_F_NEXT : 0));
    const auto entry = descriptor(avail_.index);
    base::store_le64(entry, kDescAddress, piece.address);
    base::store_le32(entry, kDescLength, piece.length);
    base::store_le16(entry, kDescId, id);
    if (i == 0) {
      first_flags = flags;
    } else {
      base::store_le16(entry, kDescFlags, flags);
    }
    avail_.advance(1, size_);
  }
  dma_wmb();  // the whole chain before the flags that make it available
  base::store_le16(descriptor(first.index), kDescFlags, first_flags);

  free_descriptors_ -= count;
  added_since_kick_ += count;
  ++stats_.added;
  return id;
}

bool Virtqueue::should_kick() {
  if (added_since_kick_ == 0) return false;
  virtio_mb();  // our descriptors are visible before we read whether the device still looks
  const std::uint16_t off_wrap = base::load_le16(device_event_, kEventOffWrap);
  const std::uint16_t flags = base::load_le16(device_event_, kEventFlags) & kEventFlagsMask;
  const auto now = static_cast<std::uint16_t>(avail_.index);
  const auto before = static_cast<std::uint16_t>(now - added_since_kick_);
  added_since_kick_ = 0;
  bool wanted = flags != EVENT_DISABLE;
  if (flags == EVENT_DESC) {
    auto event = static_cast<std::uint16_t>(off_wrap & kOffMask);
    const bool event_wrap = (off_wrap >> kWrapBit) != 0;
    if (event_wrap != avail_.wrap) event = static_cast<std::uint16_t>(event - size_);
    wanted = passed_event(event, now, before);
  }
  ++(wanted ? stats_.kicks : stats_.kicks_suppressed);
  return wanted;
}

// --- taking back -----------------------------------------------------------------------------------

bool Virtqueue::is_used(Position position) const {
  const std::uint16_t flags = base::load_le16(descriptor(position.index), kDescFlags);
  const bool available = (flags & DESC_F_AVAIL) != 0;
  const bool used = (flags & DESC_F_USED) != 0;
  return available == used && used == position.wrap;
}

bool Virtqueue::has_used() const {
  return !broken() && is_used(used_);
}

std::optional<UsedBuffer> Virtqueue::take_used() {
  if (!has_used()) return std::nullopt;
  dma_rmb();  // the flags before the rest of the entry
  const auto entry = descriptor(used_.index);
  const std::uint16_t id = base::load_le16(entry, kDescId);
  const bool written = (base::load_le16(entry, kDescFlags) & DESC_F_WRITE) != 0;
  const std::uint32_t length = written ? base::load_le32(entry, kDescLength) : 0;
  if (id >= size_) {
    fault_ = RingFault::id_out_of_range;
  } else if (ids_[id].descriptors == 0) {
    fault_ = RingFault::not_outstanding;
  } else if (length > ids_[id].writable) {
    fault_ = RingFault::length_too_long;
  }
  if (broken()) return std::nullopt;

  IdState& state = ids_[id];
  used_.advance(state.descriptors, size_);
  free_descriptors_ += state.descriptors;
  state.descriptors = 0;
  free_ids_.push_back(id);
  ++stats_.used;
  return UsedBuffer{id, length};
}

// --- interrupts ----------------------------------------------------------------------------------

void Virtqueue::write_driver_event(Position position, std::uint16_t flags) {
  base::store_le16(driver_event_, kEventOffWrap, position.off_wrap());
  dma_wmb();  // the position before the flags that give it a meaning
  base::store_le16(driver_event_, kEventFlags, flags);
}

void Virtqueue::disable_interrupts() {
  base::store_le16(driver_event_, kEventFlags, static_cast<std::uint16_t>(EVENT_DISABLE));
}

bool Virtqueue::arm(Position position) {
  write_driver_event(position, static_cast<std::uint16_t>(event_index_ == EventIndex::on ? EVENT_DESC : EVENT_ENABLE));
  virtio_mb();  // our wish is visible before we look whether it came too late
  if (!has_used()) return true;
  ++stats_.rearm_races;
  return false;
}

bool Virtqueue::enable_interrupts() {
  return arm(used_);
}

bool Virtqueue::enable_interrupts_delayed() {
  Position wanted = used_;
  wanted.advance((size_ - free_descriptors_) * 3 / 4, size_);
  return arm(wanted);
}

}  // namespace host::driver
