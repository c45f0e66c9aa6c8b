// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/offload_tx.hpp"

#include <algorithm>

#include "rtl/contract/virtio_contract.hpp"
#include "sim/nic_model/internet_checksum.hpp"
#include "sim/nic_model/little_endian.hpp"
#include "sim/nic_model/model_config.hpp"
#include "sim/nic_model/packet.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;
using Bytes = std::vector<std::byte>;

constexpr std::size_t kAddresses = 12;
constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kMostHeaders = 256;  // in front of each segment
constexpr std::size_t kTcpSequence = 4;
constexpr std::size_t kTcpFlags = 13;
constexpr std::uint32_t kFin = 0x01;
constexpr std::uint32_t kPush = 0x08;
constexpr std::uint32_t kCongestionReduced = 0x80;
constexpr std::size_t kTcpChecksum = 16;
constexpr std::size_t kUdpChecksum = 6;

bool insert_checksum(Bytes& frame, std::size_t start, std::size_t offset) {
  const std::size_t place = start + offset;
  if (start < kEthernetHeader || place + 2 > frame.size()) return false;
  InternetChecksum sum;
  sum.add(FrameView(frame).subspan(start));
  std::uint16_t value = sum.checksum();
  // RFC 768: a computed zero is sent as all ones; nothing else may look like "no checksum"
  if (value == 0 && offset == kUdpChecksum) value = 0xFFFF;
  write_be(frame, place, 2, value);
  return true;
}

std::uint32_t protocol_of(Network network, const Packet& packet, std::uint8_t segmentation) {
  if (segmentation == NET_HDR_GSO_TCPV4) return network == Network::ipv4 && packet.transport == Transport::tcp;
  if (segmentation == NET_HDR_GSO_TCPV6) return network == Network::ipv6 && packet.transport == Transport::tcp;
  return segmentation == NET_HDR_GSO_UDP_L4 && packet.transport == Transport::udp;
}

/// The lengths in the headers of one segment, the IPv4 identification and the header's checksum.
void set_lengths(Bytes& frame, const Packet& packet, std::uint32_t number) {
  const std::size_t at = packet.network_at;
  const std::size_t total = frame.size() - at;
  if (packet.network == Network::ipv6) {
    write_be(frame, at + 4, 2, static_cast<std::uint32_t>(total - 40));
  } else {
    write_be(frame, at + 2, 2, static_cast<std::uint32_t>(total));
    write_be(frame, at + 4, 2, read_be(frame, at + 4, 2) + number);
    write_be(frame, at + 10, 2, 0);
    InternetChecksum sum;
    sum.add(FrameView(frame).subspan(at, packet.transport_at - at));
    write_be(frame, at + 10, 2, sum.checksum());
  }
  if (packet.transport == Transport::udp) {
    write_be(frame, packet.transport_at + 4, 2, static_cast<std::uint32_t>(frame.size() - packet.transport_at));
  }
}

void set_tcp(Bytes& frame, const Packet& packet, std::uint32_t done, bool first, bool last) {
  const std::size_t at = packet.transport_at;
  write_be(frame, at + kTcpSequence, 4, read_be(frame, at + kTcpSequence, 4) + done);
  std::uint32_t flags = read_be(frame, at + kTcpFlags, 1);
  if (!last) flags &= ~(kFin | kPush);
  if (!first) flags &= ~kCongestionReduced;  // RFC 3168: the reduction is told once
  write_be(frame, at + kTcpFlags, 1, flags);
}

/// The whole checksum of a segment, from its own pseudo-header.
void set_transport_checksum(Bytes& frame, Packet packet) {
  packet.end = frame.size();
  const bool udp = packet.transport == Transport::udp;
  const std::size_t place = packet.transport_at + (udp ? kUdpChecksum : kTcpChecksum);
  write_be(frame, place, 2, 0);
  auto value = static_cast<std::uint16_t>(~transport_sum(frame, packet));
  if (udp && value == 0) value = 0xFFFF;
  write_be(frame, place, 2, value);
}

}  // namespace

TransmitRequest TransmitRequest::parse(const Bytes& header) {
  TransmitRequest request;
  const auto kind = static_cast<std::uint32_t>(read_le(header, 1, 1));
  request.checksum = (read_le(header, 0, 1) & NET_HDR_F_NEEDS_CSUM) != 0;
  request.segmentation = static_cast<std::uint8_t>(kind & ~NET_HDR_GSO_ECN);
  request.ecn = (kind & NET_HDR_GSO_ECN) != 0;
  request.segment_size = static_cast<std::uint16_t>(read_le(header, 4, 2));
  request.checksum_start = static_cast<std::uint16_t>(read_le(header, 6, 2));
  request.checksum_offset = static_cast<std::uint16_t>(read_le(header, 8, 2));
  return request;
}

bool permitted(const TransmitRequest& request, std::uint64_t features) {
  if (request.checksum && !has(features, NET_F_CSUM)) return false;
  if (request.ecn && !has(features, NET_F_HOST_ECN)) return false;
  switch (request.segmentation) {
    case NET_HDR_GSO_NONE:
      return !request.ecn;
    case NET_HDR_GSO_TCPV4:
      return request.checksum && has(features, NET_F_HOST_TSO4);
    case NET_HDR_GSO_TCPV6:
      return request.checksum && has(features, NET_F_HOST_TSO6);
    case NET_HDR_GSO_UDP_L4:
      return request.checksum && has(features, NET_F_HOST_USO);
    default:
      return false;
  }
}

std::optional<std::vector<Bytes>> make_frames(Bytes frame, const TransmitRequest& request, std::size_t max_frame) {
  if (request.segmentation == NET_HDR_GSO_NONE) {
    const bool good = frame.size() <= max_frame &&
                      (!request.checksum || insert_checksum(frame, request.checksum_start, request.checksum_offset));
    if (!good) return std::nullopt;
    return std::vector<Bytes>{std::move(frame)};
  }
  const Packet packet = parse_packet(frame);
  if (request.segment_size == 0 || !protocol_of(packet.network, packet, request.segmentation)) return std::nullopt;
  if (request.checksum_start != packet.transport_at) return std::nullopt;
  const bool udp = packet.transport == Transport::udp;
  const std::size_t transport = udp ? kUdpHeader : 4 * (read_be(frame, packet.transport_at + 12, 1) >> 4);
  const std::size_t headers = packet.transport_at + transport;
  if (!udp && transport < kTcpHeader) return std::nullopt;
  if (headers > frame.size() || headers > kMostHeaders) return std::nullopt;
  if (request.checksum_offset != (udp ? kUdpChecksum : kTcpChecksum)) return std::nullopt;
  const std::size_t payload = frame.size() - headers;
  if (headers + std::min<std::size_t>(payload, request.segment_size) > max_frame) return std::nullopt;
  std::vector<Bytes> frames;
  std::size_t done = 0;
  do {
    const std::size_t size = std::min<std::size_t>(payload - done, request.segment_size);
    Bytes segment(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(headers));
    const auto from = frame.begin() + static_cast<std::ptrdiff_t>(headers + done);
    segment.insert(segment.end(), from, from + static_cast<std::ptrdiff_t>(size));
    set_lengths(segment, packet, static_cast<std::uint32_t>(frames.size()));
    if (!udp) set_tcp(segment, packet, static_cast<std::uint32_t>(done), done == 0, done + size == payload);
    set_transport_checksum(segment, packet);
    frames.push_back(std::move(segment));
    done += size;
  } while (done < payload);
  return frames;
}

Bytes with_vlan(const Bytes& frame, std::uint16_t tag) {
  Bytes tagged(frame.begin(), frame.begin() + kAddresses);
  tagged.resize(kAddresses + 4);
  write_be(tagged, kAddresses, 2, 0x8100);
  write_be(tagged, kAddresses + 2, 2, tag);
  tagged.insert(tagged.end(), frame.begin() + kAddresses, frame.end());
  return tagged;
}

}  // namespace sim::nic_model
