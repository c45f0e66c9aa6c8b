// SPDX-License-Identifier: Apache-2.0
// What a world's run comes to, for a reader: wires, hosts, programs, and where every frame ended.
#pragma once

#include <string>

#include "sim/board/report.hpp"

namespace sim::world {

class World;

[[nodiscard]] std::string summary(World& world, const board::Report& report);

}  // namespace sim::world
