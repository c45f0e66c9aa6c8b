// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/toeplitz.hpp"

namespace sim::nic_model {
namespace {

bool key_bit(const RssKey& key, std::size_t place) {
  return ((key[place / 8 % key.size()] >> (7 - place % 8)) & 1) != 0;
}

}  // namespace

std::uint32_t toeplitz(const RssKey& key, std::span<const std::byte> input) {
  std::uint32_t window = 0;
  for (std::size_t i = 0; i < 32; ++i) window = (window << 1) | (key_bit(key, i) ? 1U : 0U);
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i < 8 * input.size(); ++i) {
    const bool set = ((std::to_integer<unsigned>(input[i / 8]) >> (7 - i % 8)) & 1) != 0;
    if (set) hash ^= window;
    window = (window << 1) | (key_bit(key, i + 32) ? 1U : 0U);
  }
  return hash;
}

}  // namespace sim::nic_model
