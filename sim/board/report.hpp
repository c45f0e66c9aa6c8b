// SPDX-License-Identifier: Apache-2.0
// What a run counted, by layer, and whether the layers agree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/board/journey_recorder.hpp"
#include "sim/pcie/ports.hpp"

namespace sim::board {

/// The counters of one layer, in the order of a frame's journey.
struct CounterGroup {
  std::string name;
  std::vector<std::pair<std::string, std::uint64_t>> counters;
};

struct StageRow {
  std::string_view name;
  StageSummary receive;
  StageSummary transmit;
};

struct Report {
  Picoseconds simulated = 0;
  std::uint64_t core_cycles = 0;
  std::uint64_t seed = 0;
  double wall_seconds = 0;
  std::vector<CounterGroup> groups;
  std::vector<StageRow> stages;  ///< the last row is the total
  bool stages_reliable = true;
  /// What must never be: a broken rule of the RTL, of PCIe, of the IOMMU, or layers that do not add up.
  std::vector<std::string> violations;

  void add(std::string_view group, std::string_view counter, std::uint64_t value);
  /// 0 when there is no such counter.
  [[nodiscard]] std::uint64_t value(std::string_view group, std::string_view counter) const;
  /// Sum of the counters of `group` whose names begin so.
  [[nodiscard]] std::uint64_t sum(std::string_view group, std::string_view prefix) const;
  /// Notes a violation, "LEFT = a, RIGHT = b", unless a == b.
  void expect_equal(std::string_view left, std::uint64_t a, std::string_view right, std::uint64_t b);

  [[nodiscard]] double kcycles_per_second() const;
  /// The documented form of --stats.
  [[nodiscard]] std::string json() const;
};

}  // namespace sim::board
