// SPDX-License-Identifier: Apache-2.0
#include "sim/app/script_scenario.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <utility>

#include "sim/app/console_captures.hpp"
#include "sim/app/console_files.hpp"
#include "sim/app/duration.hpp"

namespace sim::app {
namespace {

using When = ScriptLine::When;

constexpr Picoseconds kPicosecondsEach = 1000;  // nanosecond

void print(std::string_view text) {
  fmt::print("{}", text);
  std::fflush(stdout);
}

/// With an end of line, unless it is empty.
std::string whole_lines(std::string text) {
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace

ScriptScenario::ScriptScenario(std::unique_ptr<board::Scenario> inner, std::vector<ScriptLine> lines)
    : inner_(std::move(inner)), lines_(std::move(lines)), begun_(lines_.size()) {}

std::string ScriptScenario::host_is_up(host::apps::Host& host, host::device::NetDevice& device) {
  if (std::string problem = inner_->host_is_up(host, device); !problem.empty()) return problem;
  auto& console = host.console();
  console.open_capture = console_captures();
  console.read_file = console_files();
  auto& kernel = host.kernel();
  zero_ = kernel.now();
  ++left_;
  kernel.spawn(0, "bash", [this, &console](Process& self) { return in_order(self, console); });
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].when == When::in_order) continue;
    if (lines_[i].when == When::at) ++left_;
    kernel.spawn(0, "bash", [this, &console, i](Process& self) { return timed(self, console, i); });
  }
  return {};
}

void ScriptScenario::stop() {
  stopped_ = true;
  inner_->stop();
}

host::kernel::Task<void> ScriptScenario::in_order(Process& self, host::console::Console& console) {
  for (std::size_t i = 0; i < lines_.size() && !stopped_; ++i) {
    if (lines_[i].when != When::in_order) continue;
    begun_[i] = true;
    co_await give(self, console, "$ " + lines_[i].command, lines_[i].command);
  }
  --left_;
}

host::kernel::Task<void> ScriptScenario::timed(Process& self, host::console::Console& console, std::size_t number) {
  const ScriptLine& line = lines_[number];
  const Nanoseconds step = line.time / kPicosecondsEach;
  Nanoseconds next = zero_ + step;
  while (true) {
    co_await self.sleep_until(next);
    if (stopped_) co_return;
    begun_[number] = true;
    const std::string when = format_duration((next - zero_) * kPicosecondsEach);
    co_await give(self, console, fmt::format("[{}] $ {}", when, line.command), line.command);
    if (line.when == When::at) break;
    next += step;
    // A turn that its command overslept is left out.
    if (const Nanoseconds late = self.cpu().now() - next; late > 0) next += (late + step - 1) / step * step;
  }
  --left_;
}

host::kernel::Task<void> ScriptScenario::give(Process& self, host::console::Console& console, std::string title,
                                              std::string command) {
  ++given_;
  const auto mine = under_way_.insert(under_way_.end(), {std::move(title), {}});
  const auto sink = [mine](host::console::Stream, std::string_view text) { mine->answer += text; };
  const int status = co_await console.run(self, std::move(command), sink);
  std::string text = mine->title + '\n' + whole_lines(std::move(mine->answer));
  if (status != 0) {
    ++nonzero_;
    text += fmt::format("(status {})\n", status);
  }
  print(text);
  under_way_.erase(mine);
}

void ScriptScenario::print_unfinished() const {
  for (const UnderWay& command : under_way_) {
    print(fmt::format("{}\n{}(the run ended before it did)\n", command.title, whole_lines(command.answer)));
  }
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (begun_[i]) continue;
    const std::string when =
        lines_[i].when == When::in_order ? std::string() : fmt::format("[{}] ", format_duration(lines_[i].time));
    print(fmt::format("{}$ {}\n(the run ended before it began)\n", when, lines_[i].command));
  }
}

void ScriptScenario::report(board::Report& report) const {
  inner_->report(report);
  report.add("run", "script_commands", given_);
  report.add("run", "script_nonzero_status", nonzero_);
}

}  // namespace sim::app
