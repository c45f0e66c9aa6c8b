// SPDX-License-Identifier: Apache-2.0
// Pause and priority pause frames without FCS, byte by byte from IEEE 802.3 31B and 31D.
#pragma once

#include "tests/rtl/mac/beats.hpp"

namespace tests {

inline constexpr std::uint64_t kControlAddress = 0x010000C28001;  // 01-80-C2-00-00-01, first byte lowest

inline Bytes control_frame(unsigned opcode, std::uint64_t to) {
  Bytes frame;
  for (unsigned i = 0; i < 6; ++i) frame.push_back(static_cast<std::uint8_t>(to >> (8 * i)));
  for (const unsigned byte : {0x02U, 0x00U, 0x00U, 0x00U, 0x00U, 0x99U, 0x88U, 0x08U, opcode >> 8, opcode & 0xFFU}) {
    frame.push_back(static_cast<std::uint8_t>(byte));
  }
  return frame;
}

inline void put_big16(Bytes& frame, unsigned value) {
  frame.push_back(static_cast<std::uint8_t>(value >> 8));
  frame.push_back(static_cast<std::uint8_t>(value));
}

inline Bytes pause_frame(unsigned quanta, std::uint64_t to = kControlAddress) {
  Bytes frame = control_frame(0x0001, to);
  put_big16(frame, quanta);
  return padded(frame);
}

inline Bytes pfc_frame(unsigned classes, const std::vector<unsigned>& quanta) {
  Bytes frame = control_frame(0x0101, kControlAddress);
  put_big16(frame, classes);
  for (const unsigned value : quanta) put_big16(frame, value);
  return padded(frame);
}

}  // namespace tests
