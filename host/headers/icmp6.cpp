// SPDX-License-Identifier: Apache-2.0
// The ICMPv6 header (RFC 4443).
#include "host/headers/icmp6.hpp"

namespace host::headers {
namespace {

std::uint16_t checksum_of(Bytes message, const Ipv6Address& source, const Ipv6Address& destination) {
  auto sum = pseudo_header(source, destination, NextHeader::icmp6, static_cast<std::uint32_t>(message.size()));
  sum.add(message);
  return sum.checksum();
}

}  // namespace

std::optional<Icmp6View> Icmp6View::parse(Bytes message) {
  return message.size() < kIcmp6HeaderBytes ? std::nullopt : std::optional(Icmp6View(message));
}

bool Icmp6View::checksum_ok(const Ipv6Address& source, const Ipv6Address& destination) const {
  return checksum_of(message_, source, destination) == 0;
}

void write_icmp6(MutableBytes message, const Icmp6Fields& fields, const Ipv6Address& source,
                 const Ipv6Address& destination) {
  base::store_u8(message, 0, static_cast<std::uint8_t>(fields.type));
  base::store_u8(message, 1, fields.code);
  base::store_be16(message, 2, 0);
  base::store_be32(message, 4, fields.word);
  base::store_be16(message, 2, checksum_of(message, source, destination));
}

}  // namespace host::headers
