// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/tcp_runs.hpp"

#include <algorithm>

#include "rtl/contract/nic_contract.hpp"
#include "sim/nic_model/packet.hpp"

namespace sim::fuzz {
namespace {

using nic_model::read_be;
using nic_model::write_be;

constexpr unsigned kMostRuns = 6;  // more than the NIC holds at a time
constexpr unsigned kOddities = 40;
constexpr std::size_t kPlain = 20;
constexpr std::size_t kStamped = 32;
constexpr std::uint32_t kAck = 0x10;
constexpr std::uint32_t kPsh = 0x08;

// places behind the TCP header's start
constexpr std::size_t kSequence = 4;
constexpr std::size_t kAcknowledgement = 8;
constexpr std::size_t kOffset = 12;
constexpr std::size_t kFlags = 13;
constexpr std::size_t kWindow = 14;
constexpr std::size_t kOptions = 20;

void add(Packet& packet, std::size_t at, unsigned width, std::uint32_t value) {
  write_be(packet.bytes, at, width, read_be(packet.bytes, at, width) + value);
}

/// Headers that a large frame can have, in nine of ten.
Packet make_headers(pcie::SeededRandom& random) {
  PacketWish wish;
  wish.plain = true;
  wish.ipv6 = random.below(2) == 0;
  const bool fit = random.below(10) != 0;
  Packet packet = make_packet(random, wish);
  const auto header = [&] { return packet.headers - packet.transport_at; };
  const auto fits = [&] {
    const std::size_t network = packet.transport_at - packet.network_at;
    return network == (packet.ipv6 ? 40 : 20) && (header() == kPlain || header() == kStamped);
  };
  while (fit && !fits()) packet = make_packet(random, wish);
  if (fit && header() == kStamped) write_be(packet.bytes, packet.transport_at + kOptions, 4, 0x0101'080A);
  if (fit) write_be(packet.bytes, packet.transport_at + kOffset, 1, static_cast<std::uint32_t>(header()) << 2);
  return packet;
}

/// Something that a segment need not have in common with the one before it.
void disturb(pcie::SeededRandom& random, Packet& packet) {
  const std::size_t tcp = packet.transport_at;
  switch (random.below(8)) {
    case 0:
      return add(packet, tcp + kSequence, 4, static_cast<std::uint32_t>(random.below(5)) - 2);
    case 1:
      return add(packet, tcp + kAcknowledgement, 4, static_cast<std::uint32_t>(random.below(5)) - 2);
    case 2:
      return add(packet, packet.network_at + (packet.ipv6 ? 3 : 5), 1, 1);  // flow label, identification
    case 3:
      return add(packet, packet.network_at + (packet.ipv6 ? 7 : 8), 1, 1);  // hops
    case 4:
      return add(packet, packet.network_at + 1, 1, 1);  // type of service
    case 5:
      return add(packet, packet.headers - 1, 1, 1);  // the last option, or the urgent pointer
    case 6:
      return add(packet, packet.transport_at + 3, 1, 1);  // another port: a new flow
    default:
      return add(packet, tcp + kWindow, 2, static_cast<std::uint32_t>(random.next()));
  }
}

}  // namespace

TcpRuns::TcpRuns(pcie::SeededRandom& random, const Machine& machine, const std::vector<std::uint64_t>& addresses)
    : runs_(1 + random.below(kMostRuns)) {
  for (Run& run : runs_) {
    run.packet = make_headers(random);
    run.most = machine.max_frame() - static_cast<unsigned>(run.packet.headers);
    run.segment = random.below(4) == 0 ? run.most : between(random, 1, std::min(run.most, 1500U));
    const std::uint64_t destination = addresses[random.below(addresses.size())];
    for (std::size_t i = 0; i < 6; ++i) {
      run.packet.bytes[i] = static_cast<std::byte>((destination >> (8 * i)) & 0xFF);
    }
  }
}

Bytes TcpRuns::next(pcie::SeededRandom& random) {
  Run& run = runs_[random.below(runs_.size())];
  Packet& packet = run.packet;
  const std::uint64_t oddity = random.below(kOddities);
  if (oddity == 0) disturb(random, packet);
  unsigned payload = run.segment;
  if (oddity == 1 || oddity == 2) payload = static_cast<unsigned>(random.below(run.segment));
  if (oddity == 3) payload = std::min(run.segment + 1, run.most);
  std::uint32_t flags = kAck;
  if (oddity == 4 || oddity == 5) flags |= kPsh;
  if (oddity == 6) flags ^= 1U << random.below(8);
  if (oddity == 7) flags |= 0xC0;
  write_be(packet.bytes, packet.transport_at + kFlags, 1, flags);
  packet.bytes.resize(packet.headers + payload);
  fill(random, packet.bytes, packet.headers);
  finish(packet);
  Bytes frame = packet.bytes;
  if (oddity == 8) frame.back() ^= std::byte{1};
  frame.resize(std::max<std::size_t>(frame.size(), contract::MIN_FRAME_NO_FCS));
  add(packet, packet.transport_at + kSequence, 4, payload);
  if (!packet.ipv6) add(packet, packet.network_at + 4, 2, 1);
  if (random.below(3) == 0) add(packet, packet.transport_at + kAcknowledgement, 4, 100);
  return frame;
}

}  // namespace sim::fuzz
