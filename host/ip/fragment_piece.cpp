// SPDX-License-Identifier: Apache-2.0
// The pieces in which a packet leaves that is larger than the MTU, of either family (Linux: ip_frag_next,
// ip6_frag_next).
#include "host/ip/fragment_piece.hpp"

#include <algorithm>

namespace host::ip {

base::Result<void> prepare_for_pieces(skb::SkBuff& whole) {
  if (const auto linear = whole.linearize(); !linear.ok()) {
    return linear;
  }
  return whole.ip_summed == skb::IpSummed::partial ? device::checksum_help(whole) : base::Result<void>{};
}

skb::Skb make_piece(kernel::Cpu& cpu, skb::SkbPool& pool, const skb::SkBuff& whole, headers::Bytes header,
                    headers::Bytes part) {
  cpu.charge(kernel::Op::ip_fragment);
  cpu.charge(kernel::Op::copy_per_byte, part.size());
  skb::Skb packet = pool.allocate(static_cast<std::uint32_t>(header.size() + part.size()));
  if (packet == nullptr) {
    return nullptr;
  }
  if (auto* observer = cpu.kernel().observer()) {
    observer->derived(whole.id(), packet->id());
  }
  std::ranges::copy(header, packet->put(static_cast<std::uint32_t>(header.size())).begin());
  std::ranges::copy(part, packet->put(static_cast<std::uint32_t>(part.size())).begin());
  packet->reset_network_header();
  packet->dev = whole.dev;
  packet->protocol = whole.protocol;
  packet->packet_type = whole.packet_type;
  packet->mark = whole.mark;
  packet->priority = whole.priority;
  return packet;
}

}  // namespace host::ip
