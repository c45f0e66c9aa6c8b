// SPDX-License-Identifier: Apache-2.0
// Memory that a device may reach, and the windows that let it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace host::platform {

/// The address that a device uses.
using DmaAddress = std::uint64_t;

enum class DmaDirection { to_device, from_device, bidirectional };

/// Coherent memory and streaming mappings (Linux: dma_alloc_coherent, dma_map_single). The device can
/// reach exactly what is mapped at the moment, in the mapped direction; all else is an IOMMU fault.
class DmaMemory {
 public:
  virtual ~DmaMemory() = default;

  /// Memory that the device can be given windows on: zeroed, aligned to `align` (a power of two), never
  /// moved, owned by the caller until free(). Empty span when there is none left.
  [[nodiscard]] virtual std::span<std::byte> allocate(std::size_t bytes, std::size_t align) = 0;
  virtual void free(std::span<std::byte> memory) = 0;

  /// Opens a window of exactly these bytes of allocate()d memory. Never blocks.
  [[nodiscard]] virtual DmaAddress map(std::span<const std::byte> memory, DmaDirection direction) = 0;
  /// Closes the window that map() opened; a later access of the device is a fault.
  virtual void unmap(DmaAddress address, std::size_t bytes) = 0;
};

}  // namespace host::platform
