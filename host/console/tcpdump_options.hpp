// SPDX-License-Identifier: Apache-2.0
// The words behind `tcpdump` (tcpdump(8)).
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/capture/frame_printer.hpp"

namespace host::console {

struct TcpdumpOptions {
  enum class Direction : std::uint8_t { both, in, out };

  std::string device = {};                  // -i; empty: the first that is up; any: all
  std::optional<std::uint64_t> count = {};  // -c
  std::string file = {};                    // -w
  std::uint32_t snapshot = 262'144;         // -s
  bool promiscuous = true;                  // not -p
  bool list = false;                        // -D
  Direction direction = Direction::both;    // -Q
  capture::PrintOptions print = {};
  std::string expression = {};
};

/// Or what tcpdump says to the words.
[[nodiscard]] std::variant<TcpdumpOptions, std::string> parse_tcpdump(const std::vector<std::string>& words);

}  // namespace host::console
