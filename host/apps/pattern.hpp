// SPDX-License-Identifier: Apache-2.0
// Payload that shows where it was damaged: what the test clients send and verify.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace host::apps {

/// Fills with bytes that follow from place and sequence: a shifted, swapped or stale payload differs.
void fill_pattern(std::span<std::byte> out, std::uint32_t sequence);
[[nodiscard]] bool matches_pattern(std::span<const std::byte> bytes, std::uint32_t sequence);

}  // namespace host::apps
