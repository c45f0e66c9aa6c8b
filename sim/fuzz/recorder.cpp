// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace sim::fuzz {
namespace {

constexpr std::uint64_t kHashBegin = 0xCBF2'9CE4'8422'2325U;
constexpr std::uint64_t kHashStep = 0x100'0000'01B3U;
constexpr std::size_t kShown = 40;

const std::vector<std::string>& list_of(const Recorder& recorder, const std::string& name) {
  static const std::vector<std::string> kNone;
  const auto found = recorder.lists().find(name);
  return found == recorder.lists().end() ? kNone : found->second;
}

}  // namespace

std::string Recorder::text() const {
  std::string text;
  for (const auto& [name, lines] : lists_) {
    text += name + ":\n";
    for (const std::string& line : lines) text += "  " + line + "\n";
  }
  return text;
}

std::string summary(std::span<const std::byte> bytes) {
  std::uint64_t hash = kHashBegin;
  for (const std::byte byte : bytes) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * kHashStep;
  std::string text = fmt::format("{} bytes {:016x} ", bytes.size(), hash);
  for (std::size_t i = 0; i < std::min(kShown, bytes.size()); ++i) {
    fmt::format_to(std::back_inserter(text), "{:02x}", std::to_integer<unsigned>(bytes[i]));
  }
  return text;
}

std::string compare(const Recorder& a, const std::string& a_name, const Recorder& b, const std::string& b_name) {
  std::set<std::string> names;
  for (const auto& [name, lines] : a.lists()) names.insert(name);
  for (const auto& [name, lines] : b.lists()) names.insert(name);
  std::string text;
  for (const std::string& name : names) {
    const auto& left = list_of(a, name);
    const auto& right = list_of(b, name);
    const auto [l, r] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (l == left.end() && r == right.end()) continue;
    fmt::format_to(std::back_inserter(text), "{}, entry {} of {} and {}:\n  {}: {}\n  {}: {}\n", name, l - left.begin(),
                   left.size(), right.size(), a_name, l == left.end() ? "nothing" : *l, b_name,
                   r == right.end() ? "nothing" : *r);
  }
  return text;
}

}  // namespace sim::fuzz
