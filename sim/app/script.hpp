// SPDX-License-Identifier: Apache-2.0
// What cosnic run --script reads: commands for the host's console, and when each is given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/pcie/ports.hpp"

namespace sim::app {

struct ScriptLine {
  enum class When : std::uint8_t { in_order, at, every };
  When when = When::in_order;
  Picoseconds time = 0;  ///< at: since the interface came up; every: the interval
  std::string command;
};

/// A line is a command for the console; with `at TIME` or `every TIME` in front it is given at that time, or again and
/// again. Blank lines and lines that begin with # are none. Throws UserError that names `file` and the line.
[[nodiscard]] std::vector<ScriptLine> parse_script(std::string_view text, const std::string& file);

/// The same of a file. Throws UserError when it cannot be read.
[[nodiscard]] std::vector<ScriptLine> read_script(const std::string& file);

}  // namespace sim::app
