// SPDX-License-Identifier: Apache-2.0
// Hands out pieces of a region: first fit, neighbours merged when freed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace sim::memory {

/// Offsets in a region of `bytes` bytes. Blocks are multiples of 64 bytes, so that no two share a line.
class Allocator {
 public:
  explicit Allocator(std::size_t bytes);

  /// `align`: a power of two. Nothing when there is no gap that is large enough.
  [[nodiscard]] std::optional<std::size_t> allocate(std::size_t bytes, std::size_t align);
  /// False when no block begins there.
  [[nodiscard]] bool free(std::size_t offset);
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::map<std::size_t, std::size_t> gaps_;    // offset -> bytes
  std::map<std::size_t, std::size_t> blocks_;  // offset -> bytes
  std::size_t used_ = 0;
};

}  // namespace sim::memory
