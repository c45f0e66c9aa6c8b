// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/driver_ring.hpp"

#include <algorithm>

#include "rtl/contract/virtio_contract.hpp"
#include "sim/fuzz/driver_packed.hpp"
#include "sim/fuzz/driver_split.hpp"

namespace sim::fuzz {

using namespace contract;

namespace {
constexpr std::uint64_t kReach = 0x1'0000;
}  // namespace

DriverRing::~DriverRing() {
  for (const auto& [address, bytes] : parts_) {
    memory_.grant(address, bytes, HostMemory::none);
    memory_.free(address);
  }
}

/// A zeroed piece of memory that the device may use so until the ring is gone.
std::uint64_t DriverRing::part(std::size_t bytes, std::size_t align, HostMemory::Grant grant) {
  const std::uint64_t address = memory_.allocate(bytes, align);
  for (std::byte& byte : memory_.at(address, bytes)) byte = std::byte{0};
  memory_.grant(address, bytes, grant);
  parts_.emplace_back(address, bytes);
  return address;
}

void DriverRing::unmap() {
  for (const auto& [address, bytes] : parts_) memory_.grant(address, bytes, HostMemory::gone);
}

void DriverRing::fill_table(std::uint64_t table, const std::vector<Descriptor>& chain) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const std::uint64_t at = table + DESC_BYTES * i;
    const bool more = i + 1 < chain.size();
    const bool split = !offered(F_RING_PACKED);
    memory_.store(at, 8, chain[i].address);
    memory_.store(at + 8, 4, chain[i].length);
    const unsigned flags = (chain[i].writable ? DESC_F_WRITE : 0U) | chain[i].extra_flags;
    memory_.store(at + 12, 2, split ? flags | (more ? DESC_F_NEXT : 0U) : 0U);
    memory_.store(at + 14, 2, split ? (more ? i + 1 : 0U) : flags);
  }
}

/// 2.7.9 and 2.8.13: with IN_ORDER one entry stands for all buffers up to the one that it names. An id that the device
/// does not have comes back as it is: whoever asks will notice.
std::optional<UsedBuffer> DriverRing::next_used() {
  if (!offered(F_IN_ORDER)) {
    const auto used = look();
    if (used) static_cast<void>(retire(used->id));
    return used;
  }
  if (!batch_) batch_ = look();
  if (!batch_) return std::nullopt;
  const UsedBuffer last = *batch_;
  if (std::find(order_.begin(), order_.end(), last.id) == order_.end()) {
    batch_.reset();
    return UsedBuffer{static_cast<std::uint16_t>(size_), 0};
  }
  const std::uint16_t id = order_.front();
  order_.pop_front();
  static_cast<void>(retire(id));
  if (id == last.id) batch_.reset();
  return id == last.id ? last : UsedBuffer{id, 0};
}

/// Flags in extra_flags. Tables are only where nothing is ever written.
Descriptor DriverRing::any_descriptor(pcie::SeededRandom& random, const Zones& zones) const {
  Descriptor d;
  d.extra_flags = static_cast<std::uint16_t>(random.below(8));
  if (random.below(4) != 0) {
    d.extra_flags = static_cast<std::uint16_t>(zones.device_writes ? DESC_F_WRITE : 0U);
  }
  const bool writes = zones.device_writes && (d.extra_flags & DESC_F_INDIRECT) == 0;
  d.address = (writes ? zones.to_write : zones.to_read) + random.below(kReach);
  d.length = static_cast<std::uint32_t>(random.below(4) == 0 ? random.below(0x1'0001) : 1 + random.below(2000));
  return d;
}

std::unique_ptr<DriverRing> make_ring(HostMemory& memory, RingKind kind, unsigned size, std::uint64_t features) {
  if (kind == RingKind::packed) return std::make_unique<DriverPacked>(memory, size, features);
  return std::make_unique<DriverSplit>(memory, size, features);
}

}  // namespace sim::fuzz
