// SPDX-License-Identifier: Apache-2.0
// ARP: questions and answers between neighbours (Linux: net/ipv4/arp.c; RFC 826, RFC 5227).
#pragma once

#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// Softirq context; data at the ARP packet. Learns from it and answers what asks for one of our addresses.
void arp_rcv(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb);

/// Asks who has `target`: of `known` alone, or of everybody. Linux: arp_solicit.
void arp_solicit(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device, headers::Ipv4Address target,
                 std::optional<base::MacAddress> known, std::optional<headers::Ipv4Address> speaker);

/// A gratuitous ARP: tells the link that `address` is ours.
void arp_announce(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device, headers::Ipv4Address address);

/// The device came up: with arp_notify the link hears of its addresses. Linux: inetdev_send_gratuitous_arp.
void arp_notify(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device);

}  // namespace host::ip
