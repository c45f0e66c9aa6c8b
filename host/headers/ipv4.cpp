// SPDX-License-Identifier: Apache-2.0
// The IPv4 header (RFC 791 section 3.1).
#include "host/headers/ipv4.hpp"

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"

namespace host::headers {
namespace {

constexpr std::uint8_t kVersionAndLength = 0x45;  // without options
constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint16_t kMoreFragments = 0x2000;

}  // namespace

Ipv4Fields Ipv4View::fields() const {
  return {.tos = base::load_u8(packet_, 1),
          .total_length = total_length(),
          .id = base::load_be16(packet_, 4),
          .dont_fragment = dont_fragment(),
          .more_fragments = more_fragments(),
          .fragment_offset = fragment_offset(),
          .ttl = ttl(),
          .protocol = protocol(),
          .source = source(),
          .destination = destination()};
}

void write_ipv4(MutableBytes out, const Ipv4Fields& fields) {
  const unsigned flags = (fields.dont_fragment ? kDontFragment : 0U) | (fields.more_fragments ? kMoreFragments : 0U) |
                         fields.fragment_offset / 8U;
  base::store_u8(out, 0, kVersionAndLength);
  base::store_u8(out, 1, fields.tos);
  base::store_be16(out, 2, fields.total_length);
  base::store_be16(out, 4, fields.id);
  base::store_be16(out, 6, static_cast<std::uint16_t>(flags));
  base::store_u8(out, 8, fields.ttl);
  base::store_u8(out, 9, static_cast<std::uint8_t>(fields.protocol));
  base::store_be16(out, 10, 0);
  base::store_be32(out, 12, fields.source.value);
  base::store_be32(out, 16, fields.destination.value);
  base::store_be16(out, 10, base::internet_checksum(out.first(kIpv4HeaderBytes)));
}

}  // namespace host::headers
