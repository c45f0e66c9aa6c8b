// SPDX-License-Identifier: Apache-2.0
// There are no signals: the command knows when its time is over, and ends as at Ctrl-C.
#include "host/console/timeout_command.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "host/console/console.hpp"

namespace host::console {
namespace {

using kernel::Task;
using platform::Nanoseconds;

constexpr int kTimedOut = 124;
constexpr int kWrong = 125;
constexpr double kLongest = 1e6;  // seconds

/// 5, 0.005, 5s, 1m; and beyond coreutils 5ms, 200us.
std::optional<Nanoseconds> parse_duration(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || !(number >= 0)) return {};
  const double scale = unit.empty() || unit == "s" ? 1
                       : unit == "ms"              ? 1e-3
                       : unit == "us"              ? 1e-6
                       : unit == "m"               ? 60
                       : unit == "h"               ? 3600
                                                   : 0;
  if (scale == 0 || number * scale > kLongest) return {};
  return std::llround(number * scale * 1e9);
}

}  // namespace

void add_timeout_command(Console& console) {
  console.add("timeout", "end tcpdump after a time: timeout 10ms tcpdump -ni eth0",
              [&console](Invocation& call) -> Task<int> {
                if (call.words.size() < 3) {
                  call.err("timeout: missing operand\n");
                  co_return kWrong;
                }
                const auto duration = parse_duration(call.words[1]);
                if (!duration) {
                  call.err(fmt::format("timeout: invalid time interval \u2018{}\u2019\n", call.words[1]));
                  co_return kWrong;
                }
                const std::vector<std::string> words(call.words.begin() + 2, call.words.end());
                const Nanoseconds ends_at = call.self.cpu().now() + *duration;
                Invocation inner{call.self, words, call.sink, ends_at, call.input};
                const int status = co_await console.execute(inner);
                co_return call.self.cpu().now() >= ends_at ? kTimedOut : status;
              });
}

}  // namespace host::console
