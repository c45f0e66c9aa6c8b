// SPDX-License-Identifier: Apache-2.0
// A frame reaches a packet socket (Linux: packet_rcv).
#pragma once

#include "host/packet/packet_layer.hpp"

namespace host::packet {

/// How many bytes of the frame the socket's filter wants, counted from where its frames begin; 0: none of it. Data at
/// the Ethernet header, before and afterwards.
[[nodiscard]] std::uint32_t run_filter(PacketLayer& layer, kernel::Cpu& cpu, PacketSocket& socket, skb::SkBuff& skb);

/// The socket's own clone, data at the Ethernet header: cut, noted, queued within SO_RCVBUF.
void packet_rcv(kernel::Cpu& cpu, PacketSocket& socket, skb::Skb skb, std::uint32_t wanted);

}  // namespace host::packet
