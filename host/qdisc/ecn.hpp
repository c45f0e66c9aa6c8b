// SPDX-License-Identifier: Apache-2.0
// Tells a packet's receiver of congestion instead of dropping it (RFC 3168; Linux: INET_ECN_set_ce).
#pragma once

#include "host/skb/skb.hpp"

namespace host::qdisc {

/// Marks an IPv4 or IPv6 packet, data at the Ethernet header, whose sender listens (ECT). False: it does not, or the
/// packet cannot be written; then it is as it was.
[[nodiscard]] bool set_congestion_experienced(skb::SkBuff& skb);

}  // namespace host::qdisc
