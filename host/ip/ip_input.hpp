// SPDX-License-Identifier: Apache-2.0
// A packet from below is checked and routed (Linux: ip_rcv, ip_rcv_finish).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// Softirq context; data at the IPv4 header. The packet is delivered, or dropped under one reason.
void ip_rcv(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb);

}  // namespace host::ip
