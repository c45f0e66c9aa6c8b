// SPDX-License-Identifier: Apache-2.0
// CPU lists: numbers and ranges.
#include "host/kernel/cpu_list.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

namespace host::kernel {
namespace {

using base::Errno;

std::optional<unsigned> to_cpu(std::string_view digits) {
  unsigned cpu = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, cpu);
  if (error != std::errc() || stop != end) return std::nullopt;
  return cpu;
}

}  // namespace

CpuSet all_cpus(unsigned cpus) {
  CpuSet set(cpus);
  std::iota(set.begin(), set.end(), 0U);
  return set;
}

std::string cpu_list_text(const CpuSet& set) {
  std::string text;
  for (std::size_t first = 0; first < set.size();) {
    std::size_t last = first;
    while (last + 1 < set.size() && set[last + 1] == set[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(set[first]);
    if (last != first) text.append("-").append(std::to_string(set[last]));
    first = last + 1;
  }
  return text;
}

base::Result<CpuSet> parse_cpu_list(std::string_view text, unsigned cpus) {
  CpuSet set;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto dash = part.find('-');
    const auto first = to_cpu(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : to_cpu(part.substr(dash + 1));
    if (!first || !last || *first > *last) return Errno::invalid;
    if (*last >= cpus) return Errno::range;
    for (unsigned cpu = *first; cpu <= *last; ++cpu) set.push_back(cpu);
  }
  std::ranges::sort(set);
  set.erase(std::unique(set.begin(), set.end()), set.end());
  return set;
}

}  // namespace host::kernel
