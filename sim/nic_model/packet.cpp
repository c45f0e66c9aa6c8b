// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/packet.hpp"

#include <algorithm>

#include "sim/nic_model/internet_checksum.hpp"

namespace sim::nic_model {
namespace {

constexpr std::size_t kAddresses = 12;  // both of Ethernet
constexpr std::uint32_t kTypeVlan = 0x8100;
constexpr std::uint32_t kTypeServiceVlan = 0x88A8;
constexpr std::uint32_t kTypeIpv4 = 0x0800;
constexpr std::uint32_t kTypeIpv6 = 0x86DD;
constexpr unsigned kMaxTags = 2;

constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kUdpHeader = 8;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
// RFC 8200, section 4
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kDestinationOptions = 60;
constexpr std::uint32_t kPad1 = 0;
constexpr std::uint32_t kHomeAddress = 201;
constexpr std::size_t kIpv6Address = 16;

/// RFC 9293, 3.1: a TCP header says itself how long it is; one that is too short or longer than the packet is none.
void parse_transport(FrameView frame, Packet& packet) {
  if (packet.fragment || packet.transport_at > packet.end) return;
  const std::size_t room = packet.end - packet.transport_at;
  if (packet.protocol == kTcp && room >= kTcpHeader) {
    const std::size_t header = 4 * (read_be(frame, packet.transport_at + 12, 1) >> 4);
    if (header >= kTcpHeader && header <= room) packet.transport = Transport::tcp;
  }
  if (packet.protocol == kUdp && room >= kUdpHeader) packet.transport = Transport::udp;
}

/// RFC 6275, 6.3: a home address among the destination options at [at, end).
void find_home_address(FrameView frame, std::size_t at, std::size_t end, Packet& packet) {
  while (at < end) {
    const std::uint32_t kind = read_be(frame, at, 1);
    if (kind == kPad1) {
      ++at;
      continue;
    }
    const std::size_t bytes = read_be(frame, at + 1, 1);
    if (kind == kHomeAddress && bytes == kIpv6Address && at + 2 + bytes <= end) packet.home_source_at = at + 2;
    at += 2 + bytes;
  }
}

void note_extension(FrameView frame, std::uint8_t kind, std::size_t at, std::size_t length, Packet& packet) {
  if (kind == kDestinationOptions) {
    find_home_address(frame, at + 2, at + length, packet);
    packet.detour = packet.detour || length >= 2 + 2 + kIpv6Address;  // room for a home address
  }
  if (kind == kRouting) {
    const bool type2 = read_be(frame, at + 2, 1) == 2 && read_be(frame, at + 3, 1) == 1;
    if (type2 && length == 8 + kIpv6Address) packet.home_destination_at = at + 8;
    packet.detour = packet.detour || read_be(frame, at + 3, 1) != 0;  // segments left
  }
}

void parse_ipv4(FrameView frame, std::size_t at, Packet& packet) {
  if (frame.size() < at + kIpv4Header || read_be(frame, at, 1) >> 4 != 4) return;
  const std::size_t header = 4 * (read_be(frame, at, 1) & 0xF);
  const std::size_t total = read_be(frame, at + 2, 2);
  if (header < kIpv4Header || total < header || at + total > frame.size()) return;
  packet.network = Network::ipv4;
  packet.network_at = at;
  packet.transport_at = at + header;
  packet.end = at + total;
  packet.fragment = (read_be(frame, at + 6, 2) & 0x3FFF) != 0;  // more fragments, or an offset
  packet.protocol = static_cast<std::uint8_t>(read_be(frame, at + 9, 1));
  packet.source_at = at + 12;
  packet.destination_at = at + 16;
  InternetChecksum sum;
  sum.add(frame.subspan(at, header));
  packet.header_checksum_good = sum.folded() == 0xFFFF;
  parse_transport(frame, packet);
}

void parse_ipv6(FrameView frame, std::size_t at, Packet& packet) {
  if (frame.size() < at + kIpv6Header || read_be(frame, at, 1) >> 4 != 6) return;
  const std::size_t end = at + kIpv6Header + read_be(frame, at + 4, 2);
  if (end > frame.size()) return;
  packet.network = Network::ipv6;
  packet.network_at = at;
  packet.end = end;
  packet.source_at = packet.home_source_at = at + 8;
  packet.destination_at = packet.home_destination_at = at + 24;
  std::uint8_t next = static_cast<std::uint8_t>(read_be(frame, at + 6, 1));
  std::size_t place = at + kIpv6Header;
  while (next == kHopByHop || next == kRouting || next == kFragment || next == kDestinationOptions) {
    if (place + 8 > end) break;
    packet.extensions = true;
    if (next == kFragment) packet.fragment = true;
    const std::size_t length = next == kFragment ? 8 : 8 * (1 + std::size_t{read_be(frame, place + 1, 1)});
    if (place + length > end) break;
    note_extension(frame, next, place, length, packet);
    next = static_cast<std::uint8_t>(read_be(frame, place, 1));
    place += length;
  }
  packet.protocol = next;
  packet.transport_at = place;
  parse_transport(frame, packet);
}

}  // namespace

std::uint32_t read_be(FrameView bytes, std::size_t at, unsigned width) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    value = (value << 8) | (at + i < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0U);
  }
  return value;
}

void write_be(std::span<std::byte> bytes, std::size_t at, unsigned width, std::uint32_t value) {
  for (unsigned i = 0; i < width && at + i < bytes.size(); ++i) {
    bytes[at + i] = static_cast<std::byte>((value >> (8 * (width - 1 - i))) & 0xFF);
  }
}

Packet parse_packet(FrameView frame) {
  Packet packet;
  std::size_t at = kAddresses;
  std::uint32_t type = read_be(frame, at, 2);
  for (unsigned tag = 0; tag < kMaxTags && (type == kTypeVlan || type == kTypeServiceVlan); ++tag) {
    if (!packet.vlan) packet.vlan = static_cast<std::uint16_t>(read_be(frame, at + 2, 2) & 0xFFF);
    at += 4;
    type = read_be(frame, at, 2);
  }
  at += 2;
  if (type == kTypeIpv4) parse_ipv4(frame, at, packet);
  if (type == kTypeIpv6) parse_ipv6(frame, at, packet);
  return packet;
}

std::uint16_t transport_sum(FrameView frame, const Packet& packet) {
  InternetChecksum sum;
  const std::size_t address = packet.network == Network::ipv4 ? 4 : 16;
  sum.add(frame.subspan(packet.source_at, address));
  sum.add(frame.subspan(packet.destination_at, address));
  const bool udp = packet.transport == Transport::udp;
  const std::size_t length = udp ? read_be(frame, packet.transport_at + 4, 2) : packet.end - packet.transport_at;
  sum.add(packet.protocol);
  sum.add(length);
  sum.add(frame.subspan(packet.transport_at, length));
  return sum.folded();
}

}  // namespace sim::nic_model
