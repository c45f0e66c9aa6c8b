// SPDX-License-Identifier: Apache-2.0
// Any scenario, with somebody at the host's console.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "sim/app/line_reader.hpp"
#include "sim/board/scenario.hpp"

namespace sim::app {

/// Time stands still while he types and passes while a command runs, or by `run 1ms`; unless the world goes on by
/// itself, as one with a TAP does.
class ConsoleScenario final : public board::Scenario {
 public:
  enum class WhileTyping : std::uint8_t { stands_still, goes_on };
  /// `interrupt`: set by Ctrl-C; taken back when a command was given up because of it.
  ConsoleScenario(std::unique_ptr<board::Scenario> inner, WhileTyping while_typing, std::atomic<bool>& interrupt);

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override;
  void begin() override { inner_->begin(); }
  [[nodiscard]] bool finished() const override { return left_; }
  void stop() override;
  void report(board::Report& report) const override { inner_->report(report); }

  /// Of the last command, or what `exit` said.
  [[nodiscard]] int status() const { return status_; }

 private:
  using Process = host::kernel::Process;
  struct UnderWay;

  void add_commands(host::console::Console& console);
  [[nodiscard]] host::kernel::Task<void> work(Process& self, host::console::Console& console);
  [[nodiscard]] host::kernel::Task<std::optional<std::string>> next_line(Process& self);
  /// Runs the line in a process of its own, until it ends or somebody has had enough of it.
  [[nodiscard]] host::kernel::Task<void> give(Process& self, host::console::Console& console, std::string line);
  [[nodiscard]] std::string prompt(const Process& self) const;

  std::unique_ptr<board::Scenario> inner_;
  WhileTyping while_typing_;
  std::atomic<bool>& interrupt_;
  std::unique_ptr<LineReader> reader_;
  host::kernel::Kernel* kernel_ = nullptr;  // once it is up
  host::platform::Nanoseconds zero_ = 0;
  int status_ = 0;
  bool leaving_ = false;  // somebody said exit
  bool left_ = false;
  bool stopped_ = false;
};

}  // namespace sim::app
