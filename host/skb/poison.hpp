// SPDX-License-Identifier: Apache-2.0
// Memory that nobody owns has a pattern; who writes there, or frees twice, is found out (Linux: SLUB's debugging,
// mm/slub.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/skb/site.hpp"

namespace host::skb {

/// Of one host's pools. Off: it does nothing.
class Poison {
 public:
  static constexpr std::byte kFree{0x6b};  // POISON_FREE
  static constexpr std::byte kEnd{0xa5};   // POISON_END: the last byte
  static constexpr std::size_t kMostReports = 16;

  explicit Poison(bool on) : on_(on) {}

  [[nodiscard]] bool on() const { return on_; }
  /// The memory has been freed.
  void fill(std::span<std::byte> memory) const;
  /// It is about to be given out again, or to go: nobody may have written meanwhile. `what` names it, `last` is who
  /// had it before. The pattern is put right, so that one write is found once.
  void check(std::span<std::byte> memory, std::string_view what, Site last);
  void double_free(std::string_view what, Site site);

  [[nodiscard]] std::uint64_t overwritten() const { return overwritten_; }
  [[nodiscard]] std::uint64_t double_frees() const { return double_frees_; }
  /// A line for each of the first kMostReports finds.
  [[nodiscard]] const std::vector<std::string>& reports() const { return reports_; }

 private:
  void report(std::string line);

  bool on_;
  std::uint64_t overwritten_ = 0;
  std::uint64_t double_frees_ = 0;
  std::vector<std::string> reports_;
};

}  // namespace host::skb
