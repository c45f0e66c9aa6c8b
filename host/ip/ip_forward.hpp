// SPDX-License-Identifier: Apache-2.0
// A packet for somebody else reaches a host that does not forward (Linux: ip_error).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// Counts and drops it. Without forwarding, Linux counts such packets as InAddrErrors (EHOSTUNREACH) and tells
/// the sender nothing (RFC 1122 section 3.2.1.3); InNoRoutes and ForwDatagrams belong to routers.
void ip_forward(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb);

}  // namespace host::ip
