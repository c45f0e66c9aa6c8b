// SPDX-License-Identifier: Apache-2.0
// Buffers as a guest's stack makes them for the transmit offloads, with everything that may vary drawn at random.
#pragma once

#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/tx/offload_reference.hpp"

namespace tests::tx {

struct Shape {
  bool v4 = true, tcp = true;
  unsigned tags = 0;         // VLAN tags
  unsigned ip_extra = 0;     // words of 4 (IPv4 options) or 8 bytes (IPv6 destination options), at most 10
  unsigned tcp_options = 0;  // words of 4 bytes, at most 10
  std::size_t payload = 0;
};

inline Shape random_shape(Random& random, std::size_t most) {
  Shape s;
  s.v4 = random() % 2 != 0;
  s.tcp = random() % 2 != 0;
  s.tags = random() % 4 == 0 ? 1 + random() % 2 : 0;
  s.ip_extra = random() % 3 == 0 ? random() % 11 : 0;
  s.tcp_options = random() % 2 != 0 ? random() % 11 : 3;
  s.payload = random() % 8 == 0 ? random() % 20 : random() % (most + 1);
  return s;
}

/// A frame whose checksum field holds the pseudo-header's sum, and its virtio_net_hdr with NEEDS_CSUM.
inline std::pair<NetHeader, Bytes> build(const Shape& shape, Random& random) {
  Bytes f(12);
  for (auto& byte : f) byte = static_cast<std::uint8_t>(random());
  const auto add16 = [&f](std::size_t v) {
    f.push_back(static_cast<std::uint8_t>(v >> 8));
    f.push_back(static_cast<std::uint8_t>(v));
  };
  for (unsigned i = 0; i < shape.tags; ++i) {
    add16(random() % 2 != 0 ? 0x8100 : 0x88A8);
    add16(random());
  }
  add16(shape.v4 ? 0x0800 : 0x86DD);
  Layers at{.v4 = shape.v4, .tcp = shape.tcp, .l3 = f.size()};
  at.l4 = at.l3 + (shape.v4 ? 20 + 4 * shape.ip_extra : 40 + 8 * shape.ip_extra);
  at.payload = at.l4 + (shape.tcp ? 20 + 4 * shape.tcp_options : 8);
  const std::size_t total = at.payload + shape.payload;
  const auto protocol = static_cast<std::uint8_t>(shape.tcp ? 6 : 17);
  while (f.size() < total) f.push_back(static_cast<std::uint8_t>(random()));
  if (shape.v4) {
    f[at.l3] = static_cast<std::uint8_t>(0x45 + shape.ip_extra);
    put_be16(f, at.l3 + 2, total - at.l3);
    put_be16(f, at.l3 + 6, 0x4000);
    f[at.l3 + 9] = protocol;
    for (std::size_t i = at.l3 + 20; i < at.l4; ++i) f[i] = 1;  // no operation
    put_be16(f, at.l3 + 10, 0);
    put_be16(f, at.l3 + 10, static_cast<std::uint16_t>(~ones_sum(f, at.l3, at.l4)));
  } else {
    f[at.l3] = static_cast<std::uint8_t>(0x60 | (f[at.l3] & 15));
    put_be16(f, at.l3 + 4, total - at.l3 - 40);
    f[at.l3 + 6] = shape.ip_extra != 0 ? 60 : protocol;
    if (shape.ip_extra != 0) {
      f[at.l3 + 40] = protocol;
      f[at.l3 + 41] = static_cast<std::uint8_t>(shape.ip_extra - 1);
    }
  }
  if (shape.tcp) {
    f[at.l4 + 12] = static_cast<std::uint8_t>((5 + shape.tcp_options) << 4 | (f[at.l4 + 12] & 15));
  } else {
    put_be16(f, at.l4 + 4, total - at.l4);
  }
  NetHeader h;
  h.flags = contract::NET_HDR_F_NEEDS_CSUM;
  h.hdr_len = static_cast<std::uint16_t>(random() % 3 == 0 ? random() : at.payload);  // a hint
  h.csum_start = static_cast<std::uint16_t>(at.l4);
  h.csum_offset = shape.tcp ? 16 : 6;
  put_be16(f, at.l4 + h.csum_offset, pseudo_sum(f, at, total - at.l4));
  return {h, f};
}

inline std::uint8_t gso_type_of(const Shape& shape) {
  if (!shape.tcp) return contract::NET_HDR_GSO_UDP_L4;
  return shape.v4 ? contract::NET_HDR_GSO_TCPV4 : contract::NET_HDR_GSO_TCPV6;
}

inline Bytes buffer_of(const NetHeader& header, const Bytes& frame) {
  Bytes all = header.bytes();
  all.insert(all.end(), frame.begin(), frame.end());
  return all;
}

}  // namespace tests::tx
