// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and the progress line.
#pragma once

#include <atomic>

#include "sim/board/scenario.hpp"

namespace sim::app {

/// True after SIGINT or SIGTERM; a second one ends the program at once.
[[nodiscard]] const std::atomic<bool>& interrupted();

/// From now on SIGINT sets this instead, any number of times: who is at a console gives up a command.
[[nodiscard]] std::atomic<bool>& console_interrupt();

/// Run options with the interrupt flag and, when stderr is a terminal, a progress line.
[[nodiscard]] board::RunOptions terminal_options(Picoseconds limit);
void end_progress();

}  // namespace sim::app
