// SPDX-License-Identifier: Apache-2.0
// A transport's packet gets its IPv6 header and goes to the link (Linux: ip6_xmit, ip6_finish_output2).
#pragma once

#include "host/ip6/ip6_route.hpp"

namespace host::ip6 {

struct Output6Options {
  headers::NextHeader protocol{};
  /// 0: net.ipv6.conf.DEVICE.hop_limit.
  std::uint8_t hop_limit = 0;
  std::uint8_t traffic_class = 0;
  /// whole: refused when it does not fit the route's MTU (IPV6_DONTFRAG).
  enum class Size : std::uint8_t { pieces, whole } size = Size::pieces;
  /// To a group: members on this host hear it too (IPV6_MULTICAST_LOOP).
  bool multicast_loop = true;
};

/// Data at the transport header, which is complete. Errors (the packet is gone, counted): message_size it does not fit
/// the MTU and shall stay whole, or no packet is so large, no_memory, no_buffers a queue below is full, network_down.
base::Result<void> ip6_xmit(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute6& route,
                            const Output6Options& options);

/// A packet, data at its IPv6 header, of ours or forwarded: in pieces when it is larger than the route's MTU. Errors
/// as above, and not_permitted netfilter dropped it. Linux: ip6_output.
base::Result<void> ip6_output(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute6& route);

/// One that fits. Linux: ip6_finish_output2.
base::Result<void> ip6_finish_output(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute6& route);

/// The largest transport packet, header included, that fits the route's MTU.
[[nodiscard]] std::uint32_t transport_room6(const OutputRoute6& route);

/// The link's header goes in front; data at the network header.
base::Result<void> transmit6(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const base::MacAddress& to,
                             skb::Skb skb);

/// The neighbour never answered: tells the sender, if he is here his protocol, and drops. Linux: ip6_link_failure.
void link_failure6(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb);

}  // namespace host::ip6
