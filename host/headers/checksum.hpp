// SPDX-License-Identifier: Apache-2.0
// The pseudo header that transport checksums over IPv4 start from (RFC 768, RFC 9293).
#pragma once

#include "host/base/checksum.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::headers {

/// The sum over the pseudo header; the transport's header and payload are added to it.
[[nodiscard]] inline base::ChecksumSum pseudo_header(Ipv4Address source, Ipv4Address destination, std::uint8_t protocol,
                                                     std::uint16_t length) {
  base::ChecksumSum sum;
  sum.add_be32(source.value);
  sum.add_be32(destination.value);
  sum.add_be16(protocol);
  sum.add_be16(length);
  return sum;
}

}  // namespace host::headers
