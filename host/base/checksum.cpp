// SPDX-License-Identifier: Apache-2.0
// The Internet checksum, summed four bytes at a time (Linux: csum_partial, csum_fold).
#include "host/base/checksum.hpp"

#include <bit>
#include <cstring>

#include "host/base/invariant.hpp"

namespace host::base {
namespace {

std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & 0xffff'ffff) + (sum >> 32);
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

/// Words of 32 bits in this machine's order, fewer than 2^32 of them: no carry to wait for, so that compilers make
/// vectors of it.
[[gnu::always_inline]] inline std::uint64_t sum_words(const std::byte* bytes, std::size_t words) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes + i * sizeof word, sizeof word);
    sum += word;
  }
  return sum;
}

#if defined(__x86_64__) && !defined(__AVX2__)
[[gnu::target("avx2")]] std::uint64_t sum_words_avx2(const std::byte* bytes, std::size_t words) {
  return sum_words(bytes, words);
}
#endif

constexpr std::size_t kManyWords = 64;

std::uint64_t sum_many(const std::byte* bytes, std::size_t words) {
#if defined(__x86_64__) && !defined(__AVX2__)
  if (__builtin_cpu_supports("avx2")) return sum_words_avx2(bytes, words);
#endif
  return sum_words(bytes, words);
}

std::uint64_t sum_few(const std::byte* bytes, std::size_t words) {
  std::uint64_t sum = 0;
  for (; words >= 2; words -= 2, bytes += 8) {
    std::uint64_t two = 0;
    std::memcpy(&two, bytes, sizeof two);
    sum += (two >> 32) + (two & 0xffff'ffff);
  }
  if (words == 0) return sum;
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return sum + word;
}

/// The folded sum of the bytes' big-endian words; the last byte of an odd number is a high half. The
/// words may be summed in this machine's order and swapped afterwards (RFC 1071 section 2(B)).
std::uint16_t word_sum(std::span<const std::byte> bytes) {
  const std::size_t words = bytes.size() / sizeof(std::uint32_t);
  const std::size_t rest = bytes.size() % sizeof(std::uint32_t);
  std::uint64_t sum = words >= kManyWords ? sum_many(bytes.data(), words) : sum_few(bytes.data(), words);
  if (rest != 0) {
    std::uint32_t tail = 0;
    std::memcpy(&tail, bytes.data() + words * sizeof tail, rest);
    sum += tail;
  }
  const std::uint16_t folded = fold(sum);
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
