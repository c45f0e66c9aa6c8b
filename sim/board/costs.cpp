// SPDX-License-Identifier: Apache-2.0
#include "sim/board/costs.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <string>

#include "host/kernel/cost_file.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::board {
namespace {

host::kernel::CostTable read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    throw UserError(fmt::format("cannot read the costs '{}'; is the name right?", path));
  }
  std::string problem;
  const auto costs = host::kernel::parse_costs(text.str(), path, problem);
  if (!costs) throw UserError(fmt::format("{}; host/kernel/costs.toml shows the form", problem));
  return costs->table;
}

}  // namespace

host::kernel::CostTable costs_of(const HostConfig& config) {
  auto costs = config.cost_file.empty() ? host::kernel::CostTable::typical() : read_file(config.cost_file);
  std::string culprit;
  if (!costs.load(config.costs, &culprit)) {
    throw UserError(fmt::format("host.costs: '{}' is no operation with a cost of 0 or more; known: {}", culprit,
                                fmt::join(host::kernel::kOpNames, ", ")));
  }
  return costs;
}

}  // namespace sim::board
