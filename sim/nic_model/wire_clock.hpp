// SPDX-License-Identifier: Apache-2.0
// The edges of a MAC clock, of which only those are visited at which a word is not idle.
#pragma once

#include <algorithm>
#include <limits>

#include "sim/wire/xgmii_encoder.hpp"

namespace sim::nic_model {

class WireClock {
 public:
  WireClock(Picoseconds period, Picoseconds phase) : period_(period), phase_(phase) {}

  /// The first edge at which the encoder may have something to say.
  [[nodiscard]] Picoseconds next(const wire::XgmiiEncoder& encoder) const {
    const Picoseconds idle = encoder.idle_until();
    if (idle == std::numeric_limits<Picoseconds>::max()) return idle;
    return time_of(std::max(edge_, edge_at(idle)));
  }
  /// The word of that edge.
  [[nodiscard]] wire::Word word(wire::XgmiiEncoder& encoder) {
    const Picoseconds target = std::max(edge_, edge_at(encoder.idle_until()));
    encoder.skip(static_cast<std::uint64_t>(target - edge_));
    edge_ = target + 1;
    return encoder.next(time_of(target));
  }

 private:
  [[nodiscard]] Picoseconds time_of(Picoseconds edge) const { return phase_ + edge * period_; }
  /// The first edge at or after `time`.
  [[nodiscard]] Picoseconds edge_at(Picoseconds time) const {
    return time <= phase_ ? 0 : (time - phase_ + period_ - 1) / period_;
  }

  Picoseconds period_;
  Picoseconds phase_;
  Picoseconds edge_ = 0;
};

}  // namespace sim::nic_model
