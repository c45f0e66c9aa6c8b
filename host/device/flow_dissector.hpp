// SPDX-License-Identifier: Apache-2.0
// Where the headers of a frame are (Linux: net/core/flow_dissector.c).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "host/skb/skb.hpp"

namespace host::device {

/// The first bytes of a frame: enough for every header that is looked for.
inline constexpr std::size_t kDissectedBytes = 192;

enum class Network : std::uint8_t { none, ipv4, ipv6 };

/// Offsets are from the Ethernet header.
struct FlowKeys {
  Network network = Network::none;
  std::uint32_t network_offset = 0;
  std::uint8_t protocol = 0;           // of IP: what stands at transport_offset
  std::uint32_t transport_offset = 0;  // 0: a fragment, or a header that is cut off
  std::array<std::byte, kDissectedBytes> bytes{};
  std::size_t length = 0;  // of `bytes`
};

inline constexpr std::uint8_t kProtocolTcp = 6;
inline constexpr std::uint8_t kProtocolUdp = 17;

/// Of a frame with data at the Ethernet header: Ethernet, VLAN tags, IPv4 with options, IPv6 with extension headers.
[[nodiscard]] FlowKeys dissect(const skb::SkBuff& skb);

}  // namespace host::device
