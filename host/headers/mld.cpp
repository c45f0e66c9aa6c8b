// SPDX-License-Identifier: Apache-2.0
// MLD messages, which are ICMPv6's (RFC 2710 section 3, RFC 3810 section 5).
#include "host/headers/mld.hpp"

#include <algorithm>

namespace host::headers {

std::optional<MldQuery> parse_mld_query(const Icmp6View& message) {
  constexpr unsigned kResponseMantissa = 12;
  constexpr unsigned kIntervalMantissa = 4;
  constexpr std::uint8_t kRobustness = 0x7;
  const Bytes body = message.payload();
  const std::size_t length = kIcmp6HeaderBytes + body.size();
  if (length < kMldBytes || (length > kMldBytes && length < kMldV2QueryBytes)) {
    return std::nullopt;
  }
  MldQuery query{.group = Ipv6Address::load(body, 0), .response_ms = message.word() >> 16U};
  if (!query.group.is_unspecified() && !query.group.is_multicast()) {
    return std::nullopt;
  }
  if (length == kMldBytes) {
    return query;
  }
  query.response_ms = floating_code(query.response_ms, kResponseMantissa);
  query.version2 = {.robustness = static_cast<std::uint8_t>(base::load_u8(body, 16) & kRobustness),
                    .interval_seconds = floating_code(base::load_u8(body, 17), kIntervalMantissa),
                    .sources = base::load_be16(body, 18)};
  const bool whole = query.version2->sources * Ipv6Address::kBytes <= length - kMldV2QueryBytes;
  return whole ? std::optional(query) : std::nullopt;
}

std::optional<Ipv6Address> parse_mld_group(const Icmp6View& message) {
  if (message.payload().size() < Ipv6Address::kBytes) {
    return std::nullopt;
  }
  const Ipv6Address group = Ipv6Address::load(message.payload(), 0);
  return group.is_multicast() ? std::optional(group) : std::nullopt;
}

void write_mld(MutableBytes out, Icmp6Type type, const Ipv6Address& group, const Ipv6Address& source,
               const Ipv6Address& destination) {
  group.store(out, kIcmp6HeaderBytes);
  write_icmp6(out, {.type = type}, source, destination);
}

void write_mld_v2_report(MutableBytes out, std::span<const GroupRecord> records, const Ipv6Address& source,
                         const Ipv6Address& destination) {
  std::fill(out.begin(), out.end(), std::byte{});
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::size_t at = kMldV2ReportBytes + i * kMldRecordBytes;
    base::store_u8(out, at, static_cast<std::uint8_t>(records[i].type));
    records[i].group.value.store(out, at + 4);
  }
  write_icmp6(out,
              {.type = Icmp6Type::multicast_listener_report_v2, .word = static_cast<std::uint32_t>(records.size())},
              source, destination);
}

}  // namespace host::headers
