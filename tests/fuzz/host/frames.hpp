// SPDX-License-Identifier: Apache-2.0
// How an input of the frames target is written: one record a frame.
#pragma once

#include <cstdint>
#include <vector>

namespace host_fuzz {

/// What is mended in a frame, so that damage elsewhere reaches deeper. kMendIcmp: ICMP's and IGMP's checksum. kWait:
/// the next one comes later. kRouter, in the first record: the host is a router with VLANs, rules and NAT.
enum Mend : std::uint8_t { kMendIpv4 = 1, kMendIcmp6 = 2, kMendUdp = 4, kWait = 8, kMendIcmp = 16, kRouter = 32 };
/// Byte 0: Mend. Bytes 1 and 2: the frame's length, big endian. Then the frame.
inline constexpr std::size_t kRecordHeaderBytes = 3;
inline constexpr std::size_t kLongestFrame = 2000;

}  // namespace host_fuzz
