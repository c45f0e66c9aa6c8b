// SPDX-License-Identifier: Apache-2.0
// What stands in a frame: Ethernet with 802.1Q and 802.1ad tags, IPv4 with options (RFC 791), IPv6 with
// extension headers (RFC 8200), TCP (RFC 9293), UDP (RFC 768), fragments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sim::nic_model {

using FrameView = std::span<const std::byte>;

/// Network order.
[[nodiscard]] std::uint32_t read_be(FrameView bytes, std::size_t at, unsigned width);
void write_be(std::span<std::byte> bytes, std::size_t at, unsigned width, std::uint32_t value);

enum class Network : std::uint8_t { none, ipv4, ipv6 };
enum class Transport : std::uint8_t { none, tcp, udp };

struct Packet {
  std::optional<std::uint16_t> vlan;  ///< the outermost tag's VLAN number
  Network network = Network::none;
  Transport transport = Transport::none;
  std::size_t network_at = 0;        ///< offset of the IP header
  std::size_t transport_at = 0;      ///< offset behind the IP header and its extensions
  std::size_t end = 0;               ///< where the IP packet ends; padding may follow
  bool fragment = false;             ///< any, the first one too
  bool extensions = false;           ///< IPv6 extension headers
  bool header_checksum_good = true;  ///< of IPv4
  std::uint8_t protocol = 0;         ///< behind all extension headers
  std::size_t source_at = 0;
  std::size_t destination_at = 0;
  /// IPv6: a home address option and a type 2 routing header (RFC 6275, 6.3 and 6.4) say who it really is.
  std::size_t home_source_at = 0;
  std::size_t home_destination_at = 0;
  bool detour = false;  ///< ... or might; nobody else's checksum may be judged then
};

/// What is malformed or unknown is `none` from there on.
[[nodiscard]] Packet parse_packet(FrameView frame);

/// Of the pseudo-header and everything behind it (RFC 768, 9293, 8200 section 8.1), as if the checksum were
/// right: folded to 0xFFFF then.
[[nodiscard]] std::uint16_t transport_sum(FrameView frame, const Packet& packet);

}  // namespace sim::nic_model
