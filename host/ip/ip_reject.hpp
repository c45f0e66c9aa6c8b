// SPDX-License-Identifier: Apache-2.0
// Answers to packets that a rule rejects (Linux: nf_send_unreach, nf_send_reset).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// An ICMP error, or a TCP reset when the packet is a segment with a right checksum that is no reset itself. A packet
/// of our own is answered too. `about` has data at the IPv4 header and stays the caller's.
void ip_reject(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, const netfilter::HookCall& call);

}  // namespace host::ip
