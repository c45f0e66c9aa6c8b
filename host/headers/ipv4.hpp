// SPDX-License-Identifier: Apache-2.0
// The IPv4 header (RFC 791 section 3.1).
#pragma once

#include <algorithm>
#include <optional>
#include <variant>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/bytes.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::headers {

inline constexpr std::size_t kIpv4HeaderBytes = 20;
inline constexpr std::size_t kIpv4HeaderBytesMost = 60;
inline constexpr std::size_t kIpv4TtlAt = 8;
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
  [[nodiscard]] static std::variant<Ipv4View, Ipv4Error> parse(Bytes begin, std::size_t length) {
    if (const auto error = fault(begin, length)) {
      return *error;
    }
    return checked(begin);
  }
  /// What parse() would say against the packet; nothing: it is fine.
  [[nodiscard]] static std::optional<Ipv4Error> fault(Bytes begin, std::size_t length) {
    if (begin.size() < kIpv4HeaderBytes) {
      return Ipv4Error::too_short;
    }
    if (base::load_u8(begin, 0) >> 4U != kVersion) {
      return Ipv4Error::bad_version;
    }
    const std::size_t header_bytes = header_length(begin);
    if (header_bytes < kIpv4HeaderBytes || header_bytes > begin.size()) {
      return Ipv4Error::bad_header_length;
    }
    if (base::internet_checksum(begin.first(header_bytes)) != 0) {
      return Ipv4Error::bad_checksum;
    }
    const std::size_t total = base::load_be16(begin, 2);
    if (total > length) {
      return Ipv4Error::truncated;
    }
    return total < header_bytes ? std::optional(Ipv4Error::bad_total_length) : std::nullopt;
  }
  /// Of a packet in which fault() found nothing.
  [[nodiscard]] static Ipv4View checked(Bytes begin) {
    INVARIANT(begin.size() >= kIpv4HeaderBytes, "a header that was not checked");
    return Ipv4View(begin.first(std::min<std::size_t>(base::load_be16(begin, 2), begin.size())), header_length(begin));
  }
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
  [[nodiscard]] std::uint16_t total_length() const { return base::load_be16(start(), 2); }
  [[nodiscard]] std::uint8_t tos() const { return base::load_u8(start(), 1); }
  [[nodiscard]] std::uint8_t ttl() const { return base::load_u8(start(), kIpv4TtlAt); }
  [[nodiscard]] IpProtocol protocol() const { return IpProtocol{base::load_u8(start(), 9)}; }
  [[nodiscard]] Ipv4Address source() const { return {base::load_be32(start(), 12)}; }
  [[nodiscard]] Ipv4Address destination() const { return {base::load_be32(start(), 16)}; }
  [[nodiscard]] bool dont_fragment() const { return (base::load_be16(start(), 6) & 0x4000U) != 0; }
  [[nodiscard]] bool more_fragments() const { return (base::load_be16(start(), 6) & 0x2000U) != 0; }
  [[nodiscard]] std::uint16_t fragment_offset() const {
    return static_cast<std::uint16_t>((base::load_be16(start(), 6) & 0x1fffU) * 8U);
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
  /// There always is so much: what is read from it needs no check.
  [[nodiscard]] std::span<const std::byte, kIpv4HeaderBytes> start() const { return packet_.first<kIpv4HeaderBytes>(); }
  Ipv4View(Bytes packet, std::size_t header_bytes) : packet_(packet), header_bytes_(header_bytes) {}

  Bytes packet_;
  std::size_t header_bytes_;
};

/// Writes a header without options, checksum included. `out` holds at least kIpv4HeaderBytes.
void write_ipv4(MutableBytes out, const Ipv4Fields& fields);

}  // namespace host::headers
