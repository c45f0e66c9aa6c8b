// SPDX-License-Identifier: Apache-2.0
// The Internet checksum, summed in 16-bit big-endian words.
#include "host/base/checksum.hpp"

#include "host/base/invariant.hpp"

namespace host::base {
namespace {

std::uint16_t fold(std::uint64_t sum) {
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

void ChecksumSum::add(std::span<const std::byte> bytes) {
  std::size_t i = 0;
  if (odd_ && !bytes.empty()) {
    sum_ += static_cast<std::uint64_t>(bytes[0]);
    odd_ = false;
    i = 1;
  }
  for (; i + 1 < bytes.size(); i += 2) {
    sum_ += (static_cast<std::uint64_t>(bytes[i]) << 8) | static_cast<std::uint64_t>(bytes[i + 1]);
  }
  if (i < bytes.size()) {
    sum_ += static_cast<std::uint64_t>(bytes[i]) << 8;
    odd_ = true;
  }
}

void ChecksumSum::add_be16(std::uint16_t word) {
  INVARIANT(!odd_, "a word after an odd number of bytes");
  sum_ += word;
}

void ChecksumSum::add_be32(std::uint32_t word) {
  INVARIANT(!odd_, "a word after an odd number of bytes");
  sum_ += (word >> 16) + (word & 0xffff);
}

std::uint16_t ChecksumSum::folded() const { return fold(sum_); }

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
