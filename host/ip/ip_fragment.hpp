// SPDX-License-Identifier: Apache-2.0
// A packet larger than the MTU leaves in pieces (Linux: ip_fragment, ip_do_fragment; RFC 791 section 3.2).
#pragma once

#include "host/ip/ip_route.hpp"

namespace host::ip {

/// Data at a complete IPv4 header. Every piece is sent on the way of `route`. Errors (the packet is gone, counted):
/// message_size it must not be fragmented (its sender is told), no_memory, and the link's.
base::Result<void> ip_fragment(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const OutputRoute& route);

}  // namespace host::ip
