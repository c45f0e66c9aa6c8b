// SPDX-License-Identifier: Apache-2.0
#include "sim/app/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 5> kUnits = {
    {{"ps", 1}, {"ns", 1e3}, {"us", 1e6}, {"ms", 1e9}, {"s", 1e12}}};
constexpr double kLongest = 9e18;  // of a signed 64-bit count of picoseconds: 104 days

}  // namespace

Picoseconds parse_duration(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string_view unit(end);
  for (const auto& [name, factor] : kUnits) {
    if (unit != name || end == text.c_str()) continue;
    const double picoseconds = number * factor;
    if (!(picoseconds >= 1) || picoseconds > kLongest) break;
    return static_cast<Picoseconds>(std::llround(picoseconds));
  }
  throw UserError(fmt::format("'{}' is not a time; write a positive number and ps, ns, us, ms or s, like 10ms", text));
}

std::string format_duration(Picoseconds time) {
  for (auto unit = kUnits.rbegin(); unit != kUnits.rend(); ++unit) {
    const double value = static_cast<double>(time) / unit->second;
    if (value >= 1) return fmt::format("{:.3f} {}", value, unit->first);
  }
  return fmt::format("{} ps", time);
}

}  // namespace sim::app
