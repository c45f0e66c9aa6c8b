// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071), incremental update (RFC 1624).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace host::base {

/// A one's-complement sum on its way to a checksum: 16-bit big-endian words, pieces of any length and
/// alignment, in order.
class ChecksumSum {
 public:
  void add(std::span<const std::byte> bytes);
  void add_be16(std::uint16_t word);
  void add_be32(std::uint32_t word);
  /// The sum folded to 16 bits, not complemented (what a checksum-offload field is pre-loaded with).
  [[nodiscard]] std::uint16_t folded() const;
  /// The value for the checksum field.
  [[nodiscard]] std::uint16_t checksum() const { return static_cast<std::uint16_t>(~folded()); }

 private:
  std::uint64_t sum_ = 0;
  bool odd_ = false;  // the next byte is the low half of a word
};

/// The checksum of `bytes`; 0 over data whose checksum field is filled in and right.
[[nodiscard]] std::uint16_t internet_checksum(std::span<const std::byte> bytes);

/// RFC 1624: the new checksum after one 16-bit word changed.
[[nodiscard]] std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t old_word, std::uint16_t new_word);

}  // namespace host::base
