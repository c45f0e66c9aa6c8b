// SPDX-License-Identifier: Apache-2.0
// The internet checksum (RFC 1071), summed eight bytes at a time (Linux: csum_partial, csum_fold).
#include "host/headers/checksum.hpp"

#include <bit>
#include <cstring>

namespace host::headers {
namespace {

/// One's complement addition: the carry comes back in at the bottom.
std::uint64_t add_with_carry(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  return sum + (sum < a ? 1U : 0U);
}

std::uint16_t fold(std::uint64_t sum) {
  sum = (sum >> 32) + (sum & 0xffff'ffff);
  sum = (sum >> 32) + (sum & 0xffff'ffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(sum);
}

std::uint16_t swap(std::uint16_t value) {
  return static_cast<std::uint16_t>(value << 8 | value >> 8);
}

/// The sum of the piece's words in this machine's byte order: RFC 1071 section 2(B) says that the
/// byte order of the sum is that of the words.
std::uint16_t native_sum(Bytes piece) {
  std::uint64_t sum = 0;
  while (piece.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, piece.data(), sizeof word);
    sum = add_with_carry(sum, word);
    piece = piece.subspan(sizeof word);
  }
  std::uint64_t tail = 0;
  if (!piece.empty()) {
    std::memcpy(&tail, piece.data(), piece.size());
  }
  return fold(add_with_carry(sum, tail));
}

}  // namespace

InternetChecksum& InternetChecksum::add(Bytes piece) {
  std::uint16_t sum = native_sum(piece);
  if constexpr (std::endian::native == std::endian::little) {
    sum = swap(sum);
  }
  sum_ += odd_ ? swap(sum) : sum;
  odd_ = odd_ != (piece.size() % 2 == 1);
  return *this;
}

InternetChecksum& InternetChecksum::add_be16(std::uint16_t value) {
  sum_ += odd_ ? swap(value) : value;
  return *this;
}

InternetChecksum& InternetChecksum::add_be32(std::uint32_t value) {
  return add_be16(static_cast<std::uint16_t>(value >> 16)).add_be16(static_cast<std::uint16_t>(value & 0xffff));
}

std::uint16_t InternetChecksum::finish() const {
  return static_cast<std::uint16_t>(~fold(sum_));
}

std::uint16_t internet_checksum(Bytes bytes) {
  return InternetChecksum{}.add(bytes).finish();
}

InternetChecksum pseudo_header(Ipv4Address source, Ipv4Address destination, std::uint8_t protocol,
                               std::uint16_t length) {
  return InternetChecksum{}.add_be32(source.value).add_be32(destination.value).add_be16(protocol).add_be16(length);
}

}  // namespace host::headers
