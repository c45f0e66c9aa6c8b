// SPDX-License-Identifier: Apache-2.0
// The IPv6 header (RFC 8200 section 3).
#pragma once

#include <optional>
#include <variant>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/bytes.hpp"
#include "host/headers/ipv6_address.hpp"

namespace host::headers {

inline constexpr std::size_t kIpv6HeaderBytes = 40;
inline constexpr std::uint8_t kDefaultHopLimit = 64;
/// Every link carries packets of this size (RFC 8200 section 5).
inline constexpr std::uint32_t kIpv6MinimumMtu = 1280;

/// What a next-header field announces: an extension header, or who takes the rest.
enum class NextHeader : std::uint8_t {
  hop_by_hop = 0,
  tcp = 6,
  udp = 17,
  routing = 43,
  fragment = 44,
  icmp6 = 58,
  none = 59,
  destination_options = 60,
};

struct Ipv6Fields {
  std::uint8_t traffic_class = 0;
  std::uint32_t flow_label = 0;  // 20 bits
  std::uint16_t payload_length = 0;
  NextHeader next_header{};
  std::uint8_t hop_limit = kDefaultHopLimit;
  Ipv6Address source;
  Ipv6Address destination;
};

/// Why a packet is not IPv6 that can be worked with. `truncated`: the header promises more bytes than came.
enum class Ipv6Error { too_short, bad_version, truncated };

/// Byte layout:  0 version|class|flow label   4 payload length   6 next header   7 hop limit
///               8 source   24 destination   40 payload
class Ipv6View {
 public:
  /// ip6_rcv's conditions on the header alone. `packet` may be longer than the header says: Ethernet pads.
  [[nodiscard]] static std::variant<Ipv6View, Ipv6Error> parse(Bytes packet) { return parse(packet, packet.size()); }
  /// The same of a packet of `length` bytes that begins with these.
  [[nodiscard]] static std::variant<Ipv6View, Ipv6Error> parse(Bytes begin, std::size_t length);
  /// A packet of ours that an ICMPv6 error quotes: may be cut off anywhere behind the header.
  [[nodiscard]] static std::optional<Ipv6View> parse_quoted(Bytes quote);

  [[nodiscard]] std::uint8_t traffic_class() const {
    return static_cast<std::uint8_t>(base::load_be16(packet_, 0) >> 4U & 0xffU);
  }
  [[nodiscard]] std::uint32_t flow_label() const { return base::load_be32(packet_, 0) & 0xf'ffffU; }
  [[nodiscard]] std::uint16_t payload_length() const { return base::load_be16(packet_, 4); }
  [[nodiscard]] NextHeader next_header() const { return NextHeader{base::load_u8(packet_, 6)}; }
  [[nodiscard]] std::uint8_t hop_limit() const { return base::load_u8(packet_, 7); }
  [[nodiscard]] Ipv6Address source() const { return Ipv6Address::load(packet_, 8); }
  [[nodiscard]] Ipv6Address destination() const { return Ipv6Address::load(packet_, 24); }
  /// Header and what is there of the payload, without padding.
  [[nodiscard]] Bytes packet() const { return packet_; }
  [[nodiscard]] Bytes payload() const { return packet_.subspan(kIpv6HeaderBytes); }
  /// Of header and payload by what the header says, whether they are in one piece or not.
  [[nodiscard]] std::size_t total_bytes() const { return kIpv6HeaderBytes + payload_length(); }
  [[nodiscard]] Ipv6Fields fields() const;

 private:
  explicit Ipv6View(Bytes packet) : packet_(packet) {}

  Bytes packet_;
};

/// `out` holds at least kIpv6HeaderBytes.
void write_ipv6(MutableBytes out, const Ipv6Fields& fields);

/// The sum over the pseudo header of RFC 8200 section 8.1.
[[nodiscard]] base::ChecksumSum pseudo_header(const Ipv6Address& source, const Ipv6Address& destination,
                                              NextHeader protocol, std::uint32_t length);

}  // namespace host::headers
