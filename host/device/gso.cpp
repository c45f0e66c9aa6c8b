// SPDX-License-Identifier: Apache-2.0
// Segmentation in software: what a device with TSO or USO does, byte for byte.
#include "host/device/gso.hpp"

#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/device/flow_dissector.hpp"
#include "host/skb/pool.hpp"

namespace host::device {
namespace {

using base::Errno;
using skb::GsoType;

constexpr std::uint32_t kIpv4Length = 2;
constexpr std::uint32_t kIpv4Id = 4;
constexpr std::uint32_t kIpv4Checksum = 10;
constexpr std::uint32_t kIpv4Addresses = 12;
constexpr std::uint32_t kIpv6Length = 4;
constexpr std::uint32_t kIpv6Addresses = 8;
constexpr std::uint32_t kIpv6Bytes = 40;
constexpr std::uint32_t kTcpSequence = 4;
constexpr std::uint32_t kTcpOffset = 12;
constexpr std::uint32_t kTcpFlags = 13;
constexpr std::uint32_t kTcpChecksum = 16;
constexpr std::uint32_t kTcpBytes = 20;
constexpr std::uint32_t kUdpLength = 4;
constexpr std::uint32_t kUdpChecksum = 6;
constexpr std::uint32_t kUdpBytes = 8;
constexpr std::uint8_t kFinPsh = 0x09;
constexpr std::uint8_t kCwr = 0x80;

/// What segmentation has to know about a packet.
struct Plan {
  Network network = Network::none;
  std::uint32_t network_offset = 0;
  std::uint32_t transport_offset = 0;
  std::uint32_t header_bytes = 0;
  bool tcp = false;
};

Plan plan_of(const skb::SkBuff& skb) {
  const FlowKeys keys = dissect(skb);
  const bool udp = skb.gso_type == GsoType::udp_l4;
  const bool network_fits = udp || (skb.gso_type == GsoType::tcpv4 && keys.network == Network::ipv4) ||
                            (skb.gso_type == GsoType::tcpv6 && keys.network == Network::ipv6);
  const bool transport_fits = keys.protocol == (udp ? kProtocolUdp : kProtocolTcp) && keys.transport_offset != 0;
  if (keys.network == Network::none || !network_fits || !transport_fits) return {};
  std::uint32_t transport_bytes = kUdpBytes;
  if (!udp) {
    if (keys.transport_offset + kTcpBytes > keys.length) return {};
    transport_bytes = (base::load_u8(keys.bytes, keys.transport_offset + kTcpOffset) >> 4) * 4u;
    if (transport_bytes < kTcpBytes) return {};
  }
  const std::uint32_t header = keys.transport_offset + transport_bytes;
  if (header >= skb.len()) return {};
  return {keys.network, keys.network_offset, keys.transport_offset, header, !udp};
}

base::ChecksumSum pseudo_header(std::span<const std::byte> frame, const Plan& plan) {
  const bool v4 = plan.network == Network::ipv4;
  base::ChecksumSum sum;
  sum.add(frame.subspan(plan.network_offset + (v4 ? kIpv4Addresses : kIpv6Addresses), v4 ? 8 : 32));
  sum.add_be16(plan.tcp ? kProtocolTcp : kProtocolUdp);
  return sum;
}

void finish_network(std::span<std::byte> frame, const Plan& plan, std::uint32_t index) {
  const auto header = frame.subspan(plan.network_offset);
  if (plan.network == Network::ipv6) {
    base::store_be16(header, kIpv6Length, static_cast<std::uint16_t>(header.size() - kIpv6Bytes));
    return;
  }
  base::store_be16(header, kIpv4Length, static_cast<std::uint16_t>(header.size()));
  base::store_be16(header, kIpv4Id, static_cast<std::uint16_t>(base::load_be16(header, kIpv4Id) + index));
  base::store_be16(header, kIpv4Checksum, 0);
  const auto bytes = plan.transport_offset - plan.network_offset;
  base::store_be16(header, kIpv4Checksum, base::internet_checksum(header.first(bytes)));
}

void finish_transport(skb::SkBuff& skb, const Plan& plan, std::uint32_t done, bool last, GsoChecksum who) {
  const auto frame = skb.writable();
  const auto segment = frame.subspan(plan.transport_offset);
  const std::uint32_t field = plan.tcp ? kTcpChecksum : kUdpChecksum;
  if (plan.tcp) {
    base::store_be32(segment, kTcpSequence, base::load_be32(segment, kTcpSequence) + done);
    std::uint8_t flags = base::load_u8(segment, kTcpFlags);
    if (!last) flags &= static_cast<std::uint8_t>(~kFinPsh);
    if (done != 0) flags &= static_cast<std::uint8_t>(~kCwr);
    base::store_u8(segment, kTcpFlags, flags);
  } else {
    base::store_be16(segment, kUdpLength, static_cast<std::uint16_t>(segment.size()));
  }
  base::store_be16(segment, field, 0);
  base::ChecksumSum sum = pseudo_header(frame, plan);
  sum.add_be16(static_cast<std::uint16_t>(segment.size()));
  if (who == GsoChecksum::by_device) {
    base::store_be16(segment, field, sum.folded());
    skb.request_checksum(plan.transport_offset, static_cast<std::uint16_t>(field));
    return;
  }
  sum.add(segment);
  const std::uint16_t checksum = sum.checksum();
  base::store_be16(segment, field, checksum == 0 && !plan.tcp ? std::uint16_t{0xffff} : checksum);
}

/// Who the packet is for and about, for each of its frames.
void copy_metadata(const skb::SkBuff& from, skb::SkBuff& to) {
  to.dev = from.dev;
  to.protocol = from.protocol;
  to.packet_type = from.packet_type;
  to.hash = from.hash;
  to.hash_valid = from.hash_valid;
  to.rx_queue = from.rx_queue;
  to.mark = from.mark;
  to.priority = from.priority;
  to.timestamp = from.timestamp;
}

}  // namespace

bool device_segments(const TxOffloads& offloads, const skb::SkBuff& skb) {
  if (skb.ip_summed != skb::IpSummed::partial || !offloads.checksum) return false;
  if (skb.gso_type == GsoType::udp_l4) return offloads.uso;
  if (skb.gso_ecn && !offloads.tso_ecn) return false;
  if (skb.gso_type == GsoType::tcpv4) return offloads.tso4;
  return skb.gso_type == GsoType::tcpv6 && offloads.tso6;
}

std::uint32_t gso_header_bytes(const skb::SkBuff& skb) {
  return plan_of(skb).header_bytes;
}

base::Result<std::vector<skb::Skb>> gso_segment(const skb::SkBuff& skb, GsoChecksum checksum) {
  const Plan plan = plan_of(skb);
  if (plan.header_bytes == 0 || skb.gso_size == 0) return Errno::invalid;
  const std::uint32_t payload = skb.len() - plan.header_bytes;
  std::vector<skb::Skb> frames;
  for (std::uint32_t done = 0; done < payload; done += skb.gso_size) {
    const std::uint32_t count = std::min<std::uint32_t>(skb.gso_size, payload - done);
    skb::Skb frame = skb.pool().allocate(plan.header_bytes + count);
    if (!frame) return Errno::no_memory;
    const auto bytes = frame->put(plan.header_bytes + count);
    const bool copied = skb.copy_bits(0, bytes.first(plan.header_bytes)) &&
                        skb.copy_bits(plan.header_bytes + done, bytes.subspan(plan.header_bytes));
    INVARIANT(copied, "a packet is shorter than it says");
    finish_network(bytes, plan, static_cast<std::uint32_t>(frames.size()));
    finish_transport(*frame, plan, done, done + count == payload, checksum);
    copy_metadata(skb, *frame);
    frame->reset_mac_header();
    frames.push_back(std::move(frame));
  }
  return frames;
}

base::Result<void> gso_request_checksum(skb::SkBuff& skb) {
  const Plan plan = plan_of(skb);
  if (plan.header_bytes == 0 || plan.header_bytes > skb.headlen()) return Errno::invalid;
  const auto bytes = skb.writable();
  const std::uint32_t field = plan.tcp ? kTcpChecksum : kUdpChecksum;
  base::ChecksumSum sum = pseudo_header(bytes, plan);
  sum.add_be16(static_cast<std::uint16_t>(skb.len() - plan.transport_offset));
  base::store_be16(bytes, plan.transport_offset + field, sum.folded());
  skb.request_checksum(plan.transport_offset, static_cast<std::uint16_t>(field));
  return {};
}

}  // namespace host::device
