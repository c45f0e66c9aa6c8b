// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/packed_ring.hpp"

#include "rtl/contract/virtio_contract.hpp"

namespace tests::virtio {

PackedRing::PackedRing(HostMemory& memory, RingPlace place, unsigned size, RingMode mode)
    : DriverRing(memory, place, size, mode) {
  for (unsigned k = 0; k < size * contract::DESC_BYTES; ++k) memory_.at(place.desc + k) = 0;
  memory_.write(place.driver, 0, 4);
  memory_.write(place.device, 0, 4);
}

void PackedRing::add(unsigned id, const std::vector<Piece>& pieces, bool indirect) {
  const auto entries = static_cast<unsigned>(indirect ? 1 : pieces.size());
  std::uint64_t first_flags_at = 0;
  unsigned first_flags = 0;
  if (indirect) write_table(id, pieces);
  for (unsigned k = 0; k < entries; ++k) {
    const std::uint64_t at = place_.desc + next_ * contract::DESC_BYTES;
    const unsigned kind =
        indirect ? contract::DESC_F_INDIRECT
                 : (k + 1 < entries ? contract::DESC_F_NEXT : 0u) | (mode_.device_writes ? contract::DESC_F_WRITE : 0u);
    const unsigned flags = kind | (wrap_ ? contract::DESC_F_AVAIL : contract::DESC_F_USED);
    memory_.write(at, indirect ? table_of(id) : pieces[k].addr, 8);
    memory_.write(at + 8, indirect ? static_cast<std::uint32_t>(16 * pieces.size()) : pieces[k].len, 4);
    memory_.write(at + 12, id, 2);
    if (k == 0) {
      first_flags_at = at + 14;
      first_flags = flags;
    } else {
      memory_.write(at + 14, flags, 2);
    }
    if (++next_ == size_) {
      next_ = 0;
      wrap_ = !wrap_;
    }
  }
  memory_.write(first_flags_at, first_flags, 2);  // what makes the whole chain available
  added_ += entries;
  opened(id, entries);
}

bool PackedRing::kick_wanted() {
  const unsigned added = added_;
  added_ = 0;
  if (added == 0) return false;
  const auto off_wrap = static_cast<unsigned>(memory_.read(place_.device, 2));
  const auto flags = static_cast<unsigned>(memory_.read(place_.device + 2, 2)) & 3u;
  if (flags == contract::EVENT_DISABLE) return false;
  if (flags == contract::EVENT_ENABLE) return true;
  if (!mode_.event_idx) violate("the device asks for a descriptor without the event index");
  const auto at = static_cast<std::uint16_t>((off_wrap & 0x7fff) - ((off_wrap >> 15 != 0) != wrap_ ? size_ : 0));
  const auto now = static_cast<std::uint16_t>(next_);
  const auto before = static_cast<std::uint16_t>(now - added);
  return static_cast<std::uint16_t>(now - at - 1) < static_cast<std::uint16_t>(now - before);
}

bool PackedRing::used_waits() {
  const auto flags = static_cast<unsigned>(memory_.read(place_.desc + used_ * contract::DESC_BYTES + 14, 2));
  const bool avail = (flags & contract::DESC_F_AVAIL) != 0;
  const bool used = (flags & contract::DESC_F_USED) != 0;
  return avail == used && used == used_wrap_;
}

Used PackedRing::read_used() {
  const std::uint64_t at = place_.desc + used_ * contract::DESC_BYTES;
  return {.id = static_cast<unsigned>(memory_.read(at + 12, 2)),
          .len = static_cast<std::uint32_t>(memory_.read(at + 8, 4)),
          .written = (memory_.read(at + 14, 2) & contract::DESC_F_WRITE) != 0};
}

void PackedRing::step_used(const std::vector<unsigned>&, unsigned entries) {
  used_ += entries;
  if (used_ >= size_) {
    used_ -= size_;
    used_wrap_ = !used_wrap_;
  }
}

void PackedRing::disable_interrupts() {
  memory_.write(place_.driver + 2, contract::EVENT_DISABLE, 2);
}

void PackedRing::enable_interrupts(unsigned after) {
  if (!mode_.event_idx) {
    memory_.write(place_.driver + 2, contract::EVENT_ENABLE, 2);
    return;
  }
  unsigned at = used_ + after;
  bool wrap = used_wrap_;
  if (at >= size_) {
    at -= size_;
    wrap = !wrap;
  }
  memory_.write(place_.driver, at | (wrap ? 1u << 15 : 0u), 2);
  memory_.write(place_.driver + 2, contract::EVENT_DESC, 2);
}

}  // namespace tests::virtio
