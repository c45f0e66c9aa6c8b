// SPDX-License-Identifier: Apache-2.0
// CPU masks: hexadecimal, 32 CPUs a group, the highest first.
#include "host/kernel/cpu_mask.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace host::kernel {
namespace {

using base::Errno;

constexpr unsigned kGroupBits = 32;
constexpr std::size_t kGroupDigits = 8;
constexpr unsigned kDigitBits = 4;
constexpr int kHexadecimal = 16;
constexpr std::string_view kBlanks = " \t\n";

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

base::Result<std::uint32_t> parse_group(std::string_view digits) {
  if (digits.size() > kGroupDigits) return Errno::overflow;
  std::uint32_t bits = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, bits, kHexadecimal);
  if (error != std::errc() || stop != end) return Errno::invalid;
  return bits;
}

}  // namespace

std::string cpu_mask_text(const CpuSet& set, unsigned cpus) {
  std::string text;
  const unsigned digits = (cpus + kDigitBits - 1) / kDigitBits;
  for (unsigned digit = digits; digit-- > 0;) {
    unsigned value = 0;
    for (unsigned bit = 0; bit < kDigitBits; ++bit) {
      if (std::ranges::binary_search(set, digit * kDigitBits + bit)) value |= 1u << bit;
    }
    text += "0123456789abcdef"[value];
    if (digit != 0 && digit % kGroupDigits == 0) text += ',';
  }
  return text;
}

base::Result<CpuSet> parse_cpu_mask(std::string_view text, unsigned cpus) {
  CpuSet set;
  std::string_view rest = without_blanks(text);
  for (unsigned first = 0;; first += kGroupBits) {  // from the last group on
    const auto comma = rest.rfind(',');
    const auto group = parse_group(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
    if (!group) return group.error();
    for (unsigned bit = 0; bit < kGroupBits; ++bit) {
      if ((*group >> bit & 1u) == 0) continue;
      if (first + bit >= cpus) return Errno::overflow;
      set.push_back(first + bit);
    }
    if (comma == std::string_view::npos) return set;
    rest = rest.substr(0, comma);
  }
}

}  // namespace host::kernel
