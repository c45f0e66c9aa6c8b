// SPDX-License-Identifier: Apache-2.0
#include "sim/board/sim_dma_memory.hpp"

#include <algorithm>

namespace sim::board {
namespace {

memory::Access access_of(host::platform::DmaDirection direction) {
  switch (direction) {
    case host::platform::DmaDirection::to_device:
      return memory::Access::read;
    case host::platform::DmaDirection::from_device:
      return memory::Access::write;
    case host::platform::DmaDirection::bidirectional:
      break;
  }
  return memory::Access::both;
}

}  // namespace

SimDmaMemory::SimDmaMemory(memory::SparseMemory& memory, memory::Iommu& iommu)
    : memory_(memory), iommu_(iommu), allocator_(memory.bytes().size()) {}

std::span<std::byte> SimDmaMemory::allocate(std::size_t bytes, std::size_t align) {
  const auto offset = allocator_.allocate(bytes, align);
  if (!offset) return {};
  const auto piece = memory_.bytes().subspan(*offset, bytes);
  std::fill(piece.begin(), piece.end(), std::byte{0});
  return piece;
}

void SimDmaMemory::free(std::span<std::byte> memory) {
  if (memory.empty()) return;
  const auto offset = static_cast<std::size_t>(memory.data() - memory_.bytes().data());
  if (!allocator_.free(offset)) ++misuses_;
}

host::platform::DmaAddress SimDmaMemory::map(std::span<const std::byte> memory,
                                             host::platform::DmaDirection direction) {
  const std::uint64_t address = memory_.address_of(memory.data());
  iommu_.open(address, memory.size(), access_of(direction));
  return address;
}

void SimDmaMemory::unmap(host::platform::DmaAddress address, std::size_t bytes) {
  if (!iommu_.close(address, bytes)) ++misuses_;
}

}  // namespace sim::board
