// SPDX-License-Identifier: Apache-2.0
// A packet for this host goes to its transport protocol (Linux: ip_local_deliver).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// Data at the IPv4 header, which `header` views.
void ip_local_deliver(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, headers::Ipv4View& header);

}  // namespace host::ip
