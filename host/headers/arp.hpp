// SPDX-License-Identifier: Apache-2.0
// ARP for IPv4 over Ethernet (RFC 826).
#pragma once

#include <optional>

#include "host/base/mac_address.hpp"
#include "host/headers/bytes.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::headers {

inline constexpr std::size_t kArpBytes = 28;

enum class ArpOperation : std::uint16_t { request = 1, reply = 2 };

struct ArpFields {
  ArpOperation operation{};
  base::MacAddress sender_mac;
  Ipv4Address sender;
  base::MacAddress target_mac;
  Ipv4Address target;
};

/// Byte layout:  0 hardware type 1   2 protocol type 0x0800   4 hardware length 6   5 protocol length 4
///               6 operation   8 sender MAC   14 sender   18 target MAC   24 target
/// Nothing when the packet is short, not IPv4 over Ethernet, or neither request nor reply.
[[nodiscard]] std::optional<ArpFields> parse_arp(Bytes packet);

/// `out` holds at least kArpBytes.
void write_arp(MutableBytes out, const ArpFields& fields);

}  // namespace host::headers
