// SPDX-License-Identifier: Apache-2.0
// A transport's packet gets its IPv4 header and goes to the link (Linux: ip_queue_xmit, ip_output, ip_finish_output2).
#pragma once

#include "host/ip/inet_sock.hpp"
#include "host/ip/ip_route.hpp"

namespace host::ip {

struct OutputOptions {
  headers::IpProtocol protocol{};
  /// Nothing: net.ipv4.ip_default_ttl. 0: not beyond this host (IP_MULTICAST_TTL).
  std::optional<std::uint8_t> ttl{};
  std::uint8_t tos = 0;
  std::uint32_t priority = 0;  // of the skb, for qdiscs
  bool dont_fragment = false;
  /// IP_MULTICAST_LOOP: members on this host hear it too.
  bool multicast_loop = true;
  /// Behind the header, a multiple of 4 bytes, at most 40.
  headers::Bytes ip_options{};
};

/// Data at the transport header, which is complete. Errors (the packet is gone, counted): message_size it does not
/// fit the MTU and must not be fragmented, no_memory, no_buffers a queue below is full, network_down,
/// not_permitted netfilter dropped it.
base::Result<void> ip_queue_xmit(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute& route,
                                 const OutputOptions& options);

/// One of our packets, whole: netfilter's OUTPUT, then ip_output. Linux: __ip_local_out.
base::Result<void> ip_local_out(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute& route);

/// Out by the route, in pieces if it must be: our packets and forwarded ones. Data at a complete IPv4 header. Errors as
/// above.
base::Result<void> ip_output(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute& route);

/// The last step: a packet, or a piece of one, that fits the MTU goes to the link. Linux: ip_finish_output2.
base::Result<void> ip_finish_output(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute& route);

/// What IP_MTU_DISCOVER makes of a transport packet, header included. The route's MTU becomes the one that counts.
struct FragmentPlan {
  /// EMSGSIZE: it does not fit and must not be fragmented, or no IPv4 packet could hold it.
  bool refused = false;
  bool fits = false;
  bool dont_fragment = false;
};
[[nodiscard]] FragmentPlan plan_fragments(OutputRoute& route, PmtuDiscovery discovery, std::size_t transport_bytes);

/// The largest transport packet, header included, that fits the route's MTU, and that fits any IPv4 packet.
[[nodiscard]] std::uint32_t transport_room(const OutputRoute& route);
inline constexpr std::uint32_t kTransportMost = 65'535 - headers::kIpv4HeaderBytes;

/// The link's header goes in front; data at the network header. Linux: neigh_resolve_output.
base::Result<void> transmit(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device, const base::MacAddress& to,
                            skb::Skb&& skb);

/// The neighbour never answered: tells the sender, our protocol or another host, and drops. Linux: ipv4_link_failure.
void link_failure(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb);

}  // namespace host::ip
