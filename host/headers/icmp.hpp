// SPDX-License-Identifier: Apache-2.0
// The ICMP header (RFC 792).
#pragma once

#include <optional>

#include "host/base/byte_order.hpp"
#include "host/headers/bytes.hpp"

namespace host::headers {

inline constexpr std::size_t kIcmpHeaderBytes = 8;

enum class IcmpType : std::uint8_t {
  echo_reply = 0,
  destination_unreachable = 3,
  source_quench = 4,
  redirect = 5,
  echo_request = 8,
  time_exceeded = 11,
  parameter_problem = 12,
  timestamp_request = 13,
  timestamp_reply = 14,
};

/// Codes of destination_unreachable.
enum class Unreachable : std::uint8_t {
  net = 0,
  host = 1,
  protocol = 2,
  port = 3,
  fragmentation_needed = 4,
  source_route_failed = 5,
  filtered = 13
};
/// Codes of time_exceeded.
enum class TimeExceeded : std::uint8_t { ttl = 0, reassembly = 1 };

/// Codes of redirect.
enum class Redirect : std::uint8_t { net = 0, host = 1, net_of_service = 2, host_of_service = 3 };

/// The messages that report about another packet; no error is ever sent about one of these
/// (RFC 1122 section 3.2.2), nor about a type that nobody has defined yet.
[[nodiscard]] constexpr bool is_icmp_error(IcmpType type) {
  switch (type) {
    case IcmpType::echo_reply:
    case IcmpType::echo_request:
    case IcmpType::timestamp_request:
    case IcmpType::timestamp_reply:
      return false;
    default:
      return true;
  }
}

struct IcmpFields {
  IcmpType type{};
  std::uint8_t code = 0;
  /// Identifier of an echo; 0 in most errors.
  std::uint16_t id = 0;
  /// Sequence of an echo; the next hop's MTU in fragmentation_needed.
  std::uint16_t sequence = 0;

  /// Identifier and sequence as one number: the gateway of a redirect.
  [[nodiscard]] constexpr std::uint32_t info() const { return std::uint32_t{id} << 16 | sequence; }
};

/// Byte layout:  0 type   1 code   2 checksum   4 identifier   6 sequence   8 data
class IcmpView {
 public:
  /// Nothing when the message ends inside the header. The checksum is checksum_ok()'s.
  [[nodiscard]] static std::optional<IcmpView> parse(Bytes message);

  [[nodiscard]] bool checksum_ok() const;
  [[nodiscard]] IcmpFields fields() const;
  [[nodiscard]] IcmpType type() const { return IcmpType{base::load_u8(message_, 0)}; }
  [[nodiscard]] Bytes payload() const { return message_.subspan(kIcmpHeaderBytes); }

 private:
  explicit IcmpView(Bytes message) : message_(message) {}

  Bytes message_;
};

/// Writes the header in front of the payload that `message` already holds, checksum over all of it.
void write_icmp(MutableBytes message, const IcmpFields& fields);

}  // namespace host::headers
