// SPDX-License-Identifier: Apache-2.0
// The IPv4 header (RFC 791 section 3.1).
#pragma once

#include <algorithm>
#include <optional>
#include <variant>

#include "host/base/byte_order.hpp"
#include "host/headers/bytes.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::headers {

inline constexpr std::size_t kIpv4HeaderBytes = 20;
inline constexpr std::size_t kIpv4HeaderBytesMost = 60;
inline constexpr std::size_t kIpv4SourceAt = 12;
inline constexpr std::uint8_t kDefaultTtl = 64;

enum class IpProtocol : std::uint8_t { icmp = 1, igmp = 2, tcp = 6, udp = 17 };

struct Ipv4Fields {
  std::uint8_t tos = 0;
  std::uint16_t total_length = 0;
  std::uint16_t id = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  std::uint16_t fragment_offset = 0;  // in bytes
  std::uint8_t ttl = kDefaultTtl;
  IpProtocol protocol{};
  Ipv4Address source;
  Ipv4Address destination;
};

/// Why a packet is not IPv4 that can be worked with.
/// `truncated`: the header promises more bytes than came.
enum class Ipv4Error { too_short, bad_version, bad_header_length, bad_checksum, truncated, bad_total_length };

/// Byte layout:  0 version|ihl   1 tos   2 total length   4 id   6 flags|offset   8 ttl   9 protocol
///               10 checksum   12 source   16 destination   20 options
class Ipv4View {
 public:
  /// Checks all of ip_rcv's conditions, in its order: length, version, header length, checksum, total
  /// length. `packet` may be longer than the total length: Ethernet pads.
  [[nodiscard]] static std::variant<Ipv4View, Ipv4Error> parse(Bytes packet) { return parse(packet, packet.size()); }
  /// The same of a packet of `length` bytes that begins with these: header and what may be there of the payload.
  [[nodiscard]] static std::variant<Ipv4View, Ipv4Error> parse(Bytes begin, std::size_t length);
  /// The header of a packet of ours that an ICMP error quotes: may be cut off after 8 bytes of payload,
  /// and its checksum was somebody else's to check.
  [[nodiscard]] static std::optional<Ipv4View> parse_quoted(Bytes quote) {
    if (quote.size() < kIpv4HeaderBytes || base::load_u8(quote, 0) >> 4U != kVersion) {
      return std::nullopt;
    }
    const std::size_t header_bytes = header_length(quote);
    if (header_bytes < kIpv4HeaderBytes || header_bytes > quote.size()) {
      return std::nullopt;
    }
    const std::size_t total = std::max<std::size_t>(base::load_be16(quote, 2), header_bytes);
    return Ipv4View(quote.first(std::min(total, quote.size())), header_bytes);
  }

  [[nodiscard]] std::size_t header_bytes() const { return header_bytes_; }
  [[nodiscard]] std::uint16_t total_length() const { return base::load_be16(packet_, 2); }
  [[nodiscard]] std::uint8_t tos() const { return base::load_u8(packet_, 1); }
  [[nodiscard]] std::uint8_t ttl() const { return base::load_u8(packet_, 8); }
  [[nodiscard]] IpProtocol protocol() const { return IpProtocol{base::load_u8(packet_, 9)}; }
  [[nodiscard]] Ipv4Address source() const { return {base::load_be32(packet_, 12)}; }
  [[nodiscard]] Ipv4Address destination() const { return {base::load_be32(packet_, 16)}; }
  [[nodiscard]] bool dont_fragment() const { return (base::load_be16(packet_, 6) & 0x4000U) != 0; }
  [[nodiscard]] bool more_fragments() const { return (base::load_be16(packet_, 6) & 0x2000U) != 0; }
  [[nodiscard]] std::uint16_t fragment_offset() const {
    return static_cast<std::uint16_t>((base::load_be16(packet_, 6) & 0x1fffU) * 8U);
  }
  [[nodiscard]] bool is_fragment() const { return more_fragments() || fragment_offset() != 0; }
  [[nodiscard]] bool has_options() const { return header_bytes_ > kIpv4HeaderBytes; }
  [[nodiscard]] Bytes options() const { return packet_.subspan(kIpv4HeaderBytes, header_bytes_ - kIpv4HeaderBytes); }
  /// Header and what is there of the payload, without padding.
  [[nodiscard]] Bytes packet() const { return packet_; }
  [[nodiscard]] Bytes payload() const { return packet_.subspan(header_bytes_); }
  /// Bytes of the payload by what the header says, whether they are in one piece with it or not.
  [[nodiscard]] std::size_t payload_bytes() const {
    return std::max<std::size_t>(total_length(), header_bytes_) - header_bytes_;
  }
  [[nodiscard]] Ipv4Fields fields() const;

 private:
  static constexpr unsigned kVersion = 4;
  [[nodiscard]] static std::size_t header_length(Bytes packet) {
    return (base::load_u8(packet, 0) & 0xfU) * std::size_t{4};
  }
  Ipv4View(Bytes packet, std::size_t header_bytes) : packet_(packet), header_bytes_(header_bytes) {}

  Bytes packet_;
  std::size_t header_bytes_;
};

/// Writes a header without options, checksum included. `out` holds at least kIpv4HeaderBytes.
void write_ipv4(MutableBytes out, const Ipv4Fields& fields);

}  // namespace host::headers
