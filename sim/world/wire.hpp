// SPDX-License-Identifier: Apache-2.0
// A wire: rate, delay and a queue each way, and what may happen to frames on it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "sim/wire/agenda.hpp"
#include "sim/wire/xgmii.hpp"
#include "sim/world/plan.hpp"

namespace sim::world {

using FrameBytes = std::vector<std::byte>;

/// What stands at an end of a wire.
class Attachment {
 public:
  virtual ~Attachment() = default;
  /// A frame's last byte is here. Not intact: its FCS does not fit.
  virtual void frame_arrives(FrameBytes frame, bool intact) = 0;
  /// How long before that the frame is handed over, for a MAC that plays it byte by byte itself.
  [[nodiscard]] virtual Picoseconds lead(std::size_t /*bytes*/) const { return 0; }
};

/// Preamble to gap, padded: what a frame takes of a line.
[[nodiscard]] constexpr std::size_t line_bytes(std::size_t frame) {
  return std::max(frame, wire::kMinFrame) + wire::kPreambleBytes + wire::kFcsBytes + wire::kGapBytes;
}

/// Frames pass each way by themselves: begun when its first byte is there and the line is free, over after its length
/// at the wire's rate, there `delay` later. A frame that is lost has taken its time.
class Wire {
 public:
  struct Counters {
    std::uint64_t frames = 0;  ///< given to it
    std::uint64_t bytes = 0;   ///< without FCS
    std::uint64_t queue_full = 0;
    std::uint64_t lost = 0;
    std::uint64_t corrupted = 0;
    std::uint64_t damaged = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t delivered = 0;
    std::uint64_t under_way = 0;
    /// FNV-1a of the times and bytes of all frames at the far end: two runs that have the same had the same frames.
    std::uint64_t digest = 0xcbf2'9ce4'8422'2325;
  };
  /// Sees frames as they enter at `from`, with the time of their first byte.
  using Observer = std::function<void(unsigned from, const FrameBytes&, Picoseconds begin)>;

  /// `middle`: the part of the plan's delay that no NIC's own end has.
  Wire(wire::Agenda& agenda, WirePlan plan, std::uint64_t seed, Picoseconds middle);

  void attach(unsigned end, Attachment& attachment) { ways_[1 - end].to = &attachment; }
  void observe(Observer observer) { observer_ = std::move(observer); }

  /// A frame enters at `end`, its first byte at `begin`, which lies at most its own length back. Returns when the line
  /// is free again.
  Picoseconds send(unsigned end, FrameBytes frame, Picoseconds begin);
  /// Frames that entered at `end` and whose turn has not come.
  [[nodiscard]] unsigned waiting(unsigned end) const { return ways_[end].waiting; }

  [[nodiscard]] const WirePlan& plan() const { return plan_; }
  /// Of the way that begins at `end`.
  [[nodiscard]] const Counters& counters(unsigned end) const { return ways_[end].counters; }
  [[nodiscard]] wire::Agenda& agenda() { return agenda_; }

 private:
  struct Way {
    Attachment* to = nullptr;
    std::mt19937_64 random;
    Picoseconds line_free = 0;
    unsigned waiting = 0;
    Counters counters;
  };

  [[nodiscard]] bool happens(Way& way, double chance);
  void damage(Way& way, FrameBytes& frame);
  void deliver(Way& way, FrameBytes frame, Picoseconds at);
  void arrive(Way& way, FrameBytes frame, bool intact, Picoseconds at);

  wire::Agenda& agenda_;
  WirePlan plan_;
  Picoseconds middle_;
  double picoseconds_per_byte_;
  std::array<Way, 2> ways_;
  Observer observer_;
};

}  // namespace sim::world
