// SPDX-License-Identifier: Apache-2.0
// What the driver asks the NIC to do to a frame: insert a checksum, cut it into segments (virtio 1.2, 5.1.6.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sim::nic_model {

/// virtio_net_hdr, the fields that mean something to a transmitter.
struct TransmitRequest {
  bool checksum = false;
  std::uint8_t segmentation = 0;  ///< NET_HDR_GSO_*, without the ECN bit
  bool ecn = false;
  std::uint16_t segment_size = 0;
  std::uint16_t checksum_start = 0;
  std::uint16_t checksum_offset = 0;

  [[nodiscard]] static TransmitRequest parse(const std::vector<std::byte>& header);
};

/// What was negotiated allows it.
[[nodiscard]] bool permitted(const TransmitRequest& request, std::uint64_t features);

/// The frames that leave, in order; nothing when the request makes no sense for this frame, or a frame
/// would be longer than `max_frame`.
[[nodiscard]] std::optional<std::vector<std::vector<std::byte>>> make_frames(std::vector<std::byte> frame,
                                                                             const TransmitRequest& request,
                                                                             std::size_t max_frame);

/// Puts an 802.1Q tag behind the addresses.
[[nodiscard]] std::vector<std::byte> with_vlan(const std::vector<std::byte>& frame, std::uint16_t tag);

}  // namespace sim::nic_model
