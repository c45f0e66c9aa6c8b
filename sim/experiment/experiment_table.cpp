// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/experiment_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sim::experiment {
namespace {

constexpr const char* kScales[] = {"linear", "log", "labels"};

std::vector<std::string> shown(const Experiment& experiment) {
  std::vector<std::string> names;
  for (const auto& panel : experiment.panels) {
    for (const auto& name : panel) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

/// Three digits that count.
std::string number(double value) {
  const double size = std::fabs(value);
  return fmt::format("{:.{}f}", value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

std::string setting(const Point& point) {
  return point.label.empty() ? fmt::format("{:g}", point.x) : point.label;
}

}  // namespace

void print_table(const Experiment& experiment, const std::vector<Point>& points, const std::vector<Outcome>& outcomes) {
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"", experiment.knob});
  rows.push_back({"", experiment.unit});
  for (const auto& name : shown(experiment)) {
    rows[0].emplace_back(name.substr(0, name.rfind('_')));
    rows[1].emplace_back(metric(name).unit);
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    rows.push_back({points[i].series, setting(points[i])});
    for (const auto& name : shown(experiment)) rows.back().push_back(number(outcomes[i].at(name)));
  }
  fmt::print("{}: {}\n", experiment.name, experiment.question);
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], row[column].size());
    }
  }
  for (const auto& row : rows) {
    std::string line = fmt::format("  {:<{}}", row[0], widths[0]);
    for (std::size_t column = 1; column < row.size(); ++column) {
      line += fmt::format("  {:>{}}", row[column], widths[column]);
    }
    fmt::print("{}\n", line);
  }
  fmt::print("\n");
}

nlohmann::ordered_json to_json(const Experiment& experiment, const std::vector<Point>& points,
                               const std::vector<Outcome>& outcomes) {
  nlohmann::ordered_json out;
  out["name"] = experiment.name;
  out["question"] = experiment.question;
  out["knob"] = {{"title", experiment.knob},
                 {"unit", experiment.unit},
                 {"scale", kScales[static_cast<std::size_t>(experiment.scale)]}};
  for (const auto& name : shown(experiment)) {
    out["metrics"][name] = {{"title", metric(name).title}, {"unit", metric(name).unit}};
  }
  out["panels"] = experiment.panels;
  for (std::size_t i = 0; i < points.size(); ++i) {
    nlohmann::ordered_json point = {{"series", points[i].series}, {"x", points[i].x}};
    if (!points[i].label.empty()) point["label"] = points[i].label;
    for (const auto& name : shown(experiment)) point["values"][name] = outcomes[i].at(name);
    out["points"].push_back(std::move(point));
  }
  return out;
}

}  // namespace sim::experiment
