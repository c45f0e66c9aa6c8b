// SPDX-License-Identifier: Apache-2.0
// Things to do at a moment of simulated time, in an order that no batch length changes.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

#include "sim/pcie/ports.hpp"

namespace sim::wire {

/// Who acts first when two things fall on the same picosecond.
enum class Rank : std::uint8_t { arrival, peer, observer };

class Agenda {
 public:
  using Action = std::function<void()>;
  virtual ~Agenda() = default;
  [[nodiscard]] virtual Picoseconds now() const = 0;
  /// Runs `action` once at `when`, which must not lie in the past; at once-on-next-turn when it is now.
  virtual void at(Picoseconds when, Rank rank, Action action) = 0;
};

/// The list itself: by time, then rank, then order of entry. A simulator or a test turns the clock.
class ActionQueue {
 public:
  static constexpr Picoseconds kNever = std::numeric_limits<Picoseconds>::max();

  void add(Picoseconds when, Rank rank, Agenda::Action action) {
    entries_.push({when, rank, entered_++, std::move(action)});
  }
  [[nodiscard]] Picoseconds next() const { return entries_.empty() ? kNever : entries_.top().when; }
  /// Runs everything that is due at `now`, also what is added for `now` meanwhile.
  void run(Picoseconds now) {
    while (next() <= now) {
      const Agenda::Action action = entries_.top().action;
      entries_.pop();
      action();
    }
  }

 private:
  struct Entry {
    Picoseconds when;
    Rank rank;
    std::uint64_t entered;
    Agenda::Action action;
    friend bool operator<(const Entry& a, const Entry& b) {  // the smallest is on top
      if (a.when != b.when) return a.when > b.when;
      if (a.rank != b.rank) return a.rank > b.rank;
      return a.entered > b.entered;
    }
  };
  std::priority_queue<Entry> entries_;
  std::uint64_t entered_ = 0;
};

}  // namespace sim::wire
