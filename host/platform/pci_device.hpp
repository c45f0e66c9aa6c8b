// SPDX-License-Identifier: Apache-2.0
// A PCI function as the host's CPUs reach it.
#pragma once

#include <cstdint>

namespace host::platform {

/// One enumerated function. Every access is naturally aligned, 1, 2 or 4 bytes wide (`width`), little-endian.
class PciDevice {
 public:
  virtual ~PciDevice() = default;

  /// Non-posted: blocks the calling CPU for the true round trip. All ones when nobody answers.
  [[nodiscard]] virtual std::uint32_t config_read(unsigned offset, unsigned width) = 0;
  /// Non-posted: blocks for the completion.
  virtual void config_write(unsigned offset, unsigned width, std::uint32_t value) = 0;

  /// Non-posted: blocks for the true round trip; a completion cannot pass earlier posted writes of the
  /// device. All ones on an error completion or a time-out.
  [[nodiscard]] virtual std::uint32_t mmio_read(unsigned bar, std::uint64_t offset, unsigned width) = 0;
  /// Posted: returns as soon as the write is on its way; ordered after all earlier accesses of this CPU
  /// and after all its earlier stores to memory.
  virtual void mmio_write(unsigned bar, std::uint64_t offset, unsigned width, std::uint32_t value) = 0;
};

}  // namespace host::platform
