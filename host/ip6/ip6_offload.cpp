// SPDX-License-Identifier: Apache-2.0
// IPv6 headers of packets that may be one.
#include "host/ip6/ip6_offload.hpp"

#include <algorithm>

#include "host/base/byte_order.hpp"

namespace host::ip6 {

using device::GroComplete;
using device::GroList;
using device::GroPacket;
using headers::Bytes;

namespace {

constexpr std::size_t kPayloadLength = 4;
constexpr std::size_t kNextHeader = 6;
constexpr std::size_t kHopLimit = 7;
constexpr std::size_t kAddresses = 8;
constexpr std::uint8_t kVersion = 6;
constexpr std::uint32_t kTrafficClass = 0x0ff0'0000;  // of the first word; the rest are version and flow label
constexpr auto kHeaderBytes = static_cast<std::uint32_t>(headers::kIpv6HeaderBytes);

Bytes header_of(const GroPacket& packet, std::uint32_t offset) {
  return packet.skb->bytes().subspan(offset, kHeaderBytes);
}

/// A whole header, and a packet as long as it says (Ethernet has not padded it; it is no jumbogram).
bool may_merge(const GroPacket& packet, std::uint32_t offset) {
  if (packet.skb->headlen() < offset + kHeaderBytes) {
    return false;
  }
  const Bytes header = header_of(packet, offset);
  return base::load_u8(header, 0) >> 4 == kVersion &&
         base::load_be16(header, kPayloadLength) == packet.skb->len() - offset - kHeaderBytes;
}

/// Addresses, protocol and flow label.
bool same_flow(Bytes a, Bytes b) {
  return ((base::load_be32(a, 0) ^ base::load_be32(b, 0)) & ~kTrafficClass) == 0 &&
         base::load_u8(a, kNextHeader) == base::load_u8(b, kNextHeader) &&
         std::ranges::equal(a.subspan(kAddresses), b.subspan(kAddresses));
}

/// What segmenting could not give back.
bool differs(Bytes a, Bytes b) {
  return base::load_be32(a, 0) != base::load_be32(b, 0) || base::load_u8(a, kHopLimit) != base::load_u8(b, kHopLimit);
}

}  // namespace

base::Result<void> Inet6Offload::add(headers::NextHeader protocol, device::GroOffload offload) {
  const bool fresh = transports_.try_emplace(protocol, std::move(offload)).second;
  return fresh ? base::Result<void>() : base::Errno::exists;
}

device::GroOffload Inet6Offload::callbacks() {
  return {.receive = [this](kernel::Cpu& cpu, GroList& held, GroPacket& packet,
                            std::uint32_t offset) { return receive(cpu, held, packet, offset); },
          .complete = [this](GroPacket& packet, std::uint32_t offset) { complete(packet, offset); }};
}

GroComplete Inet6Offload::receive(kernel::Cpu& cpu, GroList& held, GroPacket& packet, std::uint32_t offset) {
  packet.flush = true;
  if (!may_merge(packet, offset)) {
    return std::nullopt;
  }
  const Bytes header = header_of(packet, offset);
  const auto transport = transports_.find(headers::NextHeader{base::load_u8(header, kNextHeader)});
  if (transport == transports_.end()) {
    return std::nullopt;
  }
  packet.flush = false;
  for (GroPacket& other : held) {
    if (!other.same_flow) {
      continue;
    }
    const Bytes its = header_of(other, offset);
    other.same_flow = same_flow(its, header);
    other.differs = differs(its, header);
  }
  return transport->second.receive(cpu, held, packet, offset + kHeaderBytes);
}

void Inet6Offload::complete(GroPacket& packet, std::uint32_t offset) {
  const auto header = packet.skb->writable().subspan(offset, kHeaderBytes);
  base::store_be16(header, kPayloadLength, static_cast<std::uint16_t>(packet.skb->len() - offset - kHeaderBytes));
  const auto transport = transports_.find(headers::NextHeader{base::load_u8(header, kNextHeader)});
  INVARIANT(transport != transports_.end(), "a protocol went while GRO held its packets");
  transport->second.complete(packet, offset + kHeaderBytes);
}

}  // namespace host::ip6
