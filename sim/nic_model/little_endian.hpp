// SPDX-License-Identifier: Apache-2.0
// Numbers in byte sequences, least significant byte first: everything virtio and PCI keep in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sim::nic_model {

/// `width` bytes at `at`; bytes behind the end read as 0.
[[nodiscard]] inline std::uint64_t read_le(std::span<const std::byte> bytes, std::size_t at, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width && at + i < bytes.size(); ++i) {
    value |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  }
  return value;
}

inline void write_le(std::span<std::byte> bytes, std::size_t at, unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width && at + i < bytes.size(); ++i) {
    bytes[at + i] = static_cast<std::byte>((value >> (8 * i)) & 0xFF);
  }
}

}  // namespace sim::nic_model
