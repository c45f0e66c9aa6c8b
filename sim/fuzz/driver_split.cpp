// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/driver_split.hpp"

#include <algorithm>
#include <utility>

#include "rtl/contract/virtio_contract.hpp"

namespace sim::fuzz {

using namespace contract;

namespace {

constexpr std::uint64_t kIndex = 2;
constexpr std::uint64_t kRing = 4;

}  // namespace

DriverSplit::DriverSplit(HostMemory& memory, unsigned size, std::uint64_t features)
    : DriverRing(memory, size, features), chains_(size) {
  descriptors_ = part(std::size_t{DESC_BYTES} * size, 16, HostMemory::ring_read);
  driver_ = part(6 + 2 * std::size_t{size}, 2, HostMemory::ring_read);
  device_ = part(6 + std::size_t{USED_ELEM_BYTES} * size, 4, HostMemory::write);
  for (unsigned id = 0; id < size; ++id) free_.push_back(static_cast<std::uint16_t>(id));
}

/// 2.7.9: with IN_ORDER in the order of the table; otherwise what was used last.
std::uint16_t DriverSplit::take_place() {
  const bool ordered = offered(F_IN_ORDER);
  const std::uint16_t place = ordered ? free_.front() : free_.back();
  if (ordered) {
    free_.pop_front();
  } else {
    free_.pop_back();
  }
  return place;
}

/// 2.7.13: descriptors, then the ring's entry, then the index.
std::optional<std::uint16_t> DriverSplit::add(const std::vector<Descriptor>& chain) {
  if (chain.size() > free_.size()) return std::nullopt;
  std::vector<std::uint16_t> places;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    places.push_back(take_place());
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Descriptor& d = chain[i];
    const std::uint64_t at = descriptors_ + DESC_BYTES * std::uint64_t{places[i]};
    const bool more = i + 1 < chain.size();
    memory_.store(at, 8, d.address);
    memory_.store(at + 8, 4, d.length);
    memory_.store(at + 12, 2, (more ? DESC_F_NEXT : 0U) | (d.writable ? DESC_F_WRITE : 0U) | d.extra_flags);
    // a last descriptor that goes on all the same goes on in a circle
    memory_.store(at + 14, 2, more ? places[i + 1] : places.front());
  }
  const std::uint16_t head = places.front();
  chains_[head] = std::move(places);
  posted(head);
  memory_.store(driver_ + kRing + 2 * std::uint64_t{next_ % size_}, 2, head);
  memory_.store(driver_ + kIndex, 2, ++next_);
  return head;
}

std::optional<std::uint16_t> DriverSplit::add_indirect(std::uint64_t table, unsigned entries) {
  return add({{table, DESC_BYTES * entries, false, DESC_F_INDIRECT}});
}

std::optional<UsedBuffer> DriverSplit::look() {
  if (static_cast<std::uint16_t>(memory_.load(device_ + kIndex, 2)) == used_) return std::nullopt;
  const std::uint64_t at = device_ + kRing + USED_ELEM_BYTES * std::uint64_t{used_ % size_};
  const auto id = static_cast<std::uint32_t>(memory_.load(at, 4));
  const auto length = static_cast<std::uint32_t>(memory_.load(at + 4, 4));
  return UsedBuffer{static_cast<std::uint16_t>(std::min<std::uint32_t>(id, 0xFFFF)), length};
}

bool DriverSplit::retire(std::uint16_t id) {
  ++used_;
  if (id >= size_ || chains_[id].empty()) return false;
  for (const std::uint16_t place : std::exchange(chains_[id], {})) free_.push_back(place);
  return true;
}

bool DriverSplit::wants_kick() {
  const std::uint16_t from = std::exchange(told_, next_);
  if (!offered(RING_F_EVENT_IDX)) return (memory_.load(device_, 2) & USED_F_NO_NOTIFY) == 0;
  const auto event =
      static_cast<std::uint16_t>(memory_.load(device_ + kRing + USED_ELEM_BYTES * std::uint64_t{size_}, 2));
  return static_cast<std::uint16_t>(next_ - event - 1) < static_cast<std::uint16_t>(next_ - from);
}

void DriverSplit::wish(Wish wish) {
  memory_.store(driver_, 2, wish == Wish::none ? AVAIL_F_NO_INTERRUPT : 0U);
  // with event indices, "none" is an index that is a whole lap of numbers away
  const auto event = static_cast<std::uint16_t>(wish == Wish::none ? used_ - 1 : used_);
  memory_.store(driver_ + kRing + 2 * std::uint64_t{size_}, 2, event);
}

void DriverSplit::rubbish(pcie::SeededRandom& random, const Zones& zones) {
  for (const std::uint16_t place : free_) {
    const Descriptor d = any_descriptor(random, zones);
    const std::uint64_t at = descriptors_ + DESC_BYTES * std::uint64_t{place};
    memory_.store(at, 8, d.address);
    memory_.store(at + 8, 4, d.length);
    memory_.store(at + 12, 2, d.extra_flags);
    memory_.store(at + 14, 2, random.below(2) == 0 ? random.below(size_) : random.below(0x1'0000));
  }
  // heads that the device has, or free ones, or none at all; and more of them than there can be, now and then
  const std::uint64_t more = random.below(4) == 0 ? random.below(0x1'0000) : random.below(6);
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(more, size_); ++i) {
    const std::uint64_t at = driver_ + kRing + 2 * std::uint64_t{static_cast<std::uint16_t>(next_ + i) % size_};
    const bool real = !free_.empty() && random.below(4) != 0;
    memory_.store(at, 2, real ? free_[random.below(free_.size())] : random.below(0x1'0000));
  }
  memory_.store(driver_ + kIndex, 2, static_cast<std::uint16_t>(next_ + more));
}

}  // namespace sim::fuzz
