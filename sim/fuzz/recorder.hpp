// SPDX-License-Identifier: Apache-2.0
// What a host and a wire saw of a NIC, in a form that does not depend on when it happened: one list for
// each queue and for each sender on the wire, and the counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace sim::fuzz {

class Recorder {
 public:
  void note(const std::string& list, std::string line) { lists_[list].push_back(std::move(line)); }
  [[nodiscard]] const std::map<std::string, std::vector<std::string>>& lists() const { return lists_; }
  [[nodiscard]] std::string text() const;

 private:
  std::map<std::string, std::vector<std::string>> lists_;
};

/// Length, hash and first bytes.
[[nodiscard]] std::string summary(std::span<const std::byte> bytes);

/// Empty, or the first difference of each list that differs.
[[nodiscard]] std::string compare(const Recorder& a, const std::string& a_name, const Recorder& b,
                                  const std::string& b_name);

}  // namespace sim::fuzz
