// SPDX-License-Identifier: Apache-2.0
// Datagrams that become one packet, and one packet that becomes datagrams.
#include "host/udp/udp_offload.hpp"

#include "host/base/byte_order.hpp"
#include "host/device/gso.hpp"
#include "host/device/net_core.hpp"
#include "host/headers/udp.hpp"
#include "host/skb/skb_runs.hpp"

namespace host::udp {

using device::GroComplete;
using device::GroList;
using device::GroPacket;
using headers::Bytes;

namespace {

constexpr std::size_t kLength = 4;

/// Where a family's header has its addresses; it stands right in front of UDP's.
struct Layout {
  std::uint32_t header_bytes;
  std::size_t source;
  std::size_t destination;
};
constexpr Layout kIpv4{headers::kIpv4HeaderBytes, 12, 16};
constexpr Layout kIpv6{headers::kIpv6HeaderBytes, 8, 24};

Bytes header_of(const GroPacket& packet, std::uint32_t offset) {
  return packet.skb->bytes().subspan(offset, headers::kUdpHeaderBytes);
}

struct Addresses {
  IpAddress source;
  IpAddress destination;
};

Addresses addresses_of(const GroPacket& packet, std::uint32_t offset, AddressFamily family) {
  using headers::Ipv4Address;
  using headers::Ipv6Address;
  const Layout& layout = family == AddressFamily::inet ? kIpv4 : kIpv6;
  const Bytes ip = packet.skb->bytes().subspan(offset - layout.header_bytes, layout.header_bytes);
  if (family == AddressFamily::inet) {
    return {Ipv4Address{base::load_be32(ip, layout.source)}, Ipv4Address{base::load_be32(ip, layout.destination)}};
  }
  return {Ipv6Address::load(ip, layout.source), Ipv6Address::load(ip, layout.destination)};
}

/// Linux: udp4_gro_lookup_skb, udp6_gro_lookup_skb. The socket that would get it asked for merged datagrams.
bool wanted(UdpLayer& udp, const kernel::Cpu& cpu, const GroPacket& packet, std::uint32_t offset,
            const Addresses& addresses) {
  const Bytes header = header_of(packet, offset);
  const Endpoints name{.local = addresses.destination,
                       .local_port = base::load_be16(header, 2),
                       .peer = addresses.source,
                       .peer_port = base::load_be16(header, 0)};
  const UdpSocket* socket = udp.table.lookup(name, {packet.skb->dev->ifindex(), nullptr, static_cast<int>(cpu.id())});
  return socket != nullptr && socket->gro;
}

/// The merged packet's checksum is not any datagram's: each one's has to be right, and to be there.
bool checksum_ok(kernel::Cpu& cpu, GroPacket& packet, std::uint32_t offset, const Addresses& addresses) {
  skb::SkBuff& skb = *packet.skb;
  if (skb.ip_summed == skb::IpSummed::unnecessary || skb.ip_summed == skb::IpSummed::partial) {
    return true;
  }
  const std::uint32_t bytes = skb.len() - offset;
  cpu.charge(kernel::Op::checksum_per_byte, bytes);
  auto sum = headers::udp_pseudo_header(addresses.source, addresses.destination, bytes);
  skb::add_sum(sum, skb, offset, bytes);
  if (sum.checksum() != 0) {
    return false;
  }
  skb.ip_summed = skb::IpSummed::unnecessary;
  return true;
}

/// A whole header, a payload, a checksum, and no byte more than it says.
bool may_merge(const GroPacket& packet, std::uint32_t offset) {
  if (packet.skb->headlen() < offset + headers::kUdpHeaderBytes) {
    return false;
  }
  const Bytes header = header_of(packet, offset);
  const std::uint32_t length = base::load_be16(header, kLength);
  return length > headers::kUdpHeaderBytes && length == packet.skb->len() - offset &&
         base::load_be16(header, headers::kUdpChecksumOffset) != 0;
}

bool same_ports(Bytes a, Bytes b) {
  return base::load_be32(a, 0) == base::load_be32(b, 0);
}

/// Linux: udp_gro_receive_segment. A longer datagram, or one with another header, begins a new packet; a shorter one
/// ends the packet that it joins.
GroComplete join(GroList& held, GroPacket& packet, std::uint32_t offset) {
  const Bytes header = header_of(packet, offset);
  packet.segment_bytes =
      static_cast<std::uint16_t>(base::load_be16(header, kLength) - static_cast<unsigned>(headers::kUdpHeaderBytes));
  for (std::size_t i = 0; i < held.size(); ++i) {
    GroPacket& other = held[i];
    if (!other.same_flow || !same_ports(header_of(other, offset), header)) {
      other.same_flow = false;
      continue;
    }
    const auto payload = offset + static_cast<std::uint32_t>(headers::kUdpHeaderBytes);
    const bool longer = packet.segment_bytes > other.segment_bytes;
    if (longer || other.differs || !device::gro_merge(other, packet, payload)) {
      return i;
    }
    const bool shorter = packet.segment_bytes < other.segment_bytes;
    return shorter || other.count >= kUdpGroMost ? GroComplete(i) : std::nullopt;
  }
  return std::nullopt;
}

GroComplete receive(UdpLayer& udp, AddressFamily family, kernel::Cpu& cpu, GroList& held, GroPacket& packet,
                    std::uint32_t offset) {
  packet.flush = true;
  const device::NetDevice& dev = *packet.skb->dev;
  const bool anyway = dev.core()->link_flags(dev).udp_gro_forwarding;
  if ((udp.gro_sockets == 0 && !anyway) || !may_merge(packet, offset)) {
    return std::nullopt;
  }
  cpu.charge(kernel::Op::socket_lookup);
  const Addresses addresses = addresses_of(packet, offset, family);
  if (!(anyway || wanted(udp, cpu, packet, offset, addresses)) || !checksum_ok(cpu, packet, offset, addresses)) {
    return std::nullopt;
  }
  packet.flush = false;
  return join(held, packet, offset);
}

/// Linux: udp4_gro_complete, udp6_gro_complete. As if this host had sent it with UDP_SEGMENT.
void complete(GroPacket& packet, std::uint32_t offset) {
  skb::SkBuff& skb = *packet.skb;
  base::store_be16(skb.writable(), offset + kLength, static_cast<std::uint16_t>(skb.len() - offset));
  skb.gso_type = skb::GsoType::udp_l4;
  const auto asked = device::gso_request_checksum(skb);
  INVARIANT(asked.ok(), "GRO merged what GSO cannot cut");
}

}  // namespace

device::GroOffload udp_offload(UdpLayer& udp, AddressFamily family) {
  return {.receive = [&udp, family](kernel::Cpu& cpu, GroList& held, GroPacket& packet,
                                    std::uint32_t offset) { return receive(udp, family, cpu, held, packet, offset); },
          .complete = [](GroPacket& packet, std::uint32_t offset) { complete(packet, offset); }};
}

base::Result<std::vector<skb::Skb>> udp_rcv_segment(skb::SkBuff& skb) {
  const std::uint32_t to_mac = skb.mac_offset();
  const std::uint32_t to_network = skb.network_offset();
  skb.restore(to_mac);
  auto datagrams = device::gso_segment(skb);
  skb.pull(to_mac);
  if (!datagrams.ok()) {
    return datagrams.error();
  }
  for (const skb::Skb& datagram : *datagrams) {
    datagram->pull(to_mac - to_network);
    datagram->reset_network_header();
    datagram->pull(to_network);
    datagram->reset_transport_header();
    datagram->ip_summed = skb::IpSummed::unnecessary;
  }
  return datagrams;
}

}  // namespace host::udp
