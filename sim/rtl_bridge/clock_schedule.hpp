// SPDX-License-Identifier: Apache-2.0
// When to evaluate the model, so that every clock edge is seen with the fewest evaluations.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/rtl_bridge/nic_engine.hpp"

namespace sim::rtl_bridge {

/// One evaluation: these clocks rise in it, all others are low.
struct ClockStep {
  Picoseconds offset = 0;
  std::uint8_t rises = 0;
};

inline constexpr std::uint8_t kCoreRises = 1;
inline constexpr std::uint8_t kMacRxRises = 2;
inline constexpr std::uint8_t kMacTxRises = 4;

/// The steps of one hyperperiod; they repeat every `period`. A clock falls together with another's rise;
/// only where no other rises in between does a step with no rise stand.
struct ClockSchedule {
  std::vector<ClockStep> steps;
  Picoseconds period = 0;
};

/// Throws sim::UserError when the clocks have no common period of reasonable length.
[[nodiscard]] ClockSchedule make_schedule(const Clocks& clocks);

}  // namespace sim::rtl_bridge
