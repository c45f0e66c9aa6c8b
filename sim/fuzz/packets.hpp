// SPDX-License-Identifier: Apache-2.0
// Random packets: Ethernet with tags, IPv4 with options, IPv6 with extension headers, TCP, UDP and others, whole and
// broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/pcie/seeded_random.hpp"

namespace sim::fuzz {

using Bytes = std::vector<std::byte>;

enum class Layer4 : std::uint8_t { tcp, udp, other };

struct Packet {
  Bytes bytes;
  bool ipv6 = false;
  Layer4 layer4 = Layer4::other;
  std::size_t network_at = 0;
  std::size_t transport_at = 0;
  std::size_t headers = 0;  ///< bytes up to the payload

  /// Where the checksum of TCP or UDP stands behind transport_at.
  [[nodiscard]] std::size_t checksum_offset() const { return layer4 == Layer4::udp ? 6 : 16; }
};

struct PacketWish {
  unsigned payload = 0;  ///< behind all headers
  unsigned flows = 8;    ///< different addresses and ports
  bool plain = false;    ///< no fragments, no rare headers: a driver may ask to cut it
  bool ipv6 = false;     ///< what `plain` ones are
  Layer4 layer4 = Layer4::tcp;
};

/// Right lengths and checksums.
[[nodiscard]] Packet make_packet(pcie::SeededRandom& random, const PacketWish& wish);
/// Right lengths and checksums for the bytes that it has now.
void finish(Packet& packet);
/// The pseudo-header's sum instead of the checksum: what a driver leaves for the device.
void leave_checksum(Packet& packet);
/// Bends one thing in it.
void bend(pcie::SeededRandom& random, Packet& packet);

void fill(pcie::SeededRandom& random, Bytes& bytes, std::size_t from);
/// 0 .. high - low above low.
[[nodiscard]] unsigned between(pcie::SeededRandom& random, unsigned low, unsigned high);

}  // namespace sim::fuzz
