// SPDX-License-Identifier: Apache-2.0
// The fields of a classic BPF instruction's code, and its special offsets (Linux: uapi/linux/bpf_common.h, filter.h).
#pragma once

#include <cstdint>

namespace host::device::bpf {

// The low three bits: the class.
inline constexpr unsigned kClassMask = 0x07;
inline constexpr unsigned kLd = 0x00;
inline constexpr unsigned kLdx = 0x01;
inline constexpr unsigned kSt = 0x02;
inline constexpr unsigned kStx = 0x03;
inline constexpr unsigned kAlu = 0x04;
inline constexpr unsigned kJmp = 0x05;
inline constexpr unsigned kRet = 0x06;
inline constexpr unsigned kMisc = 0x07;

// Loads: the width, then where from.
inline constexpr unsigned kW = 0x00;
inline constexpr unsigned kH = 0x08;
inline constexpr unsigned kB = 0x10;
inline constexpr unsigned kImm = 0x00;
inline constexpr unsigned kAbs = 0x20;
inline constexpr unsigned kInd = 0x40;
inline constexpr unsigned kMem = 0x60;
inline constexpr unsigned kLen = 0x80;
inline constexpr unsigned kMsh = 0xa0;

// Arithmetic and jumps: the operation, then the operand.
inline constexpr unsigned kOperationMask = 0xf0;
inline constexpr unsigned kAdd = 0x00;
inline constexpr unsigned kSub = 0x10;
inline constexpr unsigned kMul = 0x20;
inline constexpr unsigned kDiv = 0x30;
inline constexpr unsigned kOr = 0x40;
inline constexpr unsigned kAnd = 0x50;
inline constexpr unsigned kLsh = 0x60;
inline constexpr unsigned kRsh = 0x70;
inline constexpr unsigned kNeg = 0x80;
inline constexpr unsigned kMod = 0x90;
inline constexpr unsigned kXor = 0xa0;
inline constexpr unsigned kJa = 0x00;
inline constexpr unsigned kJeq = 0x10;
inline constexpr unsigned kJgt = 0x20;
inline constexpr unsigned kJge = 0x30;
inline constexpr unsigned kJset = 0x40;
inline constexpr unsigned kK = 0x00;
inline constexpr unsigned kX = 0x08;
/// What a return gives, beside K and X.
inline constexpr unsigned kA = 0x10;

// Transfers between the registers.
inline constexpr unsigned kTax = 0x00;
inline constexpr unsigned kTxa = 0x80;

// Absolute loads from here on are no offsets (Linux: SKF_AD_OFF, SKF_NET_OFF, SKF_LL_OFF).
inline constexpr std::uint32_t kAncillary = 0xfffff000;          // -4096
inline constexpr std::uint32_t kFromNetworkHeader = 0xfff00000;  // -1048576
inline constexpr std::uint32_t kFromLinkHeader = 0xffe00000;     // -2097152

/// Linux: SKF_AD_*.
enum class Ancillary : std::uint32_t {
  protocol = 0,
  packet_type = 4,
  interface_index = 8,
  mark = 20,
  queue = 24,
  hardware_type = 28,
  receive_hash = 32,
  cpu = 36,
  xor_x = 40,
  vlan_tag = 44,
  vlan_tag_present = 48,
  random = 56,
};

}  // namespace host::device::bpf
