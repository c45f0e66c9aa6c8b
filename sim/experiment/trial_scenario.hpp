// SPDX-License-Identifier: Apache-2.0
// A trial as a board's scenario: setup, warm-up, the time that is measured, and what it measured.
#pragma once

#include <optional>

#include "sim/board/board.hpp"
#include "sim/board/scenario.hpp"
#include "sim/experiment/outcome.hpp"
#include "sim/experiment/stream_source.hpp"
#include "sim/experiment/workers.hpp"

namespace sim::experiment {

class TrialScenario final : public board::Scenario {
 public:
  /// The trial outlives it.
  TrialScenario(board::Board& board, const Trial& trial);

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override;
  void begin() override;
  [[nodiscard]] bool finished() const override { return end_.has_value() || !workers_.problem().empty(); }
  void stop() override;
  void report(board::Report& report) const override;

  /// After the run. Every metric; `report`: the run's.
  [[nodiscard]] Outcome outcome(const board::Report& report) const;

 private:
  void wait_for_setup();

  board::Board& board_;
  const Trial& trial_;
  Workers workers_;
  StreamSource source_;
  std::optional<Reading> begin_, end_;
};

/// Runs it in this process, which must have run none before. Throws UserError when it does not add up.
[[nodiscard]] Outcome run_trial(const Trial& trial);

}  // namespace sim::experiment
