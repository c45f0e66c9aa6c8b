// SPDX-License-Identifier: Apache-2.0
// /proc/net/arp and /proc/net/route (Linux: net/ipv4/arp.c, fib_trie.c).
#pragma once

#include <string>

#include "host/ip/ip_layer.hpp"

namespace host::proc {

/// Neighbours that were asked for: flags 0x2 of those that answered, 0x6 of those that an administrator named.
[[nodiscard]] std::string arp(const ip::IpLayer& ip);

/// The main table: addresses as hexadecimal numbers in the byte order of a little-endian machine.
[[nodiscard]] std::string route(const ip::IpLayer& ip);

/// As the files of /proc/net print it: 10.0.0.1 is 0100000A.
[[nodiscard]] std::string hex_address(headers::Ipv4Address address);

}  // namespace host::proc
