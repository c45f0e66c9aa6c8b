// SPDX-License-Identifier: Apache-2.0
// Any scenario, with an administrator at the host's console who follows a script.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "sim/app/script.hpp"
#include "sim/board/scenario.hpp"

namespace sim::app {

/// The script begins when the interface is up, microseconds before traffic does. Lines in order make one process of
/// the host; each timed line has its own. The run goes on until the lines in order and those `at` a time are done.
class ScriptScenario final : public board::Scenario {
 public:
  ScriptScenario(std::unique_ptr<board::Scenario> inner, std::vector<ScriptLine> lines);

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override;
  void begin() override { inner_->begin(); }
  [[nodiscard]] bool finished() const override { return left_ == 0 && inner_->finished(); }
  void stop() override;
  void report(board::Report& report) const override;

  /// After the run: what commands had printed that it cut short, and those that it did not reach.
  void print_unfinished() const;

 private:
  using Process = host::kernel::Process;
  using Nanoseconds = host::platform::Nanoseconds;

  /// A command between its line and its answer's end.
  struct UnderWay {
    std::string title;
    std::string answer;
  };

  [[nodiscard]] host::kernel::Task<void> in_order(Process& self, host::console::Console& console);
  /// Line `number`, at its time or at each multiple of it.
  [[nodiscard]] host::kernel::Task<void> timed(Process& self, host::console::Console& console, std::size_t number);
  /// Runs it and prints it with its answer.
  [[nodiscard]] host::kernel::Task<void> give(Process& self, host::console::Console& console, std::string title,
                                              std::string command);

  std::unique_ptr<board::Scenario> inner_;
  std::vector<ScriptLine> lines_;
  std::vector<bool> begun_;  // by line
  std::list<UnderWay> under_way_;
  Nanoseconds zero_ = 0;
  std::size_t left_ = 0;  // processes to wait for
  std::uint64_t given_ = 0;
  std::uint64_t nonzero_ = 0;
  bool stopped_ = false;
};

}  // namespace sim::app
