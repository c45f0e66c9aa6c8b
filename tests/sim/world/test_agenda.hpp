// SPDX-License-Identifier: Apache-2.0
// An agenda whose clock the test turns.
#pragma once

#include <algorithm>

#include "sim/wire/agenda.hpp"

namespace sim_test {

class TestAgenda final : public sim::wire::Agenda {
 public:
  [[nodiscard]] sim::Picoseconds now() const override { return now_; }
  void at(sim::Picoseconds when, sim::wire::Rank rank, Action action) override {
    queue_.add(std::max(when, now_), rank, std::move(action));
  }
  /// Everything up to `end` happens.
  void run(sim::Picoseconds end) {
    while (queue_.next() <= end) {
      now_ = queue_.next();
      queue_.run(now_);
    }
    now_ = end;
  }

 private:
  sim::wire::ActionQueue queue_;
  sim::Picoseconds now_ = 0;
};

}  // namespace sim_test
