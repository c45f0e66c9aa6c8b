// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/trial_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/pcie/user_error.hpp"

namespace sim::experiment {
namespace {

using Way = wire::Cable::Way;

constexpr Picoseconds kGlance = kMicrosecond;

}  // namespace

TrialScenario::TrialScenario(board::Board& board, const Trial& trial)
    : board_(board),
      trial_(trial),
      workers_(
          trial, [this] { return board_.agenda().now(); }, [this] { return begin_ && !end_; }),
      source_(board.cable(), trial.machine, trial.streams) {
  board.cable().observe(
      [this](Way way, std::span<const std::byte> bytes, wire::FrameSink::Verdict, Picoseconds start, Picoseconds) {
        const auto number = mark_of(bytes);
        if (!number) return;
        if (way == Way::to_nic) {
          workers_.receive_watch().start(*number, start);
        } else {
          workers_.send_watch().stop(*number, start, begin_ && !end_);
        }
      });
}

std::string TrialScenario::host_is_up(host::apps::Host& host, host::device::NetDevice& device) {
  return workers_.start(host, device);
}

void TrialScenario::begin() {
  wait_for_setup();
}

void TrialScenario::wait_for_setup() {
  auto& agenda = board_.agenda();
  const Picoseconds now = agenda.now();
  if (!workers_.ready()) {
    agenda.at(now + kGlance, wire::Rank::peer, [this] { wait_for_setup(); });
    return;
  }
  source_.begin();
  workers_.begin();
  agenda.at(now + trial_.warm_up, wire::Rank::observer, [this] { begin_.emplace(board_, workers_); });
  agenda.at(now + trial_.warm_up + trial_.duration, wire::Rank::observer, [this] {
    end_.emplace(board_, workers_);
    stop();
  });
}

void TrialScenario::stop() {
  source_.stop();
  workers_.stop();
}

void TrialScenario::report(board::Report& report) const {
  if (!workers_.problem().empty()) report.violations.push_back(workers_.problem());
  if (!begin_ || !end_) report.violations.emplace_back("the run ended before its measurement did");
}

/// What the NIC dropped is known at the end only, and then against all that it was offered.
Outcome TrialScenario::outcome(const board::Report& report) const {
  Outcome outcome = end_->since(*begin_);
  const Workers& workers = workers_;
  outcome["latency_p50_us"] = workers.receive_watch().percentile(50);
  outcome["latency_p99_us"] = workers.receive_watch().percentile(99);
  outcome["delay_p50_us"] = workers.send_watch().percentile(50);
  outcome["delay_p99_us"] = workers.send_watch().percentile(99);
  const auto frames = static_cast<double>(std::max<std::uint64_t>(1, report.value("nic", "rx_frames")));
  outcome["rx_missed_percent"] = 100 * static_cast<double>(report.sum("nic", "rx_drop_")) / frames;
  outcome["lost_percent"] = 100 * (1 - static_cast<double>(workers_.datagrams_read()) / frames);
  return outcome;
}

Outcome run_trial(const Trial& trial) {
  board::BoardOptions options;
  options.observe_journey = false;
  board::Board board(trial.machine, options);
  TrialScenario scenario(board, trial);
  const board::Report report = board.run(scenario, {});
  if (!report.violations.empty()) throw UserError(report.violations.front());
  return scenario.outcome(report);
}

}  // namespace sim::experiment
