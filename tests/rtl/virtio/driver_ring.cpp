// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/driver_ring.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/virtio/packed_ring.hpp"
#include "tests/rtl/virtio/split_ring.hpp"

namespace tests::virtio {

std::unique_ptr<DriverRing> DriverRing::make(HostMemory& memory, RingPlace place, unsigned size, RingMode mode) {
  if (mode.packed) return std::make_unique<PackedRing>(memory, place, size, mode);
  return std::make_unique<SplitRing>(memory, place, size, mode);
}

std::optional<Used> DriverRing::take_used() {
  if (!batch_.empty()) {
    const Used used = batch_.front();
    batch_.pop_front();
    return used;
  }
  if (!used_waits()) return std::nullopt;
  const Used used = read_used();
  const auto open = std::find_if(order_.begin(), order_.end(), [&](const auto& o) { return o.first == used.id; });
  if (open == order_.end()) {
    violate(fmt::format("a used entry has id {}, which is not with the device", used.id));
    return std::nullopt;
  }
  unsigned entries = open->second;
  std::vector<unsigned> ids{used.id};
  if (mode_.in_order) {
    // One entry stands for every older buffer too.
    for (auto older = order_.begin(); older != open; ++older) {
      entries += older->second;
      batch_.push_back({.id = older->first, .len = 0, .written = false});
      ids.push_back(older->first);
      if (mode_.device_writes) violate("a batch of buffers was used by one entry, and their lengths are lost");
    }
    order_.erase(order_.begin(), open + 1);
    batch_.push_back(used);
  } else {
    order_.erase(open);
  }
  free_ += entries;
  step_used(ids, entries);
  if (!mode_.in_order) return used;
  const Used first = batch_.front();
  batch_.pop_front();
  return first;
}

void DriverRing::write_table(unsigned id, const std::vector<Piece>& pieces) {
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    const std::uint64_t at = table_of(id) + 16 * k;
    const bool more = k + 1 < pieces.size();
    const unsigned flags =
        (mode_.device_writes ? contract::DESC_F_WRITE : 0u) | (!mode_.packed && more ? contract::DESC_F_NEXT : 0u);
    memory_.write(at, pieces[k].addr, 8);
    memory_.write(at + 8, pieces[k].len, 4);
    memory_.write(at + 12, mode_.packed ? 0u : flags, 2);
    memory_.write(at + 14, mode_.packed ? flags : static_cast<unsigned>(k + 1), 2);
  }
}

}  // namespace tests::virtio
