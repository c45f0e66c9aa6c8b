// SPDX-License-Identifier: Apache-2.0
// Areas laid out one behind the other, and mapped.
#include "host/driver/ring_memory.hpp"

namespace host::driver {
namespace {

std::size_t line_up(std::size_t bytes) {
  return (bytes + RingMemory::kAlignment - 1) / RingMemory::kAlignment * RingMemory::kAlignment;
}

}  // namespace

std::size_t RingAreas::total() const {
  std::size_t sum = 0;
  for (const auto& area : areas) sum += line_up(area.bytes);
  return sum;
}

RingMemory::RingMemory(platform::DmaMemory& dma, const RingAreas& areas, std::span<std::byte> memory)
    : dma_(dma), memory_(memory) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < kRingAreas; ++i) {
    const auto& area = areas.areas[i];
    if (area.bytes == 0) continue;
    spans_[i] = memory.subspan(at, area.bytes);
    addresses_[i] = dma.map(spans_[i], area.direction);
    at += line_up(area.bytes);
  }
}

RingMemory::~RingMemory() {
  for (std::size_t i = 0; i < kRingAreas; ++i) {
    if (!spans_[i].empty()) dma_.unmap(addresses_[i], spans_[i].size());
  }
  dma_.free(memory_);
}

}  // namespace host::driver
