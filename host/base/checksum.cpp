// SPDX-License-Identifier: Apache-2.0
// The Internet checksum of long pieces, by vectors (Linux: csum_partial).
#include "host/base/checksum.hpp"

namespace host::base {
namespace detail {
namespace {

/// Words of 32 bits, fewer than 2^32 of them: no carry to wait for, so that compilers make vectors of it.
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

}  // namespace

std::uint64_t sum_many(const std::byte* bytes, std::size_t count) {
  const std::size_t words = count / sizeof(std::uint32_t);
#if defined(__x86_64__) && !defined(__AVX2__)
  if (__builtin_cpu_supports("avx2")) return sum_words_avx2(bytes, words);
#endif
  return sum_words(bytes, words);
}

}  // namespace detail

std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t old_word, std::uint16_t new_word) {
  const std::uint64_t sum = static_cast<std::uint64_t>(static_cast<std::uint16_t>(~checksum)) +
                            static_cast<std::uint16_t>(~old_word) + new_word;
  return static_cast<std::uint16_t>(~detail::fold(sum));
}

}  // namespace host::base
