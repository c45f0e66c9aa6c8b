// SPDX-License-Identifier: Apache-2.0
// The Internet checksum, summed eight bytes at a time (Linux: csum_partial, csum_fold).
#include "host/base/checksum.hpp"

#include <bit>
#include <cstring>

#include "host/base/invariant.hpp"

namespace host::base {
namespace {

std::uint16_t fold(std::uint64_t sum) {
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

/// One's complement addition: the carry comes back in at the bottom.
std::uint64_t add_with_carry(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  return sum + (sum < a ? 1u : 0u);
}

/// The folded sum of the bytes' big-endian words; the last byte of an odd number is a high half. The
/// words may be summed in this machine's order and swapped afterwards (RFC 1071 section 2(B)).
std::uint16_t word_sum(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0;
  for (; bytes.size() >= sizeof sum; bytes = bytes.subspan(sizeof sum)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), sizeof eight);
    sum = add_with_carry(sum, eight);
  }
  std::uint64_t tail = 0;
  if (!bytes.empty()) std::memcpy(&tail, bytes.data(), bytes.size());
  const std::uint16_t folded = fold(add_with_carry(sum, tail));
  if constexpr (std::endian::native == std::endian::big) return folded;
  return static_cast<std::uint16_t>(folded << 8 | folded >> 8);
}

}  // namespace

void ChecksumSum::add(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  if (odd_) {
    sum_ += static_cast<std::uint64_t>(bytes[0]);
    bytes = bytes.subspan(1);
  }
  sum_ += word_sum(bytes);
  odd_ = bytes.size() % 2 == 1;
}

void ChecksumSum::add_be16(std::uint16_t word) {
  INVARIANT(!odd_, "a word after an odd number of bytes");
  sum_ += word;
}

void ChecksumSum::add_be32(std::uint32_t word) {
  INVARIANT(!odd_, "a word after an odd number of bytes");
  sum_ += (word >> 16) + (word & 0xffff);
}

std::uint16_t ChecksumSum::folded() const {
  return fold(sum_);
}

std::uint16_t internet_checksum(std::span<const std::byte> bytes) {
  ChecksumSum sum;
  sum.add(bytes);
  return sum.checksum();
}

std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t old_word, std::uint16_t new_word) {
  const std::uint64_t sum = static_cast<std::uint64_t>(static_cast<std::uint16_t>(~checksum)) +
                            static_cast<std::uint16_t>(~old_word) + new_word;
  return static_cast<std::uint16_t>(~fold(sum));
}

}  // namespace host::base
