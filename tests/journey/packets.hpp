// SPDX-License-Identifier: Apache-2.0
// TCP and UDP packets of numbered flows over IPv4 and IPv6, whole and right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tests::journey {

using Frame = std::vector<std::byte>;

struct PacketShape {
  bool v4 = true;
  bool tcp = true;
  unsigned flow = 0;  // addresses and ports
  std::size_t payload = 0;
  std::uint64_t seed = 0;  // of the payload, sequence and identifier
  std::uint8_t tcp_flags = 0x18;
  /// Instead of random ones: where in its flow a segment stands.
  std::optional<std::uint32_t> sequence = {};
  std::optional<std::uint16_t> identifier = {};
  bool request = false;  // the checksum field holds the pseudo-header's sum, as for a device that completes it
};

inline constexpr std::size_t kEthernet = 14;
/// Where TCP or UDP starts.
[[nodiscard]] constexpr std::size_t transport_offset(const PacketShape& shape) {
  return kEthernet + (shape.v4 ? 20 : 40);
}
[[nodiscard]] constexpr std::size_t checksum_offset(const PacketShape& shape) {
  return shape.tcp ? 16 : 6;
}
[[nodiscard]] Frame make_packet(const PacketShape& shape);
/// The number that make_packet() hid in the source address.
[[nodiscard]] std::uint64_t flow_of(const Frame& frame);

}  // namespace tests::journey
