// SPDX-License-Identifier: Apache-2.0
#include "host/console/tcpdump_options.hpp"

#include <fmt/format.h>

#include <charconv>

namespace host::console {
namespace {

constexpr std::string_view kUsage =
    "Usage: tcpdump [-DelnpqStvxX] [ -c count ] [ -i interface ] [ -Q in|out|inout ]\n"
    "\t\t[ -s snaplen ] [ -w file ] [ expression ]\n";
constexpr std::string_view kWithValue = "ciQsw";
constexpr std::uint32_t kLargestSnapshot = 262'144;

using Complaint = std::optional<std::string>;
using Time = capture::PrintOptions::Time;
using Dump = capture::PrintOptions::Dump;

template <typename Number>
bool read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Complaint take_value(char letter, const std::string& value, TcpdumpOptions& options) {
  if (letter == 'i') {
    options.device = value;
  } else if (letter == 'w') {
    options.file = value;
  } else if (letter == 'c') {
    std::uint64_t count = 0;
    if (!read(value, count) || count == 0) return fmt::format("tcpdump: invalid packet count {}\n", value);
    options.count = count;
  } else if (letter == 's') {
    std::uint32_t bytes = 0;
    if (!read(value, bytes) || bytes > kLargestSnapshot) return fmt::format("tcpdump: invalid snaplen {}\n", value);
    options.snapshot = bytes == 0 ? kLargestSnapshot : bytes;
  } else if (value == "in") {
    options.direction = TcpdumpOptions::Direction::in;
  } else if (value == "out") {
    options.direction = TcpdumpOptions::Direction::out;
  } else if (value != "inout") {
    return fmt::format("tcpdump: unknown capture direction `{}'\n", value);
  }
  return {};
}

/// False: nobody knows the letter.
bool take_flag(char letter, TcpdumpOptions& options, unsigned& times) {
  capture::PrintOptions& print = options.print;
  switch (letter) {
    case 'D':
      options.list = true;
      return true;
    case 'e':
      print.link_header = true;
      return true;
    case 'p':
      options.promiscuous = false;
      return true;
    case 'q':
      print.quiet = true;
      return true;
    case 'S':
      print.absolute_sequence = true;
      return true;
    case 't':
      ++times;
      return true;
    case 'v':
      ++print.verbose;
      return true;
    case 'x':
    case 'X':
      print.dump_link_header = print.dump != Dump::none;
      print.dump = letter == 'X' ? Dump::hex_and_text : Dump::hex;
      return true;
    case 'n':  // it never resolves
    case 'N':
    case 'l':  // it never buffers
    case 'U':
    case 'K':
      return true;
    default:
      return false;
  }
}

Time time_of(unsigned times) {
  switch (times) {
    case 0:
    case 4:  // with the date, which this host has not
      return Time::of_day;
    case 1:
      return Time::none;
    case 2:
      return Time::seconds;
    case 3:
      return Time::since_last;
    default:
      return Time::since_first;
  }
}

}  // namespace

std::variant<TcpdumpOptions, std::string> parse_tcpdump(const std::vector<std::string>& words) {
  TcpdumpOptions options;
  unsigned times = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word[0] != '-') {
      options.expression += (options.expression.empty() ? "" : " ") + word;
      continue;
    }
    for (std::size_t at = 1; at < word.size(); ++at) {
      const char letter = word[at];
      if (kWithValue.find(letter) == std::string_view::npos) {
        if (!take_flag(letter, options, times)) {
          return fmt::format("tcpdump: invalid option -- '{}'\n{}", letter, kUsage);
        }
        continue;
      }
      const bool joined = at + 1 < word.size();
      if (!joined && ++i == words.size()) {
        return fmt::format("tcpdump: option requires an argument -- '{}'\n{}", letter, kUsage);
      }
      if (auto wrong = take_value(letter, joined ? word.substr(at + 1) : words[i], options)) return *wrong;
      break;
    }
  }
  options.print.time = time_of(times);
  return options;
}

}  // namespace host::console
