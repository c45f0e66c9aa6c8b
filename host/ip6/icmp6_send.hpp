// SPDX-License-Identifier: Apache-2.0
// ICMPv6 messages that this host sends: errors about packets, and answers (Linux: icmp6_send, icmpv6_echo_reply).
#pragma once

#include "host/headers/icmp6.hpp"
#include "host/headers/ipv6_extensions.hpp"
#include "host/ip6/ip6_route.hpp"

namespace host::ip6 {

/// Reports about a received packet, whose network header is set, to its sender, if RFC 4443 section 2.4 and the rate
/// limits allow. The packet stays the caller's.
void icmp6_send(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& about, const headers::Icmp6Fields& report);

/// The same of what is wrong with its extension headers, if its sender is to hear of that.
void icmp6_report_fault(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& about,
                        const headers::ExtensionFault& fault);

/// One message of ours: writes header and checksum over the payload that stands behind kIcmp6HeaderBytes, counts it,
/// and sends it. `hop_limit` 0: the interface's.
base::Result<void> icmp6_push(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb message, const headers::Icmp6Fields& fields,
                              const OutputRoute6& route, std::uint8_t hop_limit = 0);

/// Answers an echo request: the same bytes with another type, to the sender.
void icmp6_echo_reply(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& request, const headers::Ipv6View& header,
                      const headers::Icmp6View& message);

}  // namespace host::ip6
