// SPDX-License-Identifier: Apache-2.0
// The model's time: whoever runs it turns the clock, everything else asks it to be woken.
#pragma once

#include <utility>

#include "sim/wire/agenda.hpp"

namespace sim::nic_model {

class Timeline {
 public:
  [[nodiscard]] Picoseconds now() const { return now_; }
  void after(Picoseconds delay, wire::Agenda::Action action) {
    actions_.add(now_ + delay, wire::Rank::observer, std::move(action));
  }
  [[nodiscard]] Picoseconds next() const { return actions_.next(); }
  /// Never goes back.
  void set(Picoseconds time) { now_ = time; }
  /// Nothing is left undone up to and including `time`.
  void turn_to(Picoseconds time) {
    set(time);
    actions_.run(time);
  }

 private:
  Picoseconds now_ = 0;
  wire::ActionQueue actions_;
};

}  // namespace sim::nic_model
