// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/traffic.hpp"

#include <algorithm>
#include <utility>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace sim::fuzz {
namespace {

using namespace contract;

constexpr std::size_t kSenderPlace = 11;  // last byte of the source address
constexpr unsigned kEthernetHeader = 14;
constexpr unsigned kMostHeaders = 140;      // of a packet that is plain
constexpr unsigned kMostWireHeaders = 300;  // ... and of any
constexpr unsigned kOddities = 60;

// places in virtio_net_hdr (virtio 1.2, 5.1.6)
constexpr std::size_t kFlags = 0;
constexpr std::size_t kKind = 1;
constexpr std::size_t kHeaderLength = 2;
constexpr std::size_t kSegmentSize = 4;
constexpr std::size_t kChecksumStart = 6;
constexpr std::size_t kChecksumOffset = 8;

/// `total` bytes in one to four pieces, each of at least one byte, the first of at least `first`.
std::vector<std::uint32_t> cut(pcie::SeededRandom& random, std::uint32_t total, std::uint32_t first) {
  std::vector<std::uint32_t> pieces;
  unsigned more = random.below(2) == 0 ? 0 : between(random, 1, 3);
  for (; more > 0 && total > first + 1; --more) {
    const std::uint32_t most = random.below(2) == 0 ? std::min<std::uint32_t>(total - 1, 24 + first) : total - 1;
    pieces.push_back(std::max<std::uint32_t>(first, 1 + static_cast<std::uint32_t>(random.below(most))));
    total -= pieces.back();
    first = 1;
  }
  pieces.push_back(total);
  return pieces;
}

unsigned frame_length(pcie::SeededRandom& random, unsigned least, unsigned most) {
  switch (random.below(4)) {
    case 0:
      return between(random, least, std::min(least + 16, most));
    case 1:
      return between(random, most - 16, most);
    default:
      return between(random, least, most);
  }
}

void put_le(Bytes& bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::byte>(value & 0xFF);
  bytes[at + 1] = static_cast<std::byte>((value >> 8) & 0xFF);
}

Bytes random_frame(pcie::SeededRandom& random, unsigned length) {
  Bytes frame(length);
  fill(random, frame, 0);
  return frame;
}

/// A packet whose checksum the device has to insert; now and then any other place of the frame.
Bytes checksum_request(pcie::SeededRandom& random, const Machine& machine, Bytes& header) {
  PacketWish wish;
  wish.plain = random.below(4) != 0;
  wish.ipv6 = random.below(2) == 0;
  wish.layer4 = random.below(2) == 0 ? Layer4::udp : Layer4::tcp;
  wish.payload = frame_length(random, 0, machine.max_frame() - kMostHeaders);
  Packet packet = make_packet(random, wish);
  header[kFlags] = std::byte{NET_HDR_F_NEEDS_CSUM};
  std::size_t start = packet.transport_at;
  std::size_t offset = packet.checksum_offset();
  if (packet.layer4 != Layer4::other && wish.plain) {
    leave_checksum(packet);
  } else {
    start = between(random, kEthernetHeader - 2, static_cast<unsigned>(packet.bytes.size()) + 1);
    offset = random.below(packet.bytes.size() + 4 - std::min(start, packet.bytes.size()));
  }
  put_le(header, kChecksumStart, static_cast<std::uint32_t>(start));
  put_le(header, kChecksumOffset, static_cast<std::uint32_t>(offset));
  return std::move(packet.bytes);
}

/// A source to be cut into segments; now and then something about the request is wrong.
Bytes segment_request(pcie::SeededRandom& random, const Machine& machine, std::uint32_t kind, Bytes& header) {
  PacketWish wish;
  wish.plain = true;
  wish.layer4 = kind == NET_HDR_GSO_UDP_L4 ? Layer4::udp : Layer4::tcp;
  wish.ipv6 = kind == NET_HDR_GSO_TCPV6 || (kind == NET_HDR_GSO_UDP_L4 && random.below(2) == 0);
  wish.payload = between(random, 1, random.below(24) == 0 ? 60'000 : 3 * machine.mtu);
  Packet packet = make_packet(random, wish);
  leave_checksum(packet);
  const bool congestion = kind != NET_HDR_GSO_UDP_L4 && machine.takes(NET_F_HOST_ECN) && random.below(3) == 0;
  header[kFlags] = std::byte{NET_HDR_F_NEEDS_CSUM};
  header[kKind] = static_cast<std::byte>(kind | (congestion ? NET_HDR_GSO_ECN : 0U));
  put_le(header, kHeaderLength, static_cast<std::uint32_t>(packet.headers));
  const auto most = machine.max_frame() - static_cast<unsigned>(packet.headers);
  unsigned size = random.below(4) == 0 ? most : between(random, most / 4, most);
  std::size_t offset = packet.checksum_offset();
  switch (random.below(kOddities)) {
    case 0:
      size = 0;
      break;
    case 1:
      size = 2 * machine.max_frame();
      break;
    case 2:
      header[kFlags] = std::byte{0};
      break;
    case 3:
      offset += 2;
      break;
    case 4:
      header[kKind] = static_cast<std::byte>(between(random, 6, 0x7F));
      break;
    default:
      break;
  }
  put_le(header, kSegmentSize, size);
  put_le(header, kChecksumStart, static_cast<std::uint32_t>(packet.transport_at));
  put_le(header, kChecksumOffset, static_cast<std::uint32_t>(offset));
  return std::move(packet.bytes);
}

/// A MAC control frame (802.3, 31.4): pause for a moment, or something that does not exist.
void make_control(pcie::SeededRandom& random, Bytes& bytes) {
  constexpr std::uint64_t kAddress = 0x0100'00C2'8001;
  if (random.below(4) != 0) {
    for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::byte>((kAddress >> (8 * i)) & 0xFF);
  }
  const std::size_t opcode = random.below(3);
  const std::size_t quanta = random.below(40);
  const std::size_t content[] = {0x88, 0x08, 0, opcode, 0, quanta};
  for (std::size_t i = 0; i < 6; ++i) bytes[12 + i] = static_cast<std::byte>(content[i]);
}

Bytes plain_request(pcie::SeededRandom& random, const Machine& machine, Bytes& header) {
  unsigned length = frame_length(random, kEthernetHeader, machine.max_frame());
  const std::uint64_t oddity = random.below(kOddities);
  if (oddity == 0) length = static_cast<unsigned>(random.below(kEthernetHeader));
  if (oddity == 1) length = between(random, machine.longest() + 1, machine.longest() + 3000);
  // an offload that was not negotiated, or means nothing; bits and fields without meaning
  if (oddity == 2) header[kFlags] = std::byte{NET_HDR_F_NEEDS_CSUM};
  if (oddity == 3) header[kKind] = std::byte{NET_HDR_GSO_TCPV4};
  if (oddity == 4) header[kFlags] = std::byte{0xF8};
  if (oddity == 5) header[NET_HDR_NUM_BUFFERS] = std::byte{7};
  return random_frame(random, length);
}

}  // namespace

std::vector<std::uint32_t> receive_shape(pcie::SeededRandom& random, const Machine& machine) {
  const unsigned whole = machine.max_frame() + NET_HDR_HASH_BYTES + 4;
  const bool mergeable = machine.takes(NET_F_MRG_RXBUF);
  const bool small = mergeable ? random.below(2) == 0 : random.below(25) == 0;
  if (machine.large() && (!mergeable || machine.seed % 2 == 0)) {  // room for what is made of several
    return cut(random, between(random, whole, whole + (mergeable ? 600 : 14'000)), mergeable ? NET_HDR_HASH_BYTES : 1);
  }
  const unsigned total =
      small ? between(random, mergeable ? std::max(200U, whole / 8) : 80, whole) : between(random, whole, whole + 600);
  return cut(random, total, mergeable ? NET_HDR_HASH_BYTES : 1);
}

TransmitPlan transmit_plan(pcie::SeededRandom& random, const Machine& machine, unsigned pair) {
  Bytes header(machine.takes(NET_F_HASH_REPORT) ? NET_HDR_HASH_BYTES : NET_HDR_BYTES);
  std::vector<std::uint32_t> kinds;
  if (machine.takes(NET_F_HOST_TSO4)) kinds.push_back(NET_HDR_GSO_TCPV4);
  if (machine.takes(NET_F_HOST_TSO6)) kinds.push_back(NET_HDR_GSO_TCPV6);
  if (machine.takes(NET_F_HOST_USO)) kinds.push_back(NET_HDR_GSO_UDP_L4);
  Bytes frame;
  const std::uint64_t choice = random.below(4);
  if (choice == 0 && !kinds.empty()) {
    frame = segment_request(random, machine, kinds[random.below(kinds.size())], header);
  } else if (choice == 1 && machine.takes(NET_F_CSUM)) {
    frame = checksum_request(random, machine, header);
  } else {
    frame = plain_request(random, machine, header);
  }
  if (frame.size() > kSenderPlace) frame[kSenderPlace] = static_cast<std::byte>(pair);
  TransmitPlan plan{std::move(header), {}};
  plan.content.insert(plan.content.end(), frame.begin(), frame.end());
  plan.pieces = cut(random, static_cast<std::uint32_t>(plan.content.size()), 1);
  for (std::size_t i = 0; i < plan.pieces.size(); ++i) {  // a descriptor's length has 16 bits here
    while (plan.pieces[i] > 0xFFFF) {
      plan.pieces[i] -= 20'000;
      plan.pieces.push_back(20'000);
    }
  }
  return plan;
}

wire::Frame wire_frame(pcie::SeededRandom& random, const Machine& machine,
                       const std::vector<std::uint64_t>& addresses) {
  wire::Frame frame;
  const std::uint64_t oddity = random.below(kOddities);
  if (random.below(3) == 0 || oddity < 2) {
    unsigned length = frame_length(random, MIN_FRAME_NO_FCS, machine.max_frame());
    if (oddity == 0) length = between(random, 1, MIN_FRAME_NO_FCS - 1);
    if (oddity == 1) length = between(random, machine.longest() - 8, machine.longest() + 600);
    frame.bytes = random_frame(random, length);
  } else {
    PacketWish wish;
    wish.payload = frame_length(random, 0, machine.max_frame() - kMostWireHeaders);
    Packet packet = make_packet(random, wish);
    if (random.below(6) == 0) bend(random, packet);
    frame.bytes = std::move(packet.bytes);
    frame.bytes.resize(std::clamp<std::size_t>(frame.bytes.size(), MIN_FRAME_NO_FCS, machine.max_frame()));
  }
  const std::uint64_t destination = addresses[random.below(addresses.size())];
  for (std::size_t i = 0; i < 6 && i < frame.bytes.size(); ++i) {
    frame.bytes[i] = static_cast<std::byte>((destination >> (8 * i)) & 0xFF);
  }
  if (oddity == 7) make_control(random, frame.bytes);
  if (oddity == 2) frame.fault = wire::Fault::bad_fcs;
  if (oddity == 3) frame.fault = wire::Fault::bad_preamble;
  if (oddity == 4) frame.fault = wire::Fault::bad_sfd;
  if (oddity == 5) frame.fault = wire::Fault::error_control;
  if (oddity == 6) frame.fault = wire::Fault::truncated;
  return frame;
}

unsigned sender_of(const Bytes& frame) {
  return frame.size() > kSenderPlace ? std::to_integer<unsigned>(frame[kSenderPlace]) : 0;
}

}  // namespace sim::fuzz
