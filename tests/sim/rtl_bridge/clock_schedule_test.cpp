// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/clock_schedule.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "sim/pcie/user_error.hpp"

using namespace sim::rtl_bridge;
using sim::Picoseconds;

namespace {

/// Every clock rises exactly when it should, and is low in some evaluation between two rises.
void check_edges(const Clocks& clocks) {
  const ClockSchedule schedule = make_schedule(clocks);
  const std::array<Picoseconds, 3> periods{clocks.core_period, clocks.mac_period, clocks.mac_period};
  const std::array<Picoseconds, 3> phases{clocks.core_phase, clocks.mac_rx_phase, clocks.mac_tx_phase};
  std::array<Picoseconds, 3> next = phases;
  std::array<bool, 3> high{};
  Picoseconds last = -1;
  for (int round = 0; round < 3; ++round) {
    for (const ClockStep& step : schedule.steps) {
      const Picoseconds now = round * schedule.period + step.offset;
      REQUIRE(now > last);
      last = now;
      for (unsigned clock = 0; clock < 3; ++clock) {
        const bool rises = ((step.rises >> clock) & 1) != 0;
        REQUIRE(rises == (now == next[clock]));
        if (rises) {
          REQUIRE_FALSE(high[clock]);
          next[clock] += periods[clock];
        }
        high[clock] = rises;
      }
    }
  }
  for (const Picoseconds time : next) REQUIRE(time >= 3 * schedule.period);
}

}  // namespace

TEST_CASE("Every edge is evaluated once, with a low before it", "[clocks]") {
  check_edges({});
  check_edges(tied_clocks());
  check_edges({4000, 6400, 3999, 0, 6399});
  check_edges({6400, 6400, 0, 0, 3200});
  check_edges({16'000, 6400, 0, 100, 200});
  check_edges({2500, 6400, 7, 7, 7});
}

TEST_CASE("The default phases need no evaluation for a falling edge alone", "[clocks]") {
  const ClockSchedule schedule = make_schedule({});
  CHECK(schedule.period == 32'000);
  CHECK(schedule.steps.size() == 8 + 5 + 5);
  CHECK(make_schedule(tied_clocks()).steps.size() == 2);
}

TEST_CASE("Clocks without a common period are refused", "[clocks]") {
  CHECK_THROWS_AS(make_schedule({3999, 6401, 0, 0, 0}), sim::UserError);
  CHECK_THROWS_AS(make_schedule({0, 6400, 0, 0, 0}), sim::UserError);
  CHECK_THROWS_AS(make_schedule({4000, 6400, 4000, 0, 0}), sim::UserError);
}
