// SPDX-License-Identifier: Apache-2.0
// A transaction-layer packet as the models pass it around (PCIe Base 3.0, 2.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim::pcie {

/// The header as it is on the link (four DW, the last zero in a 3-DW header; each DW with byte 0 in its
/// top byte, as the specification draws it) and the payload, a whole number of DW, lowest address first.
/// Poisoned is the EP bit of the header. See tlp_format.hpp for building and reading headers.
struct Tlp {
  std::array<std::uint32_t, 4> header{};
  std::vector<std::byte> payload;
};

}  // namespace sim::pcie
