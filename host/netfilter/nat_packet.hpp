// SPDX-License-Identifier: Apache-2.0
// Changing one end of a packet, its checksums with it (Linux: nf_nat_proto.c).
#pragma once

#include "host/netfilter/nat.hpp"

namespace host::netfilter {

/// The end becomes the target's. Data at the IPv4 header. False: no memory.
[[nodiscard]] bool translate_packet(skb::SkBuff& skb, const Tuple& target, Manipulation which);

/// An ICMP error about a packet that was changed: the packet inside is changed back at the end that it is reported for,
/// and the message's own address follows. `other_way` is the connection's tuple against the message's direction.
[[nodiscard]] bool translate_icmp_error(skb::SkBuff& skb, const Tuple& other_way, Manipulation which);

}  // namespace host::netfilter
