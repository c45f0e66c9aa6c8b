// SPDX-License-Identifier: Apache-2.0
// A program of host/apps on a host of a world: started as the file says, its figures by name.
#pragma once

#include <memory>
#include <string>

#include "host/apps/host.hpp"
#include "sim/board/report.hpp"
#include "sim/world/plan.hpp"

namespace sim::world {

class Program {
 public:
  explicit Program(AppPlan plan) : plan_(std::move(plan)) {}
  virtual ~Program() = default;

  [[nodiscard]] const AppPlan& plan() const { return plan_; }
  /// At its time; runs until it ends by itself, or for ever.
  [[nodiscard]] virtual host::kernel::Task<void> run(host::kernel::Process& self, host::apps::Host& host) = 0;
  /// No new traffic from now on.
  virtual void stop() { stopped_ = true; }
  /// A server never ends; the run does not wait for it.
  [[nodiscard]] virtual bool is_server() const { return false; }
  /// Its figures, in `group`, and what went wrong.
  virtual void report(board::Report& report, const std::string& group) const = 0;

  [[nodiscard]] bool finished() const { return finished_; }
  void finish() { finished_ = true; }
  [[nodiscard]] const bool& stopped() const { return stopped_; }

 protected:
  AppPlan plan_;
  bool stopped_ = false;

 private:
  bool finished_ = false;
};

/// Throws UserError for a file that it needs and cannot read. `seed`: of what it draws.
[[nodiscard]] std::unique_ptr<Program> make_program(const AppPlan& plan, std::uint64_t seed);
/// Of them, those that measure and make traffic.
[[nodiscard]] std::unique_ptr<Program> make_traffic(const AppPlan& plan, std::uint64_t seed);

/// 50th, 90th, 99th percentile and the longest, in nanoseconds; nothing of no times.
void report_times(board::Report& report, const std::string& group, std::vector<host::platform::Nanoseconds> times);

}  // namespace sim::world
