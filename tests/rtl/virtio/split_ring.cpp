// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/split_ring.hpp"

#include <fmt/format.h>

#include "rtl/contract/virtio_contract.hpp"

namespace tests::virtio {

SplitRing::SplitRing(HostMemory& memory, RingPlace place, unsigned size, RingMode mode)
    : DriverRing(memory, place, size, mode) {
  for (unsigned k = 0; k < 6 + 2 * size; ++k) memory_.at(place.driver + k) = 0;
  for (unsigned k = 0; k < 6 + 8 * size; ++k) memory_.at(place.device + k) = 0;
  for (unsigned k = 0; k < size; ++k) free_slots_.push_back((k * 5 + 3) % size);  // no neighbours, for a power of two
}

void SplitRing::add(unsigned id, const std::vector<Piece>& pieces, bool indirect) {
  const auto entries = static_cast<unsigned>(indirect ? 1 : pieces.size());
  std::vector<unsigned> slots(free_slots_.end() - entries, free_slots_.end());
  free_slots_.resize(free_slots_.size() - entries);
  if (indirect) write_table(id, pieces);
  for (unsigned k = 0; k < entries; ++k) {
    const std::uint64_t at = place_.desc + 16ull * slots[k];
    const unsigned flags =
        (k + 1 < entries ? contract::DESC_F_NEXT : 0u) | (mode_.device_writes ? contract::DESC_F_WRITE : 0u);
    memory_.write(at, indirect ? table_of(id) : pieces[k].addr, 8);
    memory_.write(at + 8, indirect ? static_cast<std::uint32_t>(16 * pieces.size()) : pieces[k].len, 4);
    memory_.write(at + 12, indirect ? contract::DESC_F_INDIRECT : flags, 2);
    memory_.write(at + 14, k + 1 < entries ? slots[k + 1] : 0xffff, 2);
  }
  memory_.write(place_.driver + 4 + 2ull * (avail_ % size_), slots[0], 2);
  memory_.write(place_.driver + 2, ++avail_, 2);
  id_of_head_[slots[0]] = id;
  slots_[id] = slots;
  opened(id, entries);
}

bool SplitRing::kick_wanted() {
  const std::uint16_t before = kicked_;
  kicked_ = avail_;
  if (before == avail_) return false;
  if (!mode_.event_idx) return (memory_.read(place_.device, 2) & contract::USED_F_NO_NOTIFY) == 0;
  const auto event = static_cast<std::uint16_t>(memory_.read(place_.device + 4 + 8ull * size_, 2));
  return static_cast<std::uint16_t>(avail_ - event - 1) < static_cast<std::uint16_t>(avail_ - before);
}

bool SplitRing::used_waits() {
  const auto index = static_cast<std::uint16_t>(memory_.read(place_.device + 2, 2));
  if (static_cast<std::uint16_t>(index - used_) > size_) violate("the used index is ahead of what is with the device");
  return index != used_;
}

Used SplitRing::read_used() {
  const std::uint64_t at = place_.device + 4 + 8ull * (used_ % size_);
  const auto head = static_cast<unsigned>(memory_.read(at, 4));
  const auto len = static_cast<std::uint32_t>(memory_.read(at + 4, 4));
  const auto id = id_of_head_.find(head);
  if (id == id_of_head_.end()) {
    violate(fmt::format("a used element names head {}, which is not with the device", head));
    return {.id = ~0u, .len = len, .written = false};
  }
  return {.id = id->second, .len = len, .written = mode_.device_writes && len != 0};
}

void SplitRing::step_used(const std::vector<unsigned>& ids, unsigned) {
  for (const unsigned id : ids) {
    const std::vector<unsigned>& slots = slots_.at(id);
    id_of_head_.erase(slots[0]);
    free_slots_.insert(free_slots_.begin(), slots.begin(), slots.end());
    slots_.erase(id);
    ++used_;
  }
}

void SplitRing::disable_interrupts() {
  memory_.write(place_.driver, contract::AVAIL_F_NO_INTERRUPT, 2);
  if (mode_.event_idx) memory_.write(place_.driver + 4 + 2ull * size_, static_cast<std::uint16_t>(used_ - 1), 2);
}

void SplitRing::enable_interrupts(unsigned after) {
  memory_.write(place_.driver, 0, 2);
  if (mode_.event_idx) memory_.write(place_.driver + 4 + 2ull * size_, static_cast<std::uint16_t>(used_ + after), 2);
}

}  // namespace tests::virtio
