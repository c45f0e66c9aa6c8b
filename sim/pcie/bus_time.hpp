// SPDX-License-Identifier: Apache-2.0
// Time stamps that keep bus and CPUs apart: the bus acts on odd picoseconds, CPUs on whole nanoseconds.
//
// So nothing that the order of SystemC processes within one instant decides can reach a result, and runs
// are the same however far the NIC runs ahead.
#pragma once

#include <systemc>

#include "sim/pcie/ports.hpp"

namespace sim::pcie {

[[nodiscard]] constexpr Picoseconds bus_instant(Picoseconds at) {
  return at | 1;
}

[[nodiscard]] constexpr Picoseconds until_whole_nanosecond(Picoseconds now) {
  return (1000 - now % 1000) % 1000;
}

[[nodiscard]] inline Picoseconds now_ps() {
  return static_cast<Picoseconds>(sc_core::sc_time_stamp().value());
}

[[nodiscard]] inline sc_core::sc_time sc_ps(Picoseconds time) {
  return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(time));
}

}  // namespace sim::pcie
