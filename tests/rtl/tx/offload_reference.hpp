// SPDX-License-Identifier: Apache-2.0
// What the transmit offloads have to do, written from virtio 1.2 section 5.1.6.2 and the RFCs, not from the RTL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/rtl/mac/beats.hpp"

namespace tests::tx {

struct Offloads {
  bool csum = true, tso4 = true, tso6 = true, ecn = true, uso = true, hash_report = false;
  /// tx_pkg::features_t.
  [[nodiscard]] unsigned bits() const {
    return unsigned{hash_report} << 5 | unsigned{csum} << 4 | unsigned{tso4} << 3 | unsigned{tso6} << 2 |
           unsigned{ecn} << 1 | unsigned{uso};
  }
};

/// struct virtio_net_hdr_v1.
struct NetHeader {
  std::uint8_t flags = 0, gso_type = 0;
  std::uint16_t hdr_len = 0, gso_size = 0, csum_start = 0, csum_offset = 0, num_buffers = 0;
  [[nodiscard]] Bytes bytes() const;
};

/// The frames that leave for a frame with this header; nothing when it has to be dropped whole.
std::optional<std::vector<Bytes>> transmit(const NetHeader& header, const Bytes& frame, const Offloads& negotiated,
                                           std::size_t max_frame);

/// Where the layers of a frame start, read from the frame alone; nothing for a frame that is not IP with TCP or UDP.
struct Layers {
  bool v4 = false, tcp = false;
  std::size_t l3 = 0, l4 = 0, payload = 0;
};
std::optional<Layers> layers_of(const Bytes& frame);

/// The pseudo-header's sum (RFC 9293, 3.1; RFC 8200, 8.1) for `length` bytes of TCP or UDP, not complemented.
std::uint16_t pseudo_sum(const Bytes& frame, const Layers& layers, std::size_t length);
/// One's complement sum of bytes [from, to), folded.
std::uint16_t ones_sum(const Bytes& bytes, std::size_t from, std::size_t to, std::uint64_t start = 0);

/// What is wrong with a frame that leaves: lengths and checksums of IPv4, IPv6, TCP, UDP. Empty: nothing.
std::string complaint(const Bytes& frame);

std::uint16_t be16(const Bytes& bytes, std::size_t at);
void put_be16(Bytes& bytes, std::size_t at, std::size_t value);

}  // namespace tests::tx
