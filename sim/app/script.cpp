// SPDX-License-Identifier: Apache-2.0
#include "sim/app/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <variant>

#include "host/console/command_line.hpp"
#include "sim/app/duration.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr Picoseconds kShortestInterval = 1'000'000;  // 1 us: a script is an administrator, no generator

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Takes the first word off the front.
std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find_first_of(kBlanks), text.size());
  const std::string_view word = text.substr(0, end);
  text = trimmed(text.substr(end));
  return word;
}

/// Throws UserError without the place.
ScriptLine parse_line(std::string_view text) {
  ScriptLine line;
  std::string_view rest = text;
  const std::string_view first = take_word(rest);
  if (first == "at" || first == "every") {
    line.when = first == "at" ? ScriptLine::When::at : ScriptLine::When::every;
    const std::string_view time = take_word(rest);
    if (rest.empty()) {
      throw UserError(fmt::format("'{}' wants a time and a command, like: {} 2ms cat /proc/interrupts", first, first));
    }
    line.time = parse_duration(std::string(time));
    if (line.when == ScriptLine::When::every && line.time < kShortestInterval) {
      throw UserError(fmt::format("every {} is too often; write 1us or more", time));
    }
    text = rest;
  }
  line.command = text;
  const auto parsed = host::console::parse_line(line.command);
  if (const auto* error = std::get_if<host::console::SyntaxError>(&parsed)) throw UserError(error->message);
  return line;
}

}  // namespace

std::vector<ScriptLine> parse_script(std::string_view text, const std::string& file) {
  std::vector<ScriptLine> lines;
  for (unsigned number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    try {
      lines.push_back(parse_line(line));
    } catch (const UserError& error) {
      throw UserError(fmt::format("{}:{}: {}", file, number, error.what()));
    }
  }
  return lines;
}

std::vector<ScriptLine> read_script(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw UserError(fmt::format("cannot read '{}': {}", file, std::strerror(errno)));
  std::string text;
  for (std::string line; std::getline(in, line);) text += line + '\n';
  if (in.bad()) throw UserError(fmt::format("cannot read '{}': it is no text file", file));
  return parse_script(text, file);
}

}  // namespace sim::app
