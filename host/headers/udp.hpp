// SPDX-License-Identifier: Apache-2.0
// The UDP header (RFC 768), over IPv4 and IPv6 (RFC 8200 section 8.1).
#pragma once

#include <algorithm>
#include <optional>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/bytes.hpp"
#include "host/headers/ip_address.hpp"

namespace host::headers {

inline constexpr std::size_t kUdpHeaderBytes = 8;

struct UdpFields {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint16_t length = 0;  // header included
};

/// Byte layout:  0 source port   2 destination port   4 length   6 checksum   8 payload
class UdpView {
 public:
  /// Nothing when the datagram is shorter than its header or than its length field says. What lies
  /// behind the length is cut off, as Linux does.
  [[nodiscard]] static std::optional<UdpView> parse(Bytes datagram) { return parse(datagram, datagram.size()); }
  /// The same of `available` bytes that begin with these: the header and what may be there of the payload.
  [[nodiscard]] static std::optional<UdpView> parse(Bytes begin, std::size_t available) {
    if (begin.size() < kUdpHeaderBytes) {
      return std::nullopt;
    }
    const std::size_t length = base::load_be16(begin, 4);
    if (length < kUdpHeaderBytes || length > available) {
      return std::nullopt;
    }
    return UdpView(begin.first(std::min(length, begin.size())));
  }

  [[nodiscard]] UdpFields fields() const {
    return {.source_port = base::load_be16(header(), 0),
            .destination_port = base::load_be16(header(), 2),
            .length = base::load_be16(header(), 4)};
  }
  [[nodiscard]] Bytes payload() const { return datagram_.subspan(kUdpHeaderBytes); }
  /// Of a datagram in one piece. A checksum of 0 says that the sender computed none: fine over IPv4, never over IPv6.
  [[nodiscard]] bool checksum_ok(const IpAddress& source, const IpAddress& destination) const;
  [[nodiscard]] bool has_checksum() const { return base::load_be16(header(), 6) != 0; }

 private:
  explicit UdpView(Bytes datagram) : datagram_(datagram) {}
  /// There always is so much: what is read from it needs no check.
  [[nodiscard]] std::span<const std::byte, kUdpHeaderBytes> header() const {
    return datagram_.first<kUdpHeaderBytes>();
  }

  Bytes datagram_;
};

/// The sum over the pseudo header of RFC 768 or RFC 8200 section 8.1, of a datagram of `length` bytes.
[[nodiscard]] base::ChecksumSum udp_pseudo_header(const IpAddress& source, const IpAddress& destination,
                                                  std::size_t length);

/// Writes the header in front of the payload that `datagram` already holds; the length is the span's.
/// A checksum that comes out as 0 is sent as 0xffff.
void write_udp(MutableBytes datagram, std::uint16_t source_port, std::uint16_t destination_port,
               const IpAddress& source, const IpAddress& destination);

/// The same for a device that computes the checksum: the field holds the pseudo header's sum.
void write_udp_partial(MutableBytes datagram, std::uint16_t source_port, std::uint16_t destination_port,
                       const IpAddress& source, const IpAddress& destination);
inline constexpr std::uint16_t kUdpChecksumOffset = 6;

}  // namespace host::headers
