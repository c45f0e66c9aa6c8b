// SPDX-License-Identifier: Apache-2.0
// Echo messages as who pings writes and reads them, in either family's ICMP (RFC 792, RFC 4443 section 4).
#pragma once

#include <optional>

#include "host/headers/icmp.hpp"
#include "host/headers/icmp6.hpp"
#include "host/headers/ip_address.hpp"

namespace host::headers {

/// Alike in both families.
inline constexpr std::size_t kEchoHeaderBytes = kIcmpHeaderBytes;
static_assert(kIcmpHeaderBytes == kIcmp6HeaderBytes);

/// Writes an echo request's header in front of the payload that `message` already holds. Identifier and, over IPv6, the
/// checksum are the stack's to fill in.
inline void write_echo_request(MutableBytes message, AddressFamily family, std::uint16_t sequence) {
  if (family == AddressFamily::inet) {
    write_icmp(message, {.type = IcmpType::echo_request, .code = 0, .id = 0, .sequence = sequence});
  } else {
    write_icmp6(message, {.type = Icmp6Type::echo_request, .code = 0, .word = sequence}, kUnspecified, kUnspecified);
  }
}

struct Echo {
  std::uint16_t sequence = 0;
  Bytes payload = {};
};

/// Nothing when the message ends inside its header.
[[nodiscard]] inline std::optional<Echo> read_echo(Bytes message, AddressFamily family) {
  if (family == AddressFamily::inet) {
    const auto view = IcmpView::parse(message);
    return view ? std::optional(Echo{view->fields().sequence, view->payload()}) : std::nullopt;
  }
  const auto view = Icmp6View::parse(message);
  return view ? std::optional(Echo{static_cast<std::uint16_t>(view->word()), view->payload()}) : std::nullopt;
}

}  // namespace host::headers
