// SPDX-License-Identifier: Apache-2.0
// The one's complement sum of RFC 1071.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sim::nic_model {

class InternetChecksum {
 public:
  /// Adds bytes as 16-bit words in network order; an odd last byte counts as the upper half.
  void add(std::span<const std::byte> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto value = std::to_integer<std::uint64_t>(bytes[i]);
      sum_ += i % 2 == 0 ? value << 8 : value;
    }
  }
  void add(std::uint64_t word) { sum_ += word; }
  /// Not complemented; 0xFFFF over data that includes a right checksum.
  [[nodiscard]] std::uint16_t folded() const {
    std::uint64_t sum = sum_;
    while (sum > 0xFFFF) sum = (sum >> 16) + (sum & 0xFFFF);
    return static_cast<std::uint16_t>(sum);
  }
  [[nodiscard]] std::uint16_t checksum() const { return static_cast<std::uint16_t>(~folded()); }

 private:
  std::uint64_t sum_ = 0;
};

}  // namespace sim::nic_model
