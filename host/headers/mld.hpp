// SPDX-License-Identifier: Apache-2.0
// MLD messages, which are ICMPv6's (RFC 2710 section 3, RFC 3810 section 5).
#pragma once

#include <optional>
#include <span>

#include "host/headers/group_record.hpp"
#include "host/headers/icmp6.hpp"

namespace host::headers {

/// Of messages of version 1: ICMPv6's header with the maximum response delay in it, and a group.
inline constexpr std::size_t kMldBytes = kIcmp6HeaderBytes + Ipv6Address::kBytes;
inline constexpr std::size_t kMldV2QueryBytes = kMldBytes + 4;
/// Of a report of version 2: what is in front of the records, and a record without sources.
inline constexpr std::size_t kMldV2ReportBytes = kIcmp6HeaderBytes;
inline constexpr std::size_t kMldRecordBytes = 4 + Ipv6Address::kBytes;

/// Messages of MLD never come from further away than this (RFC 3810 section 5).
inline constexpr std::uint8_t kMldHopLimit = 1;
/// ff02::16, the routers that speak version 2.
inline constexpr Ipv6Address kMldV2Routers = Ipv6Address::of(0xff02, 0, 0, 0, 0, 0, 0, 0x16);

/// Byte layout:  0 ICMPv6 header with the maximum response code   8 group
///               24 (version 2) reserved|suppress|robustness   25 interval code   26 number of sources   28 sources
struct MldQuery {
  /// Unspecified: all groups are meant.
  Ipv6Address group;
  /// How long members may wait with their reports.
  std::uint32_t response_ms = 0;
  /// What only version 2 says of the querier (RFC 3810 sections 5.1.8 and 5.1.9). robustness 0: it does not say.
  struct Version2 {
    std::uint8_t robustness = 0;
    std::uint32_t interval_seconds = 0;
    std::size_t sources = 0;
  };
  std::optional<Version2> version2 = {};
};

/// Nothing when the length is neither version's, sources are missing, or what it asks for is no group.
[[nodiscard]] std::optional<MldQuery> parse_mld_query(const Icmp6View& message);

/// The group of a report or a "done" of version 1. Nothing when too short, or when it is no group.
[[nodiscard]] std::optional<Ipv6Address> parse_mld_group(const Icmp6View& message);

/// A message of version 1. `out` holds kMldBytes.
void write_mld(MutableBytes out, Icmp6Type type, const Ipv6Address& group, const Ipv6Address& source,
               const Ipv6Address& destination);
/// A report of version 2. `out` holds kMldV2ReportBytes and kMldRecordBytes for each record.
void write_mld_v2_report(MutableBytes out, std::span<const GroupRecord> records, const Ipv6Address& source,
                         const Ipv6Address& destination);

}  // namespace host::headers
