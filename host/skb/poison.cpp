// SPDX-License-Identifier: Apache-2.0
#include "host/skb/poison.hpp"

#include <algorithm>
#include <cstdio>

namespace host::skb {

std::string Site::text() const {
  if (file == nullptr) return "nowhere";
  std::string_view name = file;
  for (const std::string_view top : {"tests/", "host/", "sim/"}) {
    if (const auto at = name.find(top); at != std::string_view::npos) {
      name.remove_prefix(at);
      break;
    }
  }
  return std::string(name) + ":" + std::to_string(line);
}

void Poison::fill(std::span<std::byte> memory) const {
  if (!on_ || memory.empty()) return;
  std::ranges::fill(memory, kFree);
  memory.back() = kEnd;
}

void Poison::check(std::span<std::byte> memory, std::string_view what, Site last) {
  if (!on_ || memory.empty()) return;
  const auto body = memory.first(memory.size() - 1);
  auto wrong = std::ranges::find_if(body, [](std::byte byte) { return byte != kFree; });
  std::size_t at = static_cast<std::size_t>(wrong - body.begin());
  if (wrong == body.end() && memory.back() == kEnd) return;
  ++overwritten_;
  char byte[8];
  std::snprintf(byte, sizeof byte, "0x%02x", static_cast<unsigned>(memory[at]));
  report("Poison overwritten: " + std::string(what) + " at offset " + std::to_string(at) + " is " + byte +
         ", last allocated in " + last.text());
  fill(memory);
}

void Poison::double_free(std::string_view what, Site site) {
  ++double_frees_;
  report("Object already free: " + std::string(what) + ", allocated in " + site.text());
}

void Poison::report(std::string line) {
  if (reports_.size() < kMostReports) reports_.push_back(std::move(line));
}

}  // namespace host::skb
