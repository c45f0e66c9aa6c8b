// SPDX-License-Identifier: Apache-2.0
// Fields of flat vectors, whether Verilator keeps them in one word or in many.
#pragma once

#include <verilated.h>

#include <cstdint>

namespace tests::virtio {

template <std::size_t N>
std::uint64_t bits(const VlWide<N>& wide, unsigned lsb, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned k = 0; k < width; ++k) {
    const unsigned at = lsb + k;
    value |= std::uint64_t{wide.at(at / 32) >> (at % 32) & 1u} << k;
  }
  return value;
}

template <std::size_t N>
void set_bits(VlWide<N>& wide, unsigned lsb, unsigned width, std::uint64_t value) {
  for (unsigned k = 0; k < width; ++k) {
    const unsigned at = lsb + k;
    const std::uint32_t bit = 1u << (at % 32);
    wide.at(at / 32) = (value >> k & 1u) != 0 ? wide.at(at / 32) | bit : wide.at(at / 32) & ~bit;
  }
}

}  // namespace tests::virtio
