// SPDX-License-Identifier: Apache-2.0
// The host's DMA interface over the simulated memory and its IOMMU.
#pragma once

#include <cstdint>

#include "host/platform/dma_memory.hpp"
#include "sim/memory/allocator.hpp"
#include "sim/memory/iommu.hpp"
#include "sim/memory/sparse_memory.hpp"

namespace sim::board {

/// Device addresses are bus addresses (no translation): a window opens them for the device.
class SimDmaMemory : public host::platform::DmaMemory {
 public:
  SimDmaMemory(memory::SparseMemory& memory, memory::Iommu& iommu);

  [[nodiscard]] std::span<std::byte> allocate(std::size_t bytes, std::size_t align) override;
  void free(std::span<std::byte> memory) override;
  [[nodiscard]] host::platform::DmaAddress map(std::span<const std::byte> memory,
                                               host::platform::DmaDirection direction) override;
  void unmap(host::platform::DmaAddress address, std::size_t bytes) override;

  /// Calls of free() or unmap() that named what was not there.
  [[nodiscard]] std::uint64_t misuses() const { return misuses_; }
  [[nodiscard]] std::size_t allocated() const { return allocator_.used(); }

 private:
  memory::SparseMemory& memory_;
  memory::Iommu& iommu_;
  memory::Allocator allocator_;
  std::uint64_t misuses_ = 0;
};

}  // namespace sim::board
