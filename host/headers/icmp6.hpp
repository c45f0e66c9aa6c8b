// SPDX-License-Identifier: Apache-2.0
// The ICMPv6 header (RFC 4443).
#pragma once

#include <optional>

#include "host/headers/ipv6.hpp"

namespace host::headers {

inline constexpr std::size_t kIcmp6HeaderBytes = 8;

enum class Icmp6Type : std::uint8_t {
  destination_unreachable = 1,
  packet_too_big = 2,
  time_exceeded = 3,
  parameter_problem = 4,
  echo_request = 128,
  echo_reply = 129,
  multicast_listener_query = 130,
  multicast_listener_report = 131,
  multicast_listener_done = 132,
  router_solicitation = 133,
  router_advertisement = 134,
  neighbor_solicitation = 135,
  neighbor_advertisement = 136,
  redirect = 137,
  multicast_listener_report_v2 = 143,
};

/// Codes of destination_unreachable.
enum class Unreachable6 : std::uint8_t { no_route = 0, prohibited = 1, beyond_scope = 2, address = 3, port = 4 };
/// Codes of time_exceeded.
enum class TimeExceeded6 : std::uint8_t { hop_limit = 0, reassembly = 1 };

/// Types below 128 are errors (RFC 4443 section 2.1), known or not.
[[nodiscard]] constexpr bool is_icmp6_error(Icmp6Type type) {
  return static_cast<std::uint8_t>(type) < 128;
}

struct Icmp6Fields {
  Icmp6Type type{};
  std::uint8_t code = 0;
  /// The four bytes behind the checksum: identifier and sequence, MTU, pointer, flags.
  std::uint32_t word = 0;
};

/// Byte layout:  0 type   1 code   2 checksum   4 word   8 data
class Icmp6View {
 public:
  /// Nothing when the message ends inside the header. The checksum is checksum_ok()'s.
  [[nodiscard]] static std::optional<Icmp6View> parse(Bytes message);

  [[nodiscard]] bool checksum_ok(const Ipv6Address& source, const Ipv6Address& destination) const;
  [[nodiscard]] Icmp6Type type() const { return Icmp6Type{base::load_u8(message_, 0)}; }
  [[nodiscard]] std::uint8_t code() const { return base::load_u8(message_, 1); }
  [[nodiscard]] std::uint32_t word() const { return base::load_be32(message_, 4); }
  [[nodiscard]] Icmp6Fields fields() const { return {type(), code(), word()}; }
  [[nodiscard]] Bytes payload() const { return message_.subspan(kIcmp6HeaderBytes); }

 private:
  explicit Icmp6View(Bytes message) : message_(message) {}

  Bytes message_;
};

/// Writes the header in front of the payload that `message` already holds, checksum over all of it and the addresses.
void write_icmp6(MutableBytes message, const Icmp6Fields& fields, const Ipv6Address& source,
                 const Ipv6Address& destination);

}  // namespace host::headers
