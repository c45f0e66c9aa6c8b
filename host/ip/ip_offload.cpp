// SPDX-License-Identifier: Apache-2.0
// IPv4 headers of packets that may be one.
#include "host/ip/ip_offload.hpp"

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"

namespace host::ip {

using device::GroComplete;
using device::GroList;
using device::GroPacket;
using headers::Bytes;

namespace {

constexpr std::uint8_t kVersionAndLength = 0x45;  // no options
constexpr std::size_t kTos = 1;
constexpr std::size_t kTotalLength = 2;
constexpr std::size_t kId = 4;
constexpr std::size_t kFlags = 6;
constexpr std::size_t kTtl = 8;
constexpr std::size_t kProtocol = 9;
constexpr std::size_t kChecksum = 10;
constexpr std::size_t kAddresses = 12;
constexpr std::size_t kAddressesBytes = 8;
constexpr std::uint16_t kDontFragment = 0x4000;

Bytes header_of(const GroPacket& packet, std::uint32_t offset) {
  return packet.skb->bytes().subspan(offset, headers::kIpv4HeaderBytes);
}

/// A whole, right header without options; a packet as long as it says (Ethernet has not padded it), and no fragment.
bool may_merge(const GroPacket& packet, std::uint32_t offset) {
  if (packet.skb->headlen() < offset + headers::kIpv4HeaderBytes) {
    return false;
  }
  const Bytes header = header_of(packet, offset);
  return base::load_u8(header, 0) == kVersionAndLength &&
         base::load_be16(header, kTotalLength) == packet.skb->len() - offset &&
         (base::load_be16(header, kFlags) & ~kDontFragment) == 0 && base::internet_checksum(header) == 0;
}

bool same_flow(Bytes a, Bytes b) {
  const Bytes here = a.subspan(kAddresses, kAddressesBytes);
  const Bytes there = b.subspan(kAddresses, kAddressesBytes);
  return base::load_u8(a, kProtocol) == base::load_u8(b, kProtocol) &&
         std::equal(here.begin(), here.end(), there.begin());
}

/// What segmenting could not give back: other fields of the header, or identifiers that do not count up (with DF they
/// may stay the same, for they mean nothing then).
bool differs(const GroPacket& held, Bytes a, Bytes b) {
  const auto ids = static_cast<std::uint16_t>(base::load_be16(b, kId) - base::load_be16(a, kId));
  const bool fixed = ids == 0 && (base::load_be16(a, kFlags) & kDontFragment) != 0;
  return base::load_u8(a, kTtl) != base::load_u8(b, kTtl) || base::load_u8(a, kTos) != base::load_u8(b, kTos) ||
         base::load_be16(a, kFlags) != base::load_be16(b, kFlags) || (ids != held.count && !fixed);
}

}  // namespace

base::Result<void> InetOffload::add(headers::IpProtocol protocol, device::GroOffload offload) {
  const bool fresh = transports_.try_emplace(protocol, std::move(offload)).second;
  return fresh ? base::Result<void>() : base::Errno::exists;
}

device::GroOffload InetOffload::callbacks() {
  return {.receive = [this](kernel::Cpu& cpu, GroList& held, GroPacket& packet,
                            std::uint32_t offset) { return receive(cpu, held, packet, offset); },
          .complete = [this](GroPacket& packet, std::uint32_t offset) { complete(packet, offset); }};
}

GroComplete InetOffload::receive(kernel::Cpu& cpu, GroList& held, GroPacket& packet, std::uint32_t offset) {
  if (!may_merge(packet, offset)) {
    packet.flush = true;
    return std::nullopt;
  }
  const Bytes header = header_of(packet, offset);
  const auto transport = transports_.find(headers::IpProtocol{base::load_u8(header, kProtocol)});
  if (transport == transports_.end()) {
    packet.flush = true;
    return std::nullopt;
  }
  for (GroPacket& other : held) {
    if (!other.same_flow) {
      continue;
    }
    const Bytes its = header_of(other, offset);
    other.same_flow = same_flow(its, header);
    other.differs = differs(other, its, header);
  }
  return transport->second.receive(cpu, held, packet, offset + static_cast<std::uint32_t>(headers::kIpv4HeaderBytes));
}

void InetOffload::complete(GroPacket& packet, std::uint32_t offset) {
  const auto header = packet.skb->writable().subspan(offset, headers::kIpv4HeaderBytes);
  base::store_be16(header, kTotalLength, static_cast<std::uint16_t>(packet.skb->len() - offset));
  base::store_be16(header, kChecksum, 0);
  base::store_be16(header, kChecksum, base::internet_checksum(header));
  const auto transport = transports_.find(headers::IpProtocol{base::load_u8(header, kProtocol)});
  INVARIANT(transport != transports_.end(), "a protocol went while GRO held its packets");
  transport->second.complete(packet, offset + static_cast<std::uint32_t>(headers::kIpv4HeaderBytes));
}

}  // namespace host::ip
