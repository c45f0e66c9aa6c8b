// SPDX-License-Identifier: Apache-2.0
// struct virtio_net_hdr (virtio 1.2 section 5.1.6): between bytes and what an skb knows
// (Linux: virtio_net_hdr_from_skb, virtio_net_hdr_to_skb).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "host/base/byte_order.hpp"
#include "host/base/result.hpp"
#include "host/driver/virtio_features.hpp"
#include "host/skb/skb.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace host::driver {

/// Byte layout:  0 flags   1 gso_type   2 hdr_len   4 gso_size   6 csum_start   8 csum_offset   10 num_buffers
///               12 hash_value   16 hash_report   18 reserved
struct NetHeader {
  static constexpr std::size_t kFlags = 0;
  static constexpr std::size_t kGsoType = 1;
  static constexpr std::size_t kHeaderLength = 2;
  static constexpr std::size_t kGsoSize = 4;
  static constexpr std::size_t kCsumStart = 6;
  static constexpr std::size_t kCsumOffset = 8;
  static constexpr std::size_t kHashValue = 12;
  static constexpr std::size_t kHashReport = 16;

  std::uint8_t flags = 0;
  std::uint8_t gso_type = 0;
  std::uint16_t header_length = 0;
  std::uint16_t gso_size = 0;
  std::uint16_t csum_start = 0;
  std::uint16_t csum_offset = 0;
  std::uint16_t num_buffers = 0;
  std::uint32_t hash_value = 0;
  std::uint16_t hash_report = 0;

  /// `bytes` holds 12, or 20 to have the hash too.
  [[nodiscard]] static NetHeader load(std::span<const std::byte> bytes) {
    NetHeader header{.flags = base::load_u8(bytes, kFlags),
                     .gso_type = base::load_u8(bytes, kGsoType),
                     .header_length = base::load_le16(bytes, kHeaderLength),
                     .gso_size = base::load_le16(bytes, kGsoSize),
                     .csum_start = base::load_le16(bytes, kCsumStart),
                     .csum_offset = base::load_le16(bytes, kCsumOffset),
                     .num_buffers = base::load_le16(bytes, contract::NET_HDR_NUM_BUFFERS)};
    if (bytes.size() >= contract::NET_HDR_HASH_BYTES) {
      header.hash_value = base::load_le32(bytes, kHashValue);
      header.hash_report = base::load_le16(bytes, kHashReport);
    }
    return header;
  }
  /// Fills all of `bytes` (12 or 20).
  void store(std::span<std::byte> bytes) const;
};

/// For a packet that leaves, data at the Ethernet header. invalid: it asks for a checksum outside itself, or for
/// segments that its headers do not allow.
[[nodiscard]] base::Result<NetHeader> header_from_skb(const skb::SkBuff& skb);

/// What the device says about a packet that came, data at the Ethernet header. What was not negotiated is not listened
/// to. invalid: the header contradicts the packet.
[[nodiscard]] base::Result<void> header_to_skb(const NetHeader& header, Features features, skb::SkBuff& skb);

}  // namespace host::driver
