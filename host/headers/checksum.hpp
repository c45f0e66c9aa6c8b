// SPDX-License-Identifier: Apache-2.0
// The internet checksum (RFC 1071), summed eight bytes at a time (Linux: csum_partial, csum_fold).
#pragma once

#include <cstdint>

#include "host/headers/bytes.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::headers {

/// A one's complement sum that grows piece by piece. A piece may have any length; the next one
/// continues at the byte after it, odd or even.
class InternetChecksum {
 public:
  InternetChecksum& add(Bytes piece);
  InternetChecksum& add_be16(std::uint16_t value);
  InternetChecksum& add_be32(std::uint32_t value);

  /// The sum, complemented: what goes into a header. 0 over data that carries its own checksum.
  [[nodiscard]] std::uint16_t finish() const;

 private:
  std::uint64_t sum_ = 0;  // of 16-bit words in network order
  bool odd_ = false;       // the next byte is the low half of a word
};

[[nodiscard]] std::uint16_t internet_checksum(Bytes bytes);

/// The pseudo header of UDP and TCP over IPv4 (RFC 768): what the transport checksum starts from.
[[nodiscard]] InternetChecksum pseudo_header(Ipv4Address source, Ipv4Address destination, std::uint8_t protocol,
                                             std::uint16_t length);

}  // namespace host::headers
