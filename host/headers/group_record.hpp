// SPDX-License-Identifier: Apache-2.0
// What IGMP's version 3 and MLD's version 2 have in common: records of reports, times as floating numbers.
#pragma once

#include <cstdint>

#include "host/headers/ip_address.hpp"

namespace host::headers {

/// What a record says of a group (RFC 3376 section 4.2.12, RFC 3810 section 5.2.12): here always with an empty list of
/// sources.
enum class GroupRecordType : std::uint8_t { is_include = 1, is_exclude = 2, to_include = 3, to_exclude = 4 };

struct GroupRecord {
  GroupRecordType type{};
  IpAddress group{};
};

/// A code of a query: small ones are themselves, others have three bits of exponent over `mantissa_bits` (RFC 3376
/// section 4.1.1, RFC 3810 section 5.1.3).
[[nodiscard]] constexpr std::uint32_t floating_code(std::uint32_t code, unsigned mantissa_bits) {
  const std::uint32_t hidden = 1U << mantissa_bits;
  if (code < hidden << 3U) {
    return code;
  }
  return ((code & (hidden - 1)) | hidden) << ((code >> mantissa_bits & 7U) + 3U);
}

}  // namespace host::headers
