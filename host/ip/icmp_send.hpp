// SPDX-License-Identifier: Apache-2.0
// ICMP messages that this host sends: errors about packets, and answers (Linux: icmp_send, icmp_reply).
#pragma once

#include "host/headers/icmp.hpp"
#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// What to report about a packet.
struct IcmpReport {
  headers::IcmpType type{};
  std::uint8_t code = 0;
  /// The number behind the checksum (Linux: icmp_send's info).
  std::uint32_t info = 0;
};

[[nodiscard]] constexpr IcmpReport unreachable(headers::Unreachable code) {
  return {headers::IcmpType::destination_unreachable, static_cast<std::uint8_t>(code)};
}
[[nodiscard]] constexpr IcmpReport time_exceeded(headers::TimeExceeded code) {
  return {headers::IcmpType::time_exceeded, static_cast<std::uint8_t>(code)};
}

[[nodiscard]] constexpr IcmpReport fragmentation_needed(std::uint32_t mtu) {
  return {headers::IcmpType::destination_unreachable,
          static_cast<std::uint8_t>(headers::Unreachable::fragmentation_needed), mtu};
}
[[nodiscard]] constexpr IcmpReport parameter_problem(std::uint8_t at) {
  return {headers::IcmpType::parameter_problem, 0, std::uint32_t{at} << 24};
}
[[nodiscard]] constexpr IcmpReport redirect_to(headers::Ipv4Address gateway) {
  return {headers::IcmpType::redirect, static_cast<std::uint8_t>(headers::Redirect::host), gateway.value};
}

/// Reports about a received packet, whose network header is set, to its sender, if RFC 1122 section 3.2.2 and the
/// rate limits allow. The packet stays the caller's.
void icmp_send(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, IcmpReport report);

/// One message of ours: counts it, and sends it. `message` has data at an ICMP header that is complete. The
/// options' protocol is ICMP.
base::Result<void> icmp_push(IpLayer& ip, kernel::Cpu& cpu, skb::Skb message, const struct OutputRoute& route,
                             const struct OutputOptions& options);

/// Answers an echo or timestamp request: the same bytes with another type, to the sender.
void icmp_reply(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& request, const headers::Ipv4View& header,
                headers::IcmpFields fields, headers::Bytes payload);

}  // namespace host::ip
