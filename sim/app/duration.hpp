// SPDX-License-Identifier: Apache-2.0
// Simulated durations as a user writes them: 10ms, 2s, 1.5us.
#pragma once

#include <string>

#include "sim/pcie/ports.hpp"

namespace sim::app {

/// Throws UserError for anything but a positive number and one of ps, ns, us, ms, s.
[[nodiscard]] Picoseconds parse_duration(const std::string& text);

/// With three digits and the unit that suits.
[[nodiscard]] std::string format_duration(Picoseconds time);

}  // namespace sim::app
