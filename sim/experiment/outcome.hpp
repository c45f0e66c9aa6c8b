// SPDX-License-Identifier: Apache-2.0
// What a trial measured: numbers by name, each with its unit.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/board/board.hpp"
#include "sim/experiment/workers.hpp"

namespace sim::experiment {

struct Metric {
  std::string_view name;   ///< as JSON has it
  std::string_view title;  ///< as tables and pictures have it
  std::string_view unit;
};

/// X: every one that trials measure.
[[nodiscard]] const std::vector<Metric>& all_metrics();
/// A name that is none is a broken invariant.
[[nodiscard]] const Metric& metric(std::string_view name);

/// By metric's name.
using Outcome = std::map<std::string, double>;

/// Counters of the machine at one moment of the run.
class Reading {
 public:
  Reading(board::Board& board, const Workers& workers);

  /// What happened from `before` to this reading.
  [[nodiscard]] Outcome since(const Reading& before) const;

 private:
  /// Of all CPUs together: Linux's four busy states.
  std::int64_t irq_ = 0, softirq_ = 0, process_ = 0;
  Picoseconds at_ = 0;
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace sim::experiment
