// SPDX-License-Identifier: Apache-2.0
// Packets byte by byte, and a checksum that is written differently from the model's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tests::nic_model {

using Bytes = std::vector<std::byte>;

inline void put(Bytes& bytes, std::uint64_t value, unsigned width) {
  for (unsigned i = width; i > 0; --i) bytes.push_back(static_cast<std::byte>((value >> (8 * (i - 1))) & 0xFF));
}
inline std::uint32_t get(const Bytes& bytes, std::size_t at, unsigned width) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < width; ++i) value = value * 256 + std::to_integer<std::uint32_t>(bytes.at(at + i));
  return value;
}

/// End-around carry at every step, in 16 bits.
inline std::uint16_t naive_sum(const Bytes& bytes, std::size_t from, std::size_t to, std::uint32_t start = 0) {
  std::uint32_t sum = start;
  for (std::size_t at = from; at < to; at += 2) {
    sum += at + 1 < to ? get(bytes, at, 2) : get(bytes, at, 1) * 256;
    if (sum > 0xFFFF) sum -= 0xFFFF;
  }
  return static_cast<std::uint16_t>(sum);
}

struct Options {
  bool ipv6 = false;
  bool udp = false;
  unsigned tags = 0;
  std::size_t payload = 100;
  std::uint32_t flags = 0x18;  ///< of TCP: PSH, ACK
};

inline std::size_t network_at(const Options& o) {
  return 14 + 4 * std::size_t{o.tags};
}
inline std::size_t transport_at(const Options& o) {
  return network_at(o) + (o.ipv6 ? 40 : 20);
}
inline std::size_t header_end(const Options& o) {
  return transport_at(o) + (o.udp ? 8 : 20);
}

/// Sum of the pseudo-header, folded.
inline std::uint16_t pseudo_sum(const Bytes& frame, const Options& o) {
  const std::size_t at = network_at(o);
  const std::size_t addresses = o.ipv6 ? at + 8 : at + 12;
  const auto length = static_cast<std::uint32_t>(frame.size() - transport_at(o));
  return naive_sum(frame, addresses, addresses + (o.ipv6 ? 32 : 8), (length + (o.udp ? 17 : 6)) % 0xFFFF);
}

/// A whole packet with right lengths and right checksums.
inline Bytes packet(const Options& o) {
  Bytes b;
  put(b, 0x525400C0510C, 6);
  put(b, 0x020000000001, 6);
  for (unsigned tag = 0; tag < o.tags; ++tag) put(b, tag == 0 && o.tags == 2 ? 0x88A80007 : 0x8100000A, 4);
  put(b, o.ipv6 ? 0x86DD : 0x0800, 2);
  const std::size_t transport = (o.udp ? 8 : 20) + o.payload;
  const unsigned protocol = o.udp ? 17 : 6;
  if (o.ipv6) {
    put(b, 0x60000000, 4);
    put(b, transport, 2);
    put(b, protocol << 8 | 64, 2);
    put(b, 0xFE80000000000000, 8), put(b, 0x0200F8FFFE2167CF, 8);
    put(b, 0xFE80000000000000, 8), put(b, 0x0200F8FFFE216701, 8);
  } else {
    put(b, 0x4500, 2), put(b, 20 + transport, 2), put(b, 0xFFFE, 2), put(b, 0x4000, 2);
    put(b, 64 << 8 | protocol, 2), put(b, 0, 2), put(b, 0x0A4D0002, 4), put(b, 0x0A4D0001, 4);
    const std::uint16_t sum = naive_sum(b, network_at(o), b.size());
    b[network_at(o) + 10] = static_cast<std::byte>((~sum >> 8) & 0xFF);
    b[network_at(o) + 11] = static_cast<std::byte>(~sum & 0xFF);
  }
  put(b, 40000, 2), put(b, 80, 2);
  if (o.udp) {
    put(b, transport, 2), put(b, 0, 2);
  } else {
    put(b, 0xFFFFFF00, 4), put(b, 7, 4), put(b, 5 << 12 | o.flags, 2), put(b, 1000, 2), put(b, 0, 2), put(b, 0, 2);
  }
  for (std::size_t i = 0; i < o.payload; ++i) b.push_back(static_cast<std::byte>((i * 7 + i / 251) & 0xFF));
  const std::size_t place = transport_at(o) + (o.udp ? 6 : 16);
  auto sum = static_cast<std::uint16_t>(~naive_sum(b, transport_at(o), b.size(), pseudo_sum(b, o)));
  if (o.udp && sum == 0) sum = 0xFFFF;
  b[place] = static_cast<std::byte>(sum >> 8);
  b[place + 1] = static_cast<std::byte>(sum & 0xFF);
  return b;
}

}  // namespace tests::nic_model
