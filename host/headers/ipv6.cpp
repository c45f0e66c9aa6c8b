// SPDX-License-Identifier: Apache-2.0
// The IPv6 header (RFC 8200 section 3).
#include "host/headers/ipv6.hpp"

#include <algorithm>
#include <array>

namespace host::headers {
namespace {

constexpr unsigned kVersion = 6;

unsigned version(Bytes packet) {
  return base::load_u8(packet, 0) >> 4U;
}

std::size_t promised_bytes(Bytes packet) {
  return kIpv6HeaderBytes + base::load_be16(packet, 4);
}

}  // namespace

std::variant<Ipv6View, Ipv6Error> Ipv6View::parse(Bytes packet, std::size_t length) {
  if (packet.size() < kIpv6HeaderBytes) {
    return Ipv6Error::too_short;
  }
  if (version(packet) != kVersion) {
    return Ipv6Error::bad_version;
  }
  const std::size_t total = promised_bytes(packet);
  if (total > length) {
    return Ipv6Error::truncated;
  }
  return Ipv6View(packet.first(std::min(total, packet.size())));
}

std::optional<Ipv6View> Ipv6View::parse_quoted(Bytes quote) {
  if (quote.size() < kIpv6HeaderBytes || version(quote) != kVersion) {
    return std::nullopt;
  }
  return Ipv6View(quote.first(std::min(promised_bytes(quote), quote.size())));
}

Ipv6Fields Ipv6View::fields() const {
  return {.traffic_class = traffic_class(),
          .flow_label = flow_label(),
          .payload_length = payload_length(),
          .next_header = next_header(),
          .hop_limit = hop_limit(),
          .source = source(),
          .destination = destination()};
}

void write_ipv6(MutableBytes out, const Ipv6Fields& fields) {
  base::store_be32(out, 0,
                   kVersion << 28U | std::uint32_t{fields.traffic_class} << 20U | (fields.flow_label & 0xf'ffffU));
  base::store_be16(out, 4, fields.payload_length);
  base::store_u8(out, 6, static_cast<std::uint8_t>(fields.next_header));
  base::store_u8(out, 7, fields.hop_limit);
  fields.source.store(out, 8);
  fields.destination.store(out, 24);
}

base::ChecksumSum pseudo_header(const Ipv6Address& source, const Ipv6Address& destination, NextHeader protocol,
                                std::uint32_t length) {
  std::array<std::byte, 2 * Ipv6Address::kBytes> addresses{};
  source.store(addresses, 0);
  destination.store(addresses, Ipv6Address::kBytes);
  base::ChecksumSum sum;
  sum.add(addresses);
  sum.add_be32(length);
  sum.add_be16(static_cast<std::uint16_t>(protocol));
  return sum;
}

}  // namespace host::headers
