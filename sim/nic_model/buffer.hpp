// SPDX-License-Identifier: Apache-2.0
// What the driver makes available and gets back.
#pragma once

#include <cstdint>
#include <vector>

namespace sim::nic_model {

struct Piece {
  std::uint64_t address = 0;
  std::uint32_t length = 0;
};

/// A buffer of the driver, checked.
struct Buffer {
  std::uint16_t id = 0;
  unsigned descriptors = 0;  ///< entries of the ring that it occupies
  std::uint64_t total = 0;   ///< bytes
  std::vector<Piece> pieces;
};

/// A buffer to give back.
struct Used {
  std::uint16_t id = 0;
  unsigned descriptors = 0;
  std::uint32_t length = 0;
  bool written = false;  ///< length counts
};

}  // namespace sim::nic_model
