// SPDX-License-Identifier: Apache-2.0
// What the NIC finds out about a received frame: wanted or not, checksum, hash, queue (virtio 1.2, 5.1.6.4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "rtl/contract/control_contract.hpp"
#include "sim/nic_model/packet.hpp"
#include "sim/nic_model/toeplitz.hpp"

namespace sim::nic_model {

/// Which frames pass (5.1.6.5.1, 5.1.6.5.2).
struct ReceiveFilter {
  struct Address {
    bool valid = false;
    std::uint64_t value = 0;  ///< first byte in [7:0]
  };
  std::uint32_t mode = 1U << contract::RXF_MODE_PROMISC;  ///< bits RXF_MODE_*
  std::uint64_t own_address = 0;
  std::array<Address, contract::RXF_MAC_ENTRIES> addresses{};  ///< unicast and multicast besides
  std::set<std::uint16_t> vlans;

  [[nodiscard]] bool has(std::uint32_t bit) const { return ((mode >> bit) & 1) != 0; }
  [[nodiscard]] bool passes(FrameView frame, const Packet& packet) const;
};

/// Which queue pair a frame goes to (5.1.6.5.7); without a hash to `unclassified`.
struct ReceiveScaling {
  std::uint32_t hash_types = 0;  ///< bit HASH_* - 1
  RssKey key{};
  std::uint32_t mask = 0;
  std::array<std::uint8_t, 128> table{};
  unsigned unclassified = 0;
  std::uint32_t coalesce_usecs = 8;  ///< how long a segment may wait for the next one; 0: none does
  unsigned pairs = 1;                ///< that are active: a pair that is not counts as 0
};

/// What the virtio_net_hdr says of a frame that was several.
struct LargeFrame {
  std::uint8_t kind = 0;  ///< NET_HDR_GSO_*
  std::size_t headers = 0;
  std::size_t segment = 0;
  std::size_t checksum_start = 0;
  std::size_t checksum_offset = 0;
};

/// What goes into the virtio_net_hdr and decides on the queue.
struct ReceiveMeta {
  bool wanted = true;
  bool checksum_good = false;
  unsigned pair = 0;
  std::uint32_t hash = 0;
  std::uint16_t report = 0;  ///< HASH_*
  std::optional<LargeFrame> large;
};

[[nodiscard]] ReceiveMeta examine(FrameView frame, const ReceiveFilter& filter, const ReceiveScaling& scaling);

}  // namespace sim::nic_model
