// SPDX-License-Identifier: Apache-2.0
// Reads every counter of a board and compares what the layers say.
#pragma once

#include "sim/board/report.hpp"

namespace sim::board {

class Board;

/// From an SC_THREAD, when all is quiet: the NIC's counters are read through its BAR.
void collect_statistics(Board& board, Report& report);

/// After the interface was closed: nothing may be left over.
void check_after_close(Board& board, Report& report);

}  // namespace sim::board
