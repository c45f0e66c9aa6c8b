// SPDX-License-Identifier: Apache-2.0
// Large packets that become frames: who does it, and how the stack does (Linux: skb_gso_segment, net/ipv4/*_offload.c).
#pragma once

#include <vector>

#include "host/base/result.hpp"
#include "host/device/net_device.hpp"
#include "host/skb/skb.hpp"

namespace host::device {

/// The device makes the frames of this packet itself.
[[nodiscard]] bool device_segments(const TxOffloads& offloads, const skb::SkBuff& skb);

/// Bytes of headers in front of the payload, data at the Ethernet header; 0 when they are not those of gso_type.
[[nodiscard]] std::uint32_t gso_header_bytes(const skb::SkBuff& skb);

/// Who finishes the transport checksums of the frames that software cuts.
enum class GsoChecksum : std::uint8_t { here, by_device };

/// The frames of a packet with gso_size, data at the Ethernet header: headers copied, lengths, IPv4 identifier,
/// sequence numbers and flags as they must be, checksums complete or requested (Linux: can_checksum_protocol in
/// skb_segment). invalid: the headers are not those of gso_type; no_memory.
[[nodiscard]] base::Result<std::vector<skb::Skb>> gso_segment(const skb::SkBuff& skb,
                                                              GsoChecksum checksum = GsoChecksum::here);

/// Turns the complete checksum of a packet with gso_size into a request for one, as its sender would have made it
/// (the field holds the pseudo header's sum). Data at the Ethernet header, linear up to the payload, not shared.
[[nodiscard]] base::Result<void> gso_request_checksum(skb::SkBuff& skb);

}  // namespace host::device
