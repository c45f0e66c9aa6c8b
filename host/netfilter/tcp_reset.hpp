// SPDX-License-Identifier: Apache-2.0
// The answer to a TCP segment that is rejected (Linux: nf_reject_ip_tcphdr_put; RFC 9293 section 3.5.2).
#pragma once

#include "host/netfilter/packet_view.hpp"

namespace host::netfilter {

inline constexpr std::size_t kTcpResetBytes = 20;

/// Whether the packet is a segment, with its header whole, that may be answered: no fragment, and no reset itself.
[[nodiscard]] bool may_reset(const PacketView& packet);
/// Its checksum is right.
[[nodiscard]] bool tcp_checksum_ok(const PacketView& packet);
/// Fills `out`, kTcpResetBytes long, with the reset and its checksum; it goes from the packet's destination to its
/// source.
void write_tcp_reset(headers::MutableBytes out, const PacketView& packet);

}  // namespace host::netfilter
