// SPDX-License-Identifier: Apache-2.0
// Split ring: descriptor table, available ring, used ring.
#include "host/driver/virtqueue_split.hpp"

#include "host/base/byte_order.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using namespace contract;

// descriptor, 2.7.5: address, length, flags, next
constexpr std::size_t kDescAddress = 0;
constexpr std::size_t kDescLength = 8;
constexpr std::size_t kDescFlags = 12;
constexpr std::size_t kDescNext = 14;
// available and used ring, 2.7.6 and 2.7.8: flags, idx, entries, and the other side's event index
constexpr std::size_t kRingFlags = 0;
constexpr std::size_t kRingIndex = 2;
constexpr std::size_t kRingEntries = 4;
constexpr std::size_t kAvailEntryBytes = 2;
constexpr std::size_t kUsedLength = 4;
constexpr std::size_t kIndexBytes = 2;

void store_piece(std::span<std::byte> entry, platform::DmaAddress address, std::uint32_t length, std::uint32_t flags,
                 std::uint16_t next) {
  base::store_le64(entry, kDescAddress, address);
  base::store_le32(entry, kDescLength, length);
  base::store_le16(entry, kDescFlags, static_cast<std::uint16_t>(flags));
  base::store_le16(entry, kDescNext, next);
}

std::uint32_t flags_of(std::span<const BufferPiece> pieces, std::size_t index) {
  return (pieces[index].access == Access::device_writes ? DESC_F_WRITE : 0) |
         (index + 1 < pieces.size() ? DESC_F_NEXT : 0);
}

}  // namespace

RingAreas split_areas(unsigned size) {
  using platform::DmaDirection;
  return {{{{std::size_t{size} * DESC_BYTES, DmaDirection::to_device},
            {kRingEntries + kAvailEntryBytes * size + kIndexBytes, DmaDirection::to_device},
            {kRingEntries + std::size_t{USED_ELEM_BYTES} * size + kIndexBytes, DmaDirection::bidirectional},
            {0, DmaDirection::to_device}}}};
}

SplitVirtqueue::SplitVirtqueue(platform::DmaMemory& dma, const RingOptions& options, const RingAreas& areas,
                               std::span<std::byte> memory)
    : Virtqueue(dma, options, areas, memory) {
  for (unsigned i = 1; i <= size(); ++i) next_.push_back(static_cast<std::uint16_t>(i % size()));
}

std::span<std::byte> SplitVirtqueue::descriptor(unsigned index) const {
  return memory_.area(RingArea::ring).subspan(std::size_t{index} * DESC_BYTES, DESC_BYTES);
}

// --- making available --------------------------------------------------------------------------

/// With IN_ORDER what comes back is what went out first, so the links stay a circle in table order (2.7.9).
std::uint16_t SplitVirtqueue::reserve(unsigned descriptors) {
  const std::uint16_t head = free_head_;
  for (unsigned i = 0; i < descriptors; ++i) free_head_ = next_[free_head_];
  return head;
}

void SplitVirtqueue::publish(std::uint16_t id, std::span<const BufferPiece> pieces, std::span<std::byte> table) {
  if (!table.empty()) {  // 2.7.5.3: chained by next within the table, from entry 0
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      store_piece(table.subspan(i * DESC_BYTES, DESC_BYTES), pieces[i].address, pieces[i].length, flags_of(pieces, i),
                  static_cast<std::uint16_t>(i + 1 < pieces.size() ? i + 1 : 0));
    }
    store_piece(descriptor(id), table_address(id), static_cast<std::uint32_t>(pieces.size() * DESC_BYTES),
                DESC_F_INDIRECT, 0);
  } else {
    std::uint16_t at = id;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const std::uint16_t next = next_[at];
      store_piece(descriptor(at), pieces[i].address, pieces[i].length, flags_of(pieces, i),
                  i + 1 < pieces.size() ? next : std::uint16_t{0});
      at = next;
    }
  }
  const auto avail = memory_.area(RingArea::driver);
  base::store_le16(avail, kRingEntries + kAvailEntryBytes * (avail_index_ % size()), id);
  dma_wmb();  // descriptors and entry before the index that makes them visible
  base::store_le16(avail, kRingIndex, ++avail_index_);
}

bool SplitVirtqueue::kick_wanted() {
  const auto used = memory_.area(RingArea::device);
  const std::uint16_t before = std::exchange(kicked_index_, avail_index_);
  if (options_.event_index == EventIndex::off) return (base::load_le16(used, kRingFlags) & USED_F_NO_NOTIFY) == 0;
  const std::uint16_t event = base::load_le16(used, used.size() - kIndexBytes);
  return passed_event(event, avail_index_, before);
}

// --- taking back -----------------------------------------------------------------------------------

std::uint16_t SplitVirtqueue::used_index() const {
  return base::load_le16(memory_.area(RingArea::device), kRingIndex);
}

bool SplitVirtqueue::used_count_plausible() const {
  return static_cast<std::uint16_t>(used_index() - last_used_) <= outstanding_count();
}

Virtqueue::UsedEntry SplitVirtqueue::used_entry() const {
  const auto used = memory_.area(RingArea::device);
  const std::size_t at = kRingEntries + std::size_t{USED_ELEM_BYTES} * (last_used_ % size());
  return {base::load_le32(used, at), base::load_le32(used, at + kUsedLength)};
}

void SplitVirtqueue::release(std::uint16_t id, unsigned descriptors) {
  ++last_used_;
  if (options_.in_order == InOrder::yes) return;  // the circle has it already
  std::uint16_t last = id;
  for (unsigned i = 1; i < descriptors; ++i) last = next_[last];
  next_[last] = free_head_;
  free_head_ = id;
}

// --- interrupts ----------------------------------------------------------------------------------

void SplitVirtqueue::store_used_event(std::uint16_t index) {
  const auto avail = memory_.area(RingArea::driver);
  base::store_le16(avail, avail.size() - kIndexBytes, index);
}

/// With event indices the flags must stay 0 (2.7.6.1): the event goes where the ring will not be for long.
void SplitVirtqueue::disable_interrupts() {
  if (options_.event_index == EventIndex::on) {
    store_used_event(static_cast<std::uint16_t>(last_used_ - 1));
  } else {
    base::store_le16(memory_.area(RingArea::driver), kRingFlags, static_cast<std::uint16_t>(AVAIL_F_NO_INTERRUPT));
  }
}

void SplitVirtqueue::write_interrupt_event(unsigned later) {
  if (options_.event_index == EventIndex::on) {
    store_used_event(static_cast<std::uint16_t>(last_used_ + later));
  } else {
    base::store_le16(memory_.area(RingArea::driver), kRingFlags, 0);
  }
}

}  // namespace host::driver
