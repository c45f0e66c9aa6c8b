// SPDX-License-Identifier: Apache-2.0
// What a type of service says of a packet's urgency on this host (Linux: rt_tos2priority, ip_tos2prio).
#pragma once

#include <array>
#include <cstdint>

namespace host::ip {

/// Linux: TC_PRIO_*.
inline constexpr std::uint32_t kPriorityBestEffort = 0;
inline constexpr std::uint32_t kPriorityBulk = 2;
inline constexpr std::uint32_t kPriorityInteractiveBulk = 4;
inline constexpr std::uint32_t kPriorityInteractive = 6;

/// By RFC 1349's delay and throughput bits; the others do not matter.
[[nodiscard]] constexpr std::uint32_t tos_priority(std::uint8_t tos) {
  constexpr std::array kByDelayAndThroughput = {kPriorityBestEffort, kPriorityBulk, kPriorityInteractive,
                                                kPriorityInteractiveBulk};
  return kByDelayAndThroughput[tos >> 3 & 3];
}

}  // namespace host::ip
