// SPDX-License-Identifier: Apache-2.0
// Neighbour discovery: who has an address on the link, and which routers are there (Linux: net/ipv6/ndisc.c; RFC 4861).
#pragma once

#include "host/headers/icmp6.hpp"
#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

/// Takes solicitations and advertisements; data at the ICMPv6 header, whose checksum is right.
void ndisc_rcv(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const headers::Ipv6View& header,
               const headers::Icmp6View& message);

/// Asks for `target`: `known` alone, or its solicited-node group. `speaker` is whose packet waits, if one does.
void ndisc_solicit(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const headers::Ipv6Address& target,
                   std::optional<base::MacAddress> known, std::optional<headers::Ipv6Address> speaker);

/// Duplicate address detection's question: from nobody (RFC 4862 section 5.4.2).
void ndisc_probe(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const headers::Ipv6Address& target);

/// Tells every node that the address is ours now (RFC 4861 section 7.2.6).
void ndisc_announce(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const headers::Ipv6Address& address);

/// Asks every router to advertise itself (RFC 4861 section 6.3.7).
void ndisc_solicit_routers(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device);

}  // namespace host::ip6
