// SPDX-License-Identifier: Apache-2.0
// The header's fields, checked against the packet that they speak of.
#include "host/driver/virtio_net_header.hpp"

#include <algorithm>

#include "host/device/gso.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {
namespace {

using base::Errno;
using skb::GsoType;
using skb::IpSummed;
using namespace contract;

constexpr std::size_t kChecksumBytes = 2;

std::uint8_t gso_code(GsoType type) {
  switch (type) {
    case GsoType::tcpv4:
      return NET_HDR_GSO_TCPV4;
    case GsoType::tcpv6:
      return NET_HDR_GSO_TCPV6;
    case GsoType::udp_l4:
      return NET_HDR_GSO_UDP_L4;
    case GsoType::none:
      break;
  }
  return NET_HDR_GSO_NONE;
}

/// none: not one that `features` allow to come.
GsoType gso_type(std::uint8_t code, Features features) {
  if (code == NET_HDR_GSO_TCPV4 && has_feature(features, NET_F_GUEST_TSO4)) return GsoType::tcpv4;
  if (code == NET_HDR_GSO_TCPV6 && has_feature(features, NET_F_GUEST_TSO6)) return GsoType::tcpv6;
  return GsoType::none;
}

base::Result<void> checksum_to_skb(const NetHeader& header, Features features, skb::SkBuff& skb) {
  if (!has_feature(features, NET_F_GUEST_CSUM)) return {};
  if ((header.flags & NET_HDR_F_NEEDS_CSUM) != 0) {
    const std::size_t end = std::size_t{header.csum_start} + header.csum_offset + kChecksumBytes;
    if (end > skb.headlen()) return Errno::invalid;
    skb.request_checksum(header.csum_start, header.csum_offset);
  } else if ((header.flags & NET_HDR_F_DATA_VALID) != 0) {
    skb.ip_summed = IpSummed::unnecessary;
  }
  return {};
}

base::Result<void> gso_to_skb(const NetHeader& header, Features features, skb::SkBuff& skb) {
  if (header.gso_type == NET_HDR_GSO_NONE) return {};
  const auto code = static_cast<std::uint8_t>(header.gso_type & ~NET_HDR_GSO_ECN);
  skb.gso_type = gso_type(code, features);
  skb.gso_ecn = (header.gso_type & NET_HDR_GSO_ECN) != 0;
  skb.gso_size = header.gso_size;
  const bool allowed = skb.gso_type != GsoType::none && skb.gso_size != 0;
  const std::uint32_t headers = allowed ? device::gso_header_bytes(skb) : 0;
  if (headers == 0 || (skb.gso_ecn && !has_feature(features, NET_F_GUEST_ECN))) return Errno::invalid;
  skb.gso_segs = static_cast<std::uint16_t>((skb.len() - headers + skb.gso_size - 1) / skb.gso_size);
  // A device that merged frames may leave the last one's checksum: nobody may take it for the whole's.
  if (skb.ip_summed != IpSummed::partial) return device::gso_request_checksum(skb);
  return {};
}

}  // namespace

void NetHeader::store(std::span<std::byte> bytes) const {
  std::ranges::fill(bytes, std::byte{0});
  base::store_u8(bytes, kFlags, flags);
  base::store_u8(bytes, kGsoType, gso_type);
  base::store_le16(bytes, kHeaderLength, header_length);
  base::store_le16(bytes, kGsoSize, gso_size);
  base::store_le16(bytes, kCsumStart, csum_start);
  base::store_le16(bytes, kCsumOffset, csum_offset);
  base::store_le16(bytes, NET_HDR_NUM_BUFFERS, num_buffers);
  if (bytes.size() < NET_HDR_HASH_BYTES) return;
  base::store_le32(bytes, kHashValue, hash_value);
  base::store_le16(bytes, kHashReport, hash_report);
}

base::Result<NetHeader> header_from_skb(const skb::SkBuff& skb) {
  NetHeader header;
  if (skb.ip_summed == IpSummed::partial) {
    const std::uint64_t start = skb.csum_start_from_data();
    if (start + skb.csum_offset + kChecksumBytes > skb.len()) return Errno::invalid;
    header.flags = NET_HDR_F_NEEDS_CSUM;
    header.csum_start = static_cast<std::uint16_t>(start);
    header.csum_offset = skb.csum_offset;
  }
  if (skb.is_gso()) {
    const std::uint32_t headers = device::gso_header_bytes(skb);
    if (headers == 0 || header.flags == 0) return Errno::invalid;
    header.gso_type = static_cast<std::uint8_t>(gso_code(skb.gso_type) | (skb.gso_ecn ? NET_HDR_GSO_ECN : 0));
    header.gso_size = skb.gso_size;
    header.header_length = static_cast<std::uint16_t>(headers);
  }
  return header;
}

base::Result<void> header_to_skb(const NetHeader& header, Features features, skb::SkBuff& skb) {
  if (const auto done = checksum_to_skb(header, features, skb); !done) return done;
  if (const auto done = gso_to_skb(header, features, skb); !done) return done;
  if (has_feature(features, NET_F_HASH_REPORT) && header.hash_report != HASH_NONE) {
    skb.hash = header.hash_value;
    skb.hash_valid = true;
  }
  return {};
}

}  // namespace host::driver
