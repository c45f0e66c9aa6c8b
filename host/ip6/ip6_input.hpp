// SPDX-License-Identifier: Apache-2.0
// An IPv6 packet from below is checked, found to be for this host or not, and given to its protocol (Linux: ip6_rcv,
// ip6_input, ip6_protocol_deliver_rcu).
#pragma once

#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

/// Takes every packet of EtherType 0x86dd; data at the network header.
void ip6_rcv(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb);

}  // namespace host::ip6
