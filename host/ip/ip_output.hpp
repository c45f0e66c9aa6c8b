// SPDX-License-Identifier: Apache-2.0
// A transport's packet gets its IPv4 header and goes to the link (Linux: ip_queue_xmit, ip_output, ip_finish_output2).
#pragma once

#include "host/ip/ip_route.hpp"

namespace host::ip {

struct OutputOptions {
  headers::IpProtocol protocol{};
  /// 0: net.ipv4.ip_default_ttl.
  std::uint8_t ttl = 0;
  std::uint8_t tos = 0;
  std::uint32_t priority = 0;  // of the skb, for qdiscs
  bool dont_fragment = false;
};

/// Data at the transport header, which is complete. Errors (the packet is gone, counted): message_size it does not
/// fit the MTU and nobody fragments here, no_memory, no_buffers a queue below is full, network_down,
/// not_permitted netfilter dropped it.
base::Result<void> ip_queue_xmit(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const OutputRoute& route,
                                 const OutputOptions& options);

/// The largest transport packet, header included, that fits the route's MTU.
[[nodiscard]] std::uint32_t transport_room(const OutputRoute& route);

/// The link's header goes in front; data at the network header. Linux: neigh_resolve_output.
base::Result<void> transmit(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device, const base::MacAddress& to,
                            skb::Skb skb);

/// The neighbour never answered: tells the sender's protocol and drops. Linux: ipv4_link_failure.
void link_failure(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb);

}  // namespace host::ip
