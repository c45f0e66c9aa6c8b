// SPDX-License-Identifier: Apache-2.0
// Frames of chosen lengths that carry their number in their last bytes, so that each can be timed wherever it is seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sim::app {

class NumberedFrames {
 public:
  /// `length` on the wire, FCS included, 64 and more; 0: seven of 64, four of 594, one of 1518, over and over.
  explicit NumberedFrames(unsigned length) : length_(length) {}

  /// Without FCS: broadcast, IPv4, UDP between ports that change from frame to frame.
  [[nodiscard]] std::vector<std::byte> next();
  [[nodiscard]] std::uint32_t made() const { return number_; }

 private:
  [[nodiscard]] std::size_t bytes() const;

  unsigned length_;
  std::uint32_t number_ = 0;
};

/// The number of the frame that ends where `bytes` end; nothing when none does.
[[nodiscard]] std::optional<std::uint32_t> number_at_end(std::span<const std::byte> bytes);

}  // namespace sim::app
