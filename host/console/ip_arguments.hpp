// SPDX-License-Identifier: Apache-2.0
// The words behind `ip`, taken one by one, and how iproute2 complains of them (iproute2: lib/utils.c).
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>

#include "host/device/net_core.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::console {

/// iproute2's exit(): thrown by the parsers of `ip` alone, and caught in `ip` alone.
struct IpExit {
  int status;
  std::string message;  // for stderr, end of line included
};

inline constexpr int kIpUsage = 255;  // -1
inline constexpr int kIpWrong = 1;    // what ip sees itself
inline constexpr int kIpRefused = 2;  // what the kernel says

/// iproute2's matches(): a word may be shortened.
[[nodiscard]] inline bool matches(std::string_view word, std::string_view whole) {
  return !word.empty() && whole.starts_with(word);
}

class IpArguments {
 public:
  explicit IpArguments(std::span<const std::string> words) : words_(words) {}

  [[nodiscard]] bool done() const { return words_.empty(); }
  [[nodiscard]] std::span<const std::string> all() const { return words_; }
  [[nodiscard]] const std::string& word() const { return words_.front(); }
  /// The word, which is gone then.
  [[nodiscard]] const std::string& take();
  /// Past the word; there has to be another. Throws IpExit.
  const std::string& next();
  void skip() { words_ = words_.subspan(1); }

  /// The next word as what it has to be. Each throws IpExit.
  [[nodiscard]] std::uint32_t next_number(std::string_view complaint);
  [[nodiscard]] headers::Ipv4Address next_address();
  [[nodiscard]] device::NetDevice& next_device(device::NetCore& net);

 private:
  std::span<const std::string> words_;
};

/// "10.0.0.1", "10.0.0.1/24", "10/8", "default", "any". Throws IpExit.
[[nodiscard]] headers::Ipv4Prefix to_prefix(const std::string& word);
/// Throws IpExit.
[[nodiscard]] device::NetDevice& to_device(device::NetCore& net, const std::string& name);

/// Error: argument "x" is wrong: COMPLAINT
[[nodiscard]] IpExit wrong_argument(std::string_view complaint, std::string_view argument);
/// Error: either "dev" is duplicate, or "x" is a garbage.
[[nodiscard]] IpExit duplicate_or_garbage(std::string_view key, std::string_view argument);
/// Command "x" is unknown, try "ip OBJECT help".
[[nodiscard]] IpExit unknown_command(std::string_view object, std::string_view command);
[[nodiscard]] IpExit missing_device(int status);
/// RTNETLINK answers: File exists
[[nodiscard]] IpExit refused(base::Errno error);
/// Error: ipv4: Address already assigned. (The kernel's own words, where it has some.)
[[nodiscard]] IpExit refused(std::string_view kernels_words);

}  // namespace host::console
