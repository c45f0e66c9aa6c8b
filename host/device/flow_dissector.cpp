// SPDX-License-Identifier: Apache-2.0
// Header by header, each only when it is there in full.
#include "host/device/flow_dissector.hpp"

#include <algorithm>

#include "host/base/byte_order.hpp"

namespace host::device {
namespace {

constexpr std::uint32_t kEtherTypeOffset = 12;
constexpr std::uint32_t kVlanBytes = 4;
constexpr std::uint16_t kVlan = 0x8100;
constexpr std::uint16_t kServiceVlan = 0x88a8;
constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86dd;
constexpr std::uint32_t kIpv4Bytes = 20;
constexpr std::uint32_t kIpv6Bytes = 40;
constexpr std::uint16_t kIpv4FragmentBits = 0x3fff;
constexpr std::uint32_t kPortsBytes = 4;
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kDestinationOptions = 60;

void dissect_ipv4(FlowKeys& keys) {
  const std::span<const std::byte> bytes(keys.bytes.data(), keys.length);
  const std::uint32_t at = keys.network_offset;
  if (at + kIpv4Bytes > keys.length) return;
  const std::uint8_t first = base::load_u8(bytes, at);
  const std::uint32_t header = (first & 0xfu) * 4;
  if (first >> 4 != 4 || header < kIpv4Bytes) return;
  keys.network = Network::ipv4;
  keys.protocol = base::load_u8(bytes, at + 9);
  if ((base::load_be16(bytes, at + 6) & kIpv4FragmentBits) != 0) return;
  if (at + header + kPortsBytes <= keys.length) keys.transport_offset = at + header;
}

void dissect_ipv6(FlowKeys& keys) {
  const std::span<const std::byte> bytes(keys.bytes.data(), keys.length);
  std::uint32_t at = keys.network_offset;
  if (at + kIpv6Bytes > keys.length || base::load_u8(bytes, at) >> 4 != 6) return;
  keys.network = Network::ipv6;
  std::uint8_t next = base::load_u8(bytes, at + 6);
  at += kIpv6Bytes;
  while ((next == kHopByHop || next == kRouting || next == kDestinationOptions) && at + 2 <= keys.length) {
    next = base::load_u8(bytes, at);
    at += (base::load_u8(bytes, at + 1) + 1u) * 8;
  }
  keys.protocol = next;
  const bool ports = next == kProtocolTcp || next == kProtocolUdp;
  if (ports && at + kPortsBytes <= keys.length) keys.transport_offset = at;
}

}  // namespace

FlowKeys dissect(const skb::SkBuff& skb) {
  FlowKeys keys;
  keys.length = std::min<std::size_t>(skb.len(), kDissectedBytes);
  if (!skb.copy_bits(0, std::span(keys.bytes).first(keys.length))) return keys;
  const std::span<const std::byte> bytes(keys.bytes.data(), keys.length);
  std::uint32_t at = kEtherTypeOffset;
  std::uint16_t type = 0;
  for (; at + 2 <= keys.length; at += kVlanBytes) {
    type = base::load_be16(bytes, at);
    if (type != kVlan && type != kServiceVlan) break;
  }
  keys.network_offset = at + 2;
  if (type == kIpv4) dissect_ipv4(keys);
  if (type == kIpv6) dissect_ipv6(keys);
  return keys;
}

}  // namespace host::device
