// SPDX-License-Identifier: Apache-2.0
// The cost table that a configuration asks for.
#pragma once

#include "host/kernel/cost.hpp"
#include "sim/board/config.hpp"

namespace sim::board {

/// The defaults or those of host.cost_file, and over them those of host.costs. Throws UserError.
[[nodiscard]] host::kernel::CostTable costs_of(const HostConfig& config);

}  // namespace sim::board
