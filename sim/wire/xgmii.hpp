// SPDX-License-Identifier: Apache-2.0
// XGMII on 64 bits as the models see it (IEEE 802.3 clause 46): one word an edge of 156.25 MHz.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/pcie/ports.hpp"

namespace sim::wire {

/// Lane 0 is data[7:0] and ctrl[0].
struct Word {
  std::uint64_t data = 0x0707070707070707U;
  std::uint8_t ctrl = 0xFF;

  friend bool operator==(const Word&, const Word&) = default;
};

inline constexpr Word kIdleWord{};
inline constexpr std::uint8_t kIdle = 0x07;
inline constexpr std::uint8_t kStart = 0xFB;
inline constexpr std::uint8_t kTerminate = 0xFD;
inline constexpr std::uint8_t kError = 0xFE;
inline constexpr std::uint8_t kPreamble = 0x55;
inline constexpr std::uint8_t kSfd = 0xD5;

inline constexpr std::size_t kMinFrame = 60;  ///< without FCS (802.3, 4A.2.3.2.4)
inline constexpr std::size_t kFcsBytes = 4;
inline constexpr std::size_t kPreambleBytes = 8;  ///< /S/, six of preamble, SFD
inline constexpr std::size_t kGapBytes = 12;      ///< average gap, /T/ included (46.3.1.4)
inline constexpr Picoseconds kByteTime = 800;     ///< 10 Gb/s, unless told otherwise

}  // namespace sim::wire
