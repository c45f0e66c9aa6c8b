// SPDX-License-Identifier: Apache-2.0
// One number for a flow (Linux: skb_get_hash, reciprocal_scale).
#pragma once

#include <cstdint>

#include "host/skb/skb.hpp"

namespace host::device {

/// The device's hash when it reported one, else one over addresses and ports, the same for both directions. Data at
/// the Ethernet header.
[[nodiscard]] std::uint32_t flow_hash(const skb::SkBuff& skb);

/// Spreads hashes over 0 to `below` - 1.
[[nodiscard]] constexpr unsigned scale_hash(std::uint32_t hash, unsigned below) {
  return static_cast<unsigned>(std::uint64_t{hash} * below >> 32);
}

}  // namespace host::device
