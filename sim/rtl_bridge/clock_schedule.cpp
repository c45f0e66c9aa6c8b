// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/clock_schedule.hpp"

#include <array>
#include <map>
#include <numeric>

#include "sim/pcie/user_error.hpp"

namespace sim::rtl_bridge {
namespace {

constexpr Picoseconds kLongest = 10'000'000;  // of the common period

struct Clock {
  Picoseconds period;
  Picoseconds phase;
  std::uint8_t bit;
};

void check(const Clock& clock) {
  if (clock.period < 2 || clock.phase < 0 || clock.phase >= clock.period) {
    throw UserError("clocks: a period must be at least 2 ps and a phase must lie inside its period");
  }
}

/// Whether a clock rises in both: it must fall between them.
bool needs_fall(std::uint8_t rises, std::uint8_t next_rises) {
  return (rises & next_rises) != 0;
}

}  // namespace

ClockSchedule make_schedule(const Clocks& clocks) {
  const std::array<Clock, 3> all = {{{clocks.core_period, clocks.core_phase, kCoreRises},
                                     {clocks.mac_period, clocks.mac_rx_phase, kMacRxRises},
                                     {clocks.mac_period, clocks.mac_tx_phase, kMacTxRises}}};
  for (const Clock& clock : all) check(clock);
  ClockSchedule schedule;
  schedule.period = std::lcm(clocks.core_period, clocks.mac_period);
  if (schedule.period > kLongest) {
    throw UserError("clocks: core and MAC period have no common multiple below 10 us; choose rounder periods");
  }

  std::map<Picoseconds, std::uint8_t> rises;
  for (const Clock& clock : all) {
    for (Picoseconds t = clock.phase; t < schedule.period; t += clock.period) {
      rises[t] = static_cast<std::uint8_t>(rises[t] | clock.bit);
    }
  }
  for (auto it = rises.begin(); it != rises.end(); ++it) {
    schedule.steps.push_back({it->first, it->second});
    const auto next = std::next(it);
    const bool wraps = next == rises.end();
    const auto& [next_time, next_rises] = wraps ? *rises.begin() : *next;
    if (!needs_fall(it->second, next_rises)) continue;
    const Picoseconds until = next_time + (wraps ? schedule.period : 0);
    const Picoseconds middle = it->first + (until - it->first) / 2;
    if (middle < schedule.period) {
      schedule.steps.push_back({middle, 0});
    } else {
      schedule.steps.insert(schedule.steps.begin(), {middle - schedule.period, 0});
    }
  }
  return schedule;
}

}  // namespace sim::rtl_bridge
