// SPDX-License-Identifier: Apache-2.0
// /proc/net/snmp6 and /proc/net/if_inet6 (Linux: net/ipv6/proc.c, addrconf.c).
#pragma once

#include <string>

#include "host/udp/udp_layer.hpp"

namespace host::proc {

/// A line a counter, by groups: Ip6, Icmp6 with its types by name and then those that occurred by number, Udp6. Every
/// name that Linux has; what is not counted here stays 0.
[[nodiscard]] std::string snmp6(const udp::UdpLayer& udp);

/// A line an address: 32 digits, then interface, prefix length, scope and flags as hexadecimal numbers, and a name.
[[nodiscard]] std::string if_inet6(const ip6::Ip6Layer& ip6);

/// As the files of /proc/net print it: four words in the byte order of a little-endian machine.
[[nodiscard]] std::string hex_address6(const headers::Ipv6Address& address);

}  // namespace host::proc
