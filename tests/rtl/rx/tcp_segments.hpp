// SPDX-License-Identifier: Apache-2.0
// TCP flows as frames: segments in order, their sums, and the fields that tests look at.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/rtl/mac/beats.hpp"
#include "tests/rtl/rx/frame_reference.hpp"

namespace tests::rx {

inline constexpr unsigned kAck = 0x10, kPsh = 0x08, kFin = 0x01, kSyn = 0x02, kEce = 0x40, kCwr = 0x80;

inline void put16(Bytes& b, std::size_t at, std::size_t value) {
  b[at] = static_cast<std::uint8_t>(value >> 8);
  b[at + 1] = static_cast<std::uint8_t>(value);
}
inline void put32(Bytes& b, std::size_t at, std::uint32_t value) {
  put16(b, at, value >> 16);
  put16(b, at + 2, value & 0xFFFF);
}
inline std::uint32_t get32(const Bytes& b, std::size_t at) {
  return std::uint32_t{b[at]} << 24 | std::uint32_t{b[at + 1]} << 16 | std::uint32_t{b[at + 2]} << 8 | b[at + 3];
}
inline Bytes slice(const Bytes& b, std::size_t at, std::size_t length) {
  return {b.begin() + static_cast<std::ptrdiff_t>(at), b.begin() + static_cast<std::ptrdiff_t>(at + length)};
}

struct Flow {
  bool ip6 = false;
  unsigned number = 0;
  unsigned tags = 0;
  bool timestamps = false;
  bool fragments_allowed = false;  // IPv4 without don't fragment: the identification counts
  std::uint32_t seq = 0, ack = 1000, stamp = 77;
  unsigned id = 5;
  unsigned tos = 0;
};

/// The bytes that sums cover, with the pseudo header in front.
inline unsigned tcp_sum(const Bytes& frame, std::size_t l3, std::size_t l4, bool ip6, std::size_t end) {
  Bytes covered = ip6 ? slice(frame, l3 + 8, 32) : slice(frame, l3 + 12, 8);
  const std::size_t length = end - l4;
  const Bytes rest = {0,
                      static_cast<std::uint8_t>(length >> 16),
                      static_cast<std::uint8_t>(length >> 8),
                      static_cast<std::uint8_t>(length),
                      0,
                      6};
  covered.insert(covered.end(), rest.begin(), rest.end());
  const Bytes l4_bytes = slice(frame, l4, length);
  covered.insert(covered.end(), l4_bytes.begin(), l4_bytes.end());
  return ones_sum(covered);
}

inline void finish(Bytes& f, std::size_t l3, std::size_t l4, bool ip6) {
  const std::size_t end = f.size();
  if (ip6) {
    put16(f, l3 + 4, end - l3 - 40);
  } else {
    put16(f, l3 + 2, end - l3);
    put16(f, l3 + 10, 0);
    put16(f, l3 + 10, 0xFFFF ^ ones_sum(slice(f, l3, 20)));
  }
  put16(f, l4 + 16, 0);
  put16(f, l4 + 16, 0xFFFF ^ tcp_sum(f, l3, l4, ip6, end));
}

/// The next segment of a flow.
inline Bytes segment(Flow& flow, const Bytes& payload, unsigned flags) {
  Bytes f(12, 2);
  f[11] = static_cast<std::uint8_t>(flow.number);
  for (unsigned t = 0; t < flow.tags; ++t) f.insert(f.end(), {0x81, 0x00, 0x00, static_cast<std::uint8_t>(9 + t)});
  const std::size_t l3 = f.size() + 2;
  if (flow.ip6) {
    f.insert(f.end(), {0x86, 0xDD, 0x60, 0, 0, 1, 0, 0, 6, 64});
    f.resize(l3 + 40, 0x20);
    f[l3 + 39] = static_cast<std::uint8_t>(flow.number);
  } else {
    f.insert(f.end(), {0x08, 0x00, 0x45, static_cast<std::uint8_t>(flow.tos), 0, 0});
    f.resize(l3 + 20, 10);
    put16(f, l3 + 4, flow.id++ & 0xFFFF);
    put16(f, l3 + 6, flow.fragments_allowed ? 0 : 0x4000);
    f[l3 + 8] = 64;
    f[l3 + 9] = 6;
    f[l3 + 19] = static_cast<std::uint8_t>(flow.number);
  }
  const std::size_t l4 = f.size();
  f.resize(l4 + (flow.timestamps ? 32 : 20));
  put16(f, l4, 1000 + flow.number);
  put16(f, l4 + 2, 80);
  put32(f, l4 + 4, flow.seq);
  put32(f, l4 + 8, flow.ack);
  f[l4 + 12] = flow.timestamps ? 0x80 : 0x50;
  f[l4 + 13] = static_cast<std::uint8_t>(flags);
  put16(f, l4 + 14, 500 + flow.ack % 100);
  if (flow.timestamps) {
    put32(f, l4 + 20, 0x0101080A);
    put32(f, l4 + 24, flow.stamp);
    put32(f, l4 + 28, 0x11223344);
  }
  f.insert(f.end(), payload.begin(), payload.end());
  flow.seq += static_cast<std::uint32_t>(payload.size());
  finish(f, l3, l4, flow.ip6);
  return f;  // without padding: callers pad
}

}  // namespace tests::rx
