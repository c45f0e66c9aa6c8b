// SPDX-License-Identifier: Apache-2.0
#include "sim/app/console_scenario.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

#include "sim/app/duration.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

using host::console::Invocation;
using host::console::Stream;
using host::kernel::Process;
using host::kernel::Task;

constexpr host::platform::Nanoseconds kLook = 20'000;       // between two looks at the keyboard
constexpr host::platform::Nanoseconds kPatience = 100'000;  // between two looks whether Ctrl-C was pressed
constexpr Picoseconds kPicosecondsEach = 1000;              // nanosecond

void print(Stream stream, std::string_view text) {
  std::FILE* file = stream == Stream::out ? stdout : stderr;
  fmt::print(file, "{}", text);
  std::fflush(file);
}

}  // namespace

/// A command: whoever waits for it and the command itself have it, whichever ends last.
struct ConsoleScenario::UnderWay {
  host::kernel::WaitQueue ends;
  bool done = false;
  bool given_up = false;
  int status = 0;
};

ConsoleScenario::ConsoleScenario(std::unique_ptr<board::Scenario> inner, WhileTyping while_typing,
                                 std::atomic<bool>& interrupt)
    : inner_(std::move(inner)), while_typing_(while_typing), interrupt_(interrupt) {}

std::string ConsoleScenario::host_is_up(host::apps::Host& host, host::device::NetDevice& device) {
  if (std::string problem = inner_->host_is_up(host, device); !problem.empty()) return problem;
  auto& console = host.console();
  reader_ = std::make_unique<LineReader>([this, &console](std::string_view line) {
    return while_typing_ == WhileTyping::stands_still ? console.complete(line) : std::vector<std::string>{};
  });
  add_commands(console);
  kernel_ = &host.kernel();
  zero_ = kernel_->now();
  if (reader_->interactive()) {
    print(Stream::out, "The host is up. `help` lists commands; `run 1ms` lets time pass; Ctrl-D leaves.\n");
  }
  kernel_->spawn(0, "bash", [this, &console](Process& self) { return work(self, console); });
  return {};
}

void ConsoleScenario::stop() {
  stopped_ = true;
  inner_->stop();
}

void ConsoleScenario::add_commands(host::console::Console& console) {
  console.add("run", "let time pass: run 1ms", [](Invocation& call) -> Task<int> {
    if (call.words.size() != 2) {
      call.err("usage: run TIME, like run 1ms\n");
      co_return host::console::kMisused;
    }
    Picoseconds time = 0;
    try {
      time = parse_duration(call.words[1]);
    } catch (const UserError& error) {
      call.err(fmt::format("run: {}\n", error.what()));
    }
    if (time == 0) co_return host::console::kMisused;
    co_await call.self.sleep_for(time / kPicosecondsEach);
    co_return 0;
  });
  console.add("exit", "leave; with a status: exit 1", [this](Invocation& call) -> Task<int> {
    int status = status_;
    if (call.words.size() > 1) {
      const std::string& word = call.words[1];
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), status);
      if (error != std::errc() || end != word.data() + word.size()) {
        call.err(fmt::format("bash: exit: {}: numeric argument required\n", word));
        status = host::console::kMisused;
      }
    }
    leaving_ = true;
    co_return status & 0xff;
  });
  console.add("history", "the lines so far", [this](Invocation& call) -> Task<int> {
    unsigned number = 0;
    for (const std::string& line : reader_->history()) call.out(fmt::format("{:>5}  {}\n", ++number, line));
    co_return 0;
  });
}

std::string ConsoleScenario::prompt(const Process& self) const {
  return fmt::format("[{}] $ ", format_duration((self.cpu().now() - zero_) * kPicosecondsEach));
}

Task<std::optional<std::string>> ConsoleScenario::next_line(Process& self) {
  auto line = reader_->read(prompt(self));
  while (while_typing_ == WhileTyping::goes_on && line.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    co_await self.sleep_for(kLook);
  }
  co_return line.get();
}

Task<void> ConsoleScenario::give(Process& self, host::console::Console& console, std::string line) {
  interrupt_ = false;
  const auto state = std::make_shared<UnderWay>();
  kernel_->spawn(0, "command", [&console, state, line = std::move(line)](Process& me) -> Task<void> {
    const auto sink = [state](Stream stream, std::string_view text) {
      if (!state->given_up) print(stream, text);
    };
    state->status = co_await console.run(me, line, sink);
    state->done = true;
    state->ends.wake_all(me.cpu());
  });
  while (!state->done && !interrupt_) co_await state->ends.wait_until(self, self.cpu().now() + kPatience);
  if (state->done) {
    status_ = state->status;
    co_return;
  }
  constexpr int kBySignal = 130;  // bash: 128 and SIGINT
  state->given_up = true;
  status_ = kBySignal;
  interrupt_ = false;
  print(Stream::out, "\n");
}

Task<void> ConsoleScenario::work(Process& self, host::console::Console& console) {
  while (!leaving_ && !stopped_) {
    std::optional<std::string> line = co_await next_line(self);
    if (!line) {
      if (reader_->interactive()) print(Stream::out, "\n");
      break;
    }
    co_await give(self, console, std::move(*line));
  }
  left_ = true;
  inner_->stop();
}

}  // namespace sim::app
