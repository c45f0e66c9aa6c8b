// SPDX-License-Identifier: Apache-2.0
// What a run tells at its end: frames by layer, every drop, interrupts, and the journey's stages.
#pragma once

#include "sim/board/report.hpp"

namespace sim::app {

/// To stdout.
void print_summary(const board::Report& report);

/// One line on stderr for each violation; 0 when there is none, else 1.
[[nodiscard]] int exit_status(const board::Report& report);

}  // namespace sim::app
