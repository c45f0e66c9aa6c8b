// SPDX-License-Identifier: Apache-2.0
// A packet that is larger than the path's MTU leaves in pieces: one of ours, or one that came in pieces (Linux:
// ip6_fragment; RFC 8200 section 4.5).
#pragma once

#include "host/ip6/ip6_route.hpp"

namespace host::ip6 {

/// Data at the IPv6 header, behind which no extension header is that has to be in each piece. Errors (the packet is
/// gone, counted): message_size the MTU has no room for a piece, no_memory, and those of the link.
base::Result<void> ip6_fragment(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const OutputRoute6& route);

}  // namespace host::ip6
