// SPDX-License-Identifier: Apache-2.0
// Packed ring: descriptors, wrap counters and event suppression.
#include "host/driver/virtqueue_packed.hpp"

namespace host::driver {
namespace {

using namespace contract;

// event suppression structure, 2.8.14
constexpr std::size_t kEventOffWrap = 0;
constexpr std::size_t kEventFlags = 2;
constexpr std::uint16_t kEventFlagsMask = 3;
constexpr unsigned kWrapBit = 15;
constexpr std::uint16_t kOffMask = 0x7fff;

}  // namespace

RingAreas packed_areas(unsigned size) {
  using platform::DmaDirection;
  return {{{{std::size_t{size} * DESC_BYTES, DmaDirection::bidirectional},
            {EVENT_BYTES, DmaDirection::to_device},
            {EVENT_BYTES, DmaDirection::bidirectional},
            {0, DmaDirection::to_device}}}};
}

std::uint16_t PackedVirtqueue::Position::off_wrap() const {
  return static_cast<std::uint16_t>(index | (static_cast<unsigned>(wrap) << kWrapBit));
}

PackedVirtqueue::PackedVirtqueue(platform::DmaMemory& dma, const RingOptions& options, const RingAreas& areas,
                                 std::span<std::byte> memory)
    : Virtqueue(dma, options, areas, memory) {
  for (unsigned id = size(); id > 0; --id) free_ids_.push_back(static_cast<std::uint16_t>(id - 1));
}

// --- making available --------------------------------------------------------------------------

/// The first descriptor's flags are written last: with them the device sees the whole chain.
void PackedVirtqueue::publish(std::uint16_t id, std::span<const BufferPiece> pieces, std::span<std::byte> table) {
  const Position first = avail_;
  std::uint16_t first_flags = 0;
  if (!table.empty()) {  // 2.8.8: in array order, only WRITE means something in the table
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto entry = table.subspan(i * DESC_BYTES, DESC_BYTES);
      store_descriptor(entry, pieces[i].address, pieces[i].length, 0);
      base::store_le16(entry, kDescFlags, access_flags(pieces[i]));
    }
    store_descriptor(descriptor(first.index), table_address(id), static_cast<std::uint32_t>(pieces.size() * DESC_BYTES),
                     id);
    first_flags = static_cast<std::uint16_t>(available_flags(first.wrap) | DESC_F_INDIRECT);
    avail_.advance(1, size());
    ++added_since_kick_;
  } else {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto flags = static_cast<std::uint16_t>(available_flags(avail_.wrap) | access_flags(pieces[i]) |
                                                    (i + 1 < pieces.size() ? DESC_F_NEXT : 0));
      const auto entry = descriptor(avail_.index);
      store_descriptor(entry, pieces[i].address, pieces[i].length, id);
      if (i == 0) {
        first_flags = flags;
      } else {
        base::store_le16(entry, kDescFlags, flags);
      }
      avail_.advance(1, size());
    }
    added_since_kick_ += static_cast<unsigned>(pieces.size());
  }
  dma_wmb();  // the whole chain before the flags that make it visible
  base::store_le16(descriptor(first.index), kDescFlags, first_flags);
}

bool PackedVirtqueue::kick_wanted() {
  const unsigned added = std::exchange(added_since_kick_, 0u);
  const auto event = memory_.area(RingArea::device);
  const std::uint16_t off_wrap = base::load_le16(event, kEventOffWrap);
  const std::uint16_t flags = base::load_le16(event, kEventFlags) & kEventFlagsMask;
  const bool specific = flags == EVENT_DESC && options_.event_index == EventIndex::on;
  if (!specific) return flags != EVENT_DISABLE;
  // Both positions on one scale on which the last lap lies below zero.
  std::uint16_t wanted = off_wrap & kOffMask;
  if (((off_wrap >> kWrapBit) != 0) != avail_.wrap) wanted = static_cast<std::uint16_t>(wanted - size());
  const auto now = static_cast<std::uint16_t>(avail_.index);
  return passed_event(wanted, now, static_cast<std::uint16_t>(now - added));
}

// --- interrupts ----------------------------------------------------------------------------------

void PackedVirtqueue::disable_interrupts() {
  base::store_le16(memory_.area(RingArea::driver), kEventFlags, static_cast<std::uint16_t>(EVENT_DISABLE));
}

void PackedVirtqueue::write_interrupt_event(unsigned later) {
  Position wanted = used_;
  wanted.advance(later, size());
  const auto event = memory_.area(RingArea::driver);
  base::store_le16(event, kEventOffWrap, wanted.off_wrap());
  dma_wmb();  // the position before the flags that give it a meaning
  const bool specific = options_.event_index == EventIndex::on;
  base::store_le16(event, kEventFlags, static_cast<std::uint16_t>(specific ? EVENT_DESC : EVENT_ENABLE));
}

}  // namespace host::driver
