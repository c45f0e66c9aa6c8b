// SPDX-License-Identifier: Apache-2.0
// A packet for somebody else (Linux: net/ipv4/ip_forward.c, ip_error; RFC 1812).
#pragma once

#include "host/ip/ip_options.hpp"
#include "host/ip/ip_route.hpp"

namespace host::ip {

/// Sends it on by `route`, one hop older: or tells its sender that it is too old, or too large for the way and not to
/// be fragmented; and whom he had better give the next one to, when the route says so.
void ip_forward(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const headers::Ipv4View& header, const InputRoute& route,
                const IpOptions& options);

/// There is no way. A router tells the sender, within limits; a host that does not forward counts and keeps silent
/// (RFC 1122 section 3.2.1.3).
void ip_error(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, base::Errno error);

}  // namespace host::ip
