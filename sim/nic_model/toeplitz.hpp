// SPDX-License-Identifier: Apache-2.0
// The Toeplitz hash of receive side scaling.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sim::nic_model {

using RssKey = std::array<std::uint8_t, 40>;

/// For every bit of the input that is set, the 32 bits of the key that begin at its place.
[[nodiscard]] std::uint32_t toeplitz(const RssKey& key, std::span<const std::byte> input);

}  // namespace sim::nic_model
