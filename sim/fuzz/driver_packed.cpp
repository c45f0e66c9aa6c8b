// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/driver_packed.hpp"

#include <utility>

#include "rtl/contract/virtio_contract.hpp"

namespace sim::fuzz {

using namespace contract;

DriverPacked::DriverPacked(HostMemory& memory, unsigned size, std::uint64_t features)
    : DriverRing(memory, size, features), room_(size), lengths_(size) {
  descriptors_ = part(std::size_t{DESC_BYTES} * size, 16, HostMemory::ring_both);
  driver_ = part(EVENT_BYTES, 4, HostMemory::ring_read);
  device_ = part(EVENT_BYTES, 4, HostMemory::write);
  for (unsigned id = size; id > 0; --id) free_ids_.push_back(static_cast<std::uint16_t>(id - 1));
}

void DriverPacked::put(std::uint64_t position, std::uint64_t address, std::uint32_t length, std::uint16_t id,
                       unsigned flags) {
  const std::uint64_t at = descriptors_ + DESC_BYTES * (position % size_);
  memory_.store(at, 8, address);
  memory_.store(at + 8, 4, length);
  memory_.store(at + 12, 2, id);
  memory_.store(at + 14, 2, flags | (wrap(position) ? DESC_F_AVAIL : DESC_F_USED));
}

std::uint16_t DriverPacked::take_id() {
  const std::uint16_t id = free_ids_.back();
  free_ids_.pop_back();
  return id;
}

/// 2.8.21: the first entry last, so that the device sees the whole chain or none of it.
std::optional<std::uint16_t> DriverPacked::add(const std::vector<Descriptor>& chain) {
  if (chain.size() > room_ || free_ids_.empty()) return std::nullopt;
  const std::uint16_t id = take_id();
  lengths_[id] = static_cast<unsigned>(chain.size());
  room_ -= lengths_[id];
  for (std::size_t i = chain.size(); i > 0; --i) {
    const Descriptor& d = chain[i - 1];
    const unsigned flags = (i < chain.size() ? DESC_F_NEXT : 0U) | (d.writable ? DESC_F_WRITE : 0U) | d.extra_flags;
    put(next_ + i - 1, d.address, d.length, id, flags);
  }
  next_ += chain.size();
  posted(id);
  return id;
}

std::optional<std::uint16_t> DriverPacked::add_indirect(std::uint64_t table, unsigned entries) {
  return add({{table, DESC_BYTES * entries, false, DESC_F_INDIRECT}});
}

std::optional<UsedBuffer> DriverPacked::look() {
  const std::uint64_t at = descriptors_ + DESC_BYTES * (used_ % size_);
  const auto flags = static_cast<unsigned>(memory_.load(at + 14, 2));
  const bool available = (flags & DESC_F_AVAIL) != 0;
  const bool used = (flags & DESC_F_USED) != 0;
  if (available != used || used != wrap(used_) || room_ == size_) return std::nullopt;
  const auto id = static_cast<std::uint16_t>(memory_.load(at + 12, 2));
  const auto length = static_cast<std::uint32_t>(memory_.load(at + 8, 4));
  return UsedBuffer{id, (flags & DESC_F_WRITE) != 0 ? length : 0};
}

bool DriverPacked::retire(std::uint16_t id) {
  if (id >= size_ || lengths_[id] == 0) return false;
  const unsigned entries = std::exchange(lengths_[id], 0U);
  used_ += entries;
  room_ += entries;
  free_ids_.push_back(id);
  return true;
}

bool DriverPacked::wants_kick() {
  const std::uint64_t from = std::exchange(told_, next_);
  const auto off_wrap = static_cast<unsigned>(memory_.load(device_, 2));
  const auto flags = static_cast<unsigned>(memory_.load(device_ + 2, 2)) & 3;
  if (flags == EVENT_ENABLE) return true;
  if (flags == EVENT_DISABLE) return false;
  for (std::uint64_t position = from; position < next_; ++position) {
    if (position % size_ == (off_wrap & 0x7FFF) && wrap(position) == (off_wrap >> 15 != 0)) return true;
  }
  return false;
}

std::uint16_t DriverPacked::kick_data() const {
  return static_cast<std::uint16_t>(next_ % size_ | (wrap(next_) ? 0x8000U : 0U));
}

void DriverPacked::wish(Wish wish) {
  const bool exact = wish == Wish::specific && offered(RING_F_EVENT_IDX);
  memory_.store(driver_ + 2, 2, wish == Wish::none ? EVENT_DISABLE : exact ? EVENT_DESC : EVENT_ENABLE);
  memory_.store(driver_, 2, used_ % size_ | (wrap(used_) ? 0x8000U : 0U));
}

void DriverPacked::rubbish(pcie::SeededRandom& random, const Zones& zones) {
  for (std::uint64_t position = next_; position < used_ + size_; ++position) {
    const Descriptor d = any_descriptor(random, zones);
    const std::uint64_t at = descriptors_ + DESC_BYTES * (position % size_);
    memory_.store(at, 8, d.address);
    memory_.store(at + 8, 4, d.length);
    memory_.store(at + 12, 2, random.below(2) == 0 ? random.below(size_) : random.below(0x1'0000));
    const bool offered_now = position - next_ < 1 + random.below(6);
    if (offered_now) memory_.store(at + 14, 2, d.extra_flags | (wrap(position) ? DESC_F_AVAIL : DESC_F_USED));
  }
}

}  // namespace sim::fuzz
