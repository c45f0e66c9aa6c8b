// SPDX-License-Identifier: Apache-2.0
// Payload that shows where it was damaged.
#include "host/apps/pattern.hpp"

namespace host::apps {
namespace {

std::byte pattern_byte(std::size_t place, std::uint32_t sequence) {
  constexpr std::uint32_t kOddMultiplier = 2'654'435'761U;
  const auto mixed = (static_cast<std::uint32_t>(place) + sequence * 257U + 1U) * kOddMultiplier;
  return static_cast<std::byte>(mixed >> 24);
}

}  // namespace

void fill_pattern(std::span<std::byte> out, std::uint32_t sequence) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = pattern_byte(i, sequence);
  }
}

bool matches_pattern(std::span<const std::byte> bytes, std::uint32_t sequence) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != pattern_byte(i, sequence)) {
      return false;
    }
  }
  return true;
}

}  // namespace host::apps
