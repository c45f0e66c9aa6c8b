// SPDX-License-Identifier: Apache-2.0
// Credits and link state on their way to the NIC's pins: each counts from its own time on.
#pragma once

#include <algorithm>
#include <deque>
#include <limits>

#include "sim/pcie/ports.hpp"

namespace sim::rtl_bridge {

struct DeferredInput {
  Picoseconds at;
  bool is_link;  // `up` counts; otherwise `credits`
  bool up;
  pcie::Credits credits;
};

/// Ordered by time; equal times keep the order in which they came.
class DeferredInputs {
 public:
  static constexpr Picoseconds kNever = std::numeric_limits<Picoseconds>::max();

  void add(const DeferredInput& input) {
    const auto later = [](Picoseconds at, const DeferredInput& other) { return at < other.at; };
    waiting_.insert(std::upper_bound(waiting_.begin(), waiting_.end(), input.at, later), input);
  }

  /// Hands everything that counts by `now` to `apply`.
  template <class Apply>
  void take_due(Picoseconds now, Apply&& apply) {
    while (next() <= now) {
      apply(waiting_.front());
      waiting_.pop_front();
    }
  }

  [[nodiscard]] Picoseconds next() const { return waiting_.empty() ? kNever : waiting_.front().at; }

 private:
  std::deque<DeferredInput> waiting_;
};

}  // namespace sim::rtl_bridge
