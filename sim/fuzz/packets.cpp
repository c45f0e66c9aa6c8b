// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/packets.hpp"

#include <algorithm>

namespace sim::fuzz {
namespace {

constexpr std::uint32_t kTcp = 6;
constexpr std::uint32_t kUdp = 17;
constexpr std::uint32_t kIcmp = 1;
constexpr std::uint32_t kHopByHop = 0;
constexpr std::uint32_t kRouting = 43;
constexpr std::uint32_t kFragment = 44;
constexpr std::uint32_t kDestination = 60;
constexpr unsigned kAddressBytes = 12;

void put(Bytes& bytes, std::uint64_t value, unsigned width) {
  for (unsigned i = width; i > 0; --i) bytes.push_back(static_cast<std::byte>((value >> (8 * (i - 1))) & 0xFF));
}

void set16(Bytes& bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::byte>((value >> 8) & 0xFF);
  bytes[at + 1] = static_cast<std::byte>(value & 0xFF);
}

std::uint32_t add_words(const Bytes& bytes, std::size_t from, std::size_t to, std::uint32_t sum) {
  for (std::size_t at = from; at < to; at += 2) {
    sum += std::to_integer<std::uint32_t>(bytes[at]) << 8;
    if (at + 1 < to) sum += std::to_integer<std::uint32_t>(bytes[at + 1]);
    sum = (sum & 0xFFFF) + (sum >> 16);
  }
  return sum;
}

std::uint32_t protocol(Layer4 layer4) {
  return layer4 == Layer4::tcp ? kTcp : layer4 == Layer4::udp ? kUdp : kIcmp;
}

std::uint32_t pseudo_sum(const Packet& packet) {
  const auto length = static_cast<std::uint32_t>(packet.bytes.size() - packet.transport_at);
  const std::size_t from = packet.network_at + (packet.ipv6 ? 8 : 12);
  const std::uint32_t sum = add_words(packet.bytes, from, from + (packet.ipv6 ? 32 : 8), protocol(packet.layer4));
  return add_words(packet.bytes, 0, 0, (sum & 0xFFFF) + (sum >> 16) + length % 0xFFFF);
}

std::uint32_t fold(std::uint32_t sum) {
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return sum;
}

/// One extension header of IPv6 that says `next`; empty when it does not like to.
Bytes extension(pcie::SeededRandom& random, std::uint32_t kind, std::uint32_t next) {
  Bytes header;
  put(header, next, 1);
  if (kind == kFragment) {
    put(header, 0, 1), put(header, random.below(2) == 0 ? 1 : 8 * random.below(100), 2), put(header, random.next(), 4);
  } else if (kind == kRouting && random.below(2) == 0) {  // RFC 6275, 6.4
    put(header, 2, 1), put(header, 2, 1), put(header, 1, 1), put(header, 0, 4);
    put(header, random.next(), 8), put(header, random.next(), 8);
  } else if (kind == kRouting) {
    put(header, 0, 1), put(header, 0, 2), put(header, 0, 4);
  } else if (kind == kDestination && random.below(2) == 0) {  // RFC 6275, 6.3
    put(header, 2, 1), put(header, 0x0102'0000, 4), put(header, 0xC910, 2);
    put(header, random.next(), 8), put(header, random.next(), 8);
  } else {  // one PadN
    const unsigned words = static_cast<unsigned>(random.below(3));
    put(header, words, 1), put(header, 1, 1), put(header, 8 * words + 4, 1);
    for (unsigned i = 0; i < 8 * words + 4; ++i) put(header, 0, 1);
  }
  return header;
}

struct Flow {
  std::uint32_t number;
  std::uint32_t source_port() const { return 1000 + 7 * number; }
  std::uint32_t destination_port() const { return number % 3 == 0 ? 80 : 4000 + number; }
};

void add_ethernet(pcie::SeededRandom& random, const PacketWish& wish, Packet& packet) {
  Bytes& bytes = packet.bytes;
  bytes.assign(kAddressBytes, std::byte{0x02});
  const unsigned tags = random.below(3) != 0 ? 0 : 1 + static_cast<unsigned>(random.below(wish.plain ? 2 : 3));
  for (unsigned i = 0; i < tags; ++i) {
    put(bytes, random.below(2) == 0 ? 0x8100 : 0x88A8, 2);
    put(bytes, random.below(8) << 13 | random.below(8), 2);
  }
  put(bytes, packet.ipv6 ? 0x86DD : 0x0800, 2);
  packet.network_at = bytes.size();
}

void add_ipv4(pcie::SeededRandom& random, const PacketWish& wish, Flow flow, Packet& packet) {
  Bytes& bytes = packet.bytes;
  const unsigned options = random.below(4) != 0 ? 0 : 1 + static_cast<unsigned>(random.below(10));
  const bool fragment = !wish.plain && random.below(16) == 0;
  put(bytes, 0x45 + options, 1), put(bytes, random.below(256), 1), put(bytes, 0, 2), put(bytes, random.next(), 2);
  put(bytes, fragment ? (random.below(2) == 0 ? 0x2000 : random.below(0x1FFF) + 1) : random.below(2) << 14, 2);
  put(bytes, 1 + random.below(255), 1), put(bytes, protocol(packet.layer4), 1), put(bytes, 0, 2);
  put(bytes, 0x0A00'0000 + flow.number, 4), put(bytes, 0x0A00'0100 + flow.number / 2, 4);
  for (unsigned i = 0; i < options; ++i) put(bytes, 0x0101'0101, 4);
}

void add_ipv6(pcie::SeededRandom& random, const PacketWish& wish, Flow flow, Packet& packet) {
  Bytes& bytes = packet.bytes;
  std::vector<std::uint32_t> kinds;
  if (random.below(4) == 0) {
    if (random.below(2) == 0) kinds.push_back(kHopByHop);
    if (random.below(2) == 0) kinds.push_back(wish.plain ? kHopByHop : kDestination);
    if (!wish.plain && random.below(2) == 0) kinds.push_back(kRouting);
    if (!wish.plain && random.below(3) == 0) kinds.push_back(kFragment);
  }
  while (wish.plain && kinds.size() > 1) kinds.pop_back();
  kinds.push_back(protocol(packet.layer4));
  put(bytes, 0x6000'0000 | random.below(0x100000), 4), put(bytes, 0, 2), put(bytes, kinds.front(), 1);
  put(bytes, 1 + random.below(255), 1);
  put(bytes, 0xFE80'0000'0000'0000, 8), put(bytes, 0x1000 + flow.number, 8);
  put(bytes, 0xFE80'0000'0000'0000, 8), put(bytes, 0x2000 + flow.number / 2, 8);
  for (std::size_t i = 0; i + 1 < kinds.size(); ++i) {
    const Bytes header = extension(random, kinds[i], kinds[i + 1]);
    bytes.insert(bytes.end(), header.begin(), header.end());
  }
}

void add_transport(pcie::SeededRandom& random, const PacketWish& wish, Flow flow, Packet& packet) {
  Bytes& bytes = packet.bytes;
  packet.transport_at = bytes.size();
  if (packet.layer4 == Layer4::other) {
    put(bytes, 0x0800'0000, 4), put(bytes, random.next(), 4);
  } else {
    put(bytes, flow.source_port(), 2), put(bytes, flow.destination_port(), 2);
  }
  if (packet.layer4 == Layer4::udp) put(bytes, 8 + wish.payload, 2), put(bytes, 0, 2);
  if (packet.layer4 == Layer4::tcp) {
    const unsigned options = random.below(2) == 0 ? 0 : static_cast<unsigned>(random.below(11));
    put(bytes, random.next(), 4), put(bytes, random.next(), 4);
    put(bytes, (5 + options) << 12 | random.below(512), 2), put(bytes, random.next(), 2), put(bytes, 0, 4);
    for (unsigned i = 0; i < options; ++i) put(bytes, 0x0101'0101, 4);
  }
  packet.headers = bytes.size();
}

void finish_lengths(Packet& packet) {
  Bytes& bytes = packet.bytes;
  const std::size_t at = packet.network_at;
  const std::size_t total = bytes.size() - at;
  if (packet.ipv6) return set16(bytes, at + 4, static_cast<std::uint32_t>(total - 40));
  set16(bytes, at + 2, static_cast<std::uint32_t>(total));
  set16(bytes, at + 10, 0);
  const std::size_t header = 4 * (std::to_integer<std::size_t>(bytes[at]) & 0xF);
  set16(bytes, at + 10, ~fold(add_words(bytes, at, at + header, 0)));
}

}  // namespace

unsigned between(pcie::SeededRandom& random, unsigned low, unsigned high) {
  return low + static_cast<unsigned>(random.below(high - low + 1));
}

void fill(pcie::SeededRandom& random, Bytes& bytes, std::size_t from) {
  for (std::size_t i = from; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(random.next() & 0xFF);
  }
}

void finish(Packet& packet) {
  finish_lengths(packet);
  if (packet.layer4 == Layer4::other) return;
  set16(packet.bytes, packet.transport_at + packet.checksum_offset(), 0);
  std::uint32_t sum = fold(add_words(packet.bytes, packet.transport_at, packet.bytes.size(), pseudo_sum(packet)));
  sum = ~sum & 0xFFFF;
  if (sum == 0 && packet.layer4 == Layer4::udp) sum = 0xFFFF;
  set16(packet.bytes, packet.transport_at + packet.checksum_offset(), sum);
}

Packet make_packet(pcie::SeededRandom& random, const PacketWish& wish) {
  Packet packet;
  const Flow flow{static_cast<std::uint32_t>(random.below(wish.flows))};
  packet.ipv6 = wish.plain ? wish.ipv6 : random.below(2) == 0;
  packet.layer4 = wish.plain ? wish.layer4 : static_cast<Layer4>(random.below(8) == 0 ? 2 : random.below(2));
  add_ethernet(random, wish, packet);
  if (packet.ipv6) {
    add_ipv6(random, wish, flow, packet);
  } else {
    add_ipv4(random, wish, flow, packet);
  }
  add_transport(random, wish, flow, packet);
  packet.bytes.resize(packet.bytes.size() + wish.payload);
  fill(random, packet.bytes, packet.headers);
  finish(packet);
  return packet;
}

void leave_checksum(Packet& packet) {
  set16(packet.bytes, packet.transport_at + packet.checksum_offset(), fold(pseudo_sum(packet)));
}

void bend(pcie::SeededRandom& random, Packet& packet) {
  Bytes& bytes = packet.bytes;
  const std::size_t at = packet.network_at + random.below(bytes.size() - packet.network_at);
  switch (random.below(3)) {
    case 0:  // one bit, anywhere behind Ethernet
      bytes[at] ^= static_cast<std::byte>(1U << random.below(8));
      break;
    case 1:  // shorter than it says
      bytes.resize(at + 1);
      break;
    default:  // bytes behind its end
      for (std::uint64_t i = 1 + random.below(40); i > 0; --i)
        bytes.push_back(static_cast<std::byte>(random.below(256)));
      break;
  }
}

}  // namespace sim::fuzz
