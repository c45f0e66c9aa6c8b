// SPDX-License-Identifier: Apache-2.0
// What experiments found: a table for the terminal, and JSON for pictures and tests.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "sim/experiment/experiment.hpp"
#include "sim/experiment/outcome.hpp"

namespace sim::experiment {

/// Outcomes in the order of the points.
void print_table(const Experiment& experiment, const std::vector<Point>& points, const std::vector<Outcome>& outcomes);

/// {"name", "question", "knob": {"title", "unit", "scale"}, "metrics": {NAME: {"title", "unit"}}, "panels": [[NAME]],
/// "points": [{"series", "x", "label"?, "values": {NAME: number}}]}, of the metrics that the panels show.
[[nodiscard]] nlohmann::ordered_json to_json(const Experiment& experiment, const std::vector<Point>& points,
                                             const std::vector<Outcome>& outcomes);

}  // namespace sim::experiment
