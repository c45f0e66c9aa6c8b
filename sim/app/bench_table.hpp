// SPDX-License-Identifier: Apache-2.0
// The one form in which every bench verb tells its figures: a table, and the same as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sim::app {

struct BenchRow {
  std::string name;  ///< "case" in the JSON
  std::string metric;
  double value = 0;
  std::string unit;
  std::optional<std::string> limit;  ///< what keeps it from being more
  std::optional<std::string> peer;   ///< what it is compared with, in the same run
  std::optional<double> peer_value;

  [[nodiscard]] std::optional<double> ratio() const;  ///< ours over the peer's
};

struct BenchTable {
  std::string bench;
  std::vector<BenchRow> rows;

  /// To stdout.
  void print() const;
  /// The form that README.md documents.
  [[nodiscard]] std::string json() const;
};

}  // namespace sim::app
