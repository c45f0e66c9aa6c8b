// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071), incremental update (RFC 1624).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "host/base/invariant.hpp"

namespace host::base {
namespace detail {

/// One's-complement sums (RFC 1071): carries come in again at the other end.
[[nodiscard]] constexpr std::uint64_t end_around(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  return sum + (sum < a ? 1 : 0);
}
/// To 16 bits.
[[nodiscard]] constexpr std::uint16_t fold(std::uint64_t sum) {
  const auto half = static_cast<std::uint32_t>((sum + std::rotl(sum, 32)) >> 32);
  return static_cast<std::uint16_t>((half + std::rotl(half, 16)) >> 16);
}
/// Of a multiple of four bytes, by vectors.
[[nodiscard]] std::uint64_t sum_many(const std::byte* bytes, std::size_t count);

/// The sum of the bytes' words in this machine's order; missing bytes at the end are zero.
[[nodiscard]] inline std::uint64_t native_sum(std::span<const std::byte> bytes) {
  constexpr std::size_t kMany = 256;
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t sum = 0;
  if (left >= kMany) {
    const std::size_t whole = left & ~std::size_t{63};
    sum = sum_many(at, whole);
    at += whole;
    left -= whole;
  }
  constexpr std::size_t kFour = 4 * sizeof(std::uint64_t);
  const auto add = [&]<typename Word>(Word word) {
    std::memcpy(&word, at, sizeof word);
    sum = end_around(sum, word);
    at += sizeof word;
  };
  for (; left >= kFour; left -= kFour) {
    add(std::uint64_t{});
    add(std::uint64_t{});
    add(std::uint64_t{});
    add(std::uint64_t{});
  }
  for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) add(std::uint64_t{});
  if ((left & sizeof(std::uint32_t)) != 0) add(std::uint32_t{});
  if ((left & sizeof(std::uint16_t)) != 0) add(std::uint16_t{});
  left &= 1;
  if (left != 0) sum = end_around(sum, std::bit_cast<std::uint16_t>(std::array<std::byte, 2>{*at}));
  return sum;
}

/// The same words as big-endian ones, folded: words may be summed in any order of their bytes (RFC 1071 section 2(B)).
[[nodiscard]] inline std::uint16_t word_sum(std::span<const std::byte> bytes) {
  const std::uint16_t folded = fold(native_sum(bytes));
  if constexpr (std::endian::native == std::endian::big) return folded;
  return static_cast<std::uint16_t>(folded << 8 | folded >> 8);
}

}  // namespace detail

/// A one's-complement sum on its way to a checksum: 16-bit big-endian words, pieces of any length and
/// alignment, in order.
class ChecksumSum {
 public:
  void add(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    if (odd_) {
      sum_ += static_cast<std::uint64_t>(bytes[0]);
      bytes = bytes.subspan(1);
    }
    sum_ += detail::word_sum(bytes);
    odd_ = bytes.size() % 2 == 1;
  }
  void add_be16(std::uint16_t word) {
    INVARIANT(!odd_, "a word after an odd number of bytes");
    sum_ += word;
  }
  void add_be32(std::uint32_t word) {
    INVARIANT(!odd_, "a word after an odd number of bytes");
    sum_ += (word >> 16) + (word & 0xffff);
  }
  /// The sum folded to 16 bits, not complemented (what a checksum-offload field is pre-loaded with).
  [[nodiscard]] std::uint16_t folded() const { return detail::fold(sum_); }
  /// The value for the checksum field.
  [[nodiscard]] std::uint16_t checksum() const { return static_cast<std::uint16_t>(~folded()); }

 private:
  std::uint64_t sum_ = 0;
  bool odd_ = false;  // the next byte is the low half of a word
};

/// The checksum of `bytes`; 0 over data whose checksum field is filled in and right.
[[nodiscard]] inline std::uint16_t internet_checksum(std::span<const std::byte> bytes) {
  return static_cast<std::uint16_t>(~detail::word_sum(bytes));
}

/// RFC 1624: the new checksum after one 16-bit word changed.
[[nodiscard]] std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t old_word, std::uint16_t new_word);

}  // namespace host::base
