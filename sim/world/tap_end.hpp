// SPDX-License-Identifier: Apache-2.0
// TAP devices of the operating system at the ends of a world's wires.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/attach/tap.hpp"
#include "sim/board/report.hpp"
#include "sim/world/wire.hpp"

namespace sim::world {

/// Looks at all of them in intervals of simulated time, and keeps that from running ahead of the clock on the wall
/// while there is nothing to do: timers of the two sides should agree on what a second is.
class TapEnds {
 public:
  explicit TapEnds(wire::Agenda& agenda) : agenda_(agenda) {}

  /// Opens the device. Throws UserError, as attach::Tap does.
  void add(const TapPlan& plan, Wire& wire, unsigned end);
  [[nodiscard]] bool empty() const { return ends_.empty(); }
  void begin();
  /// Takes nothing more from the operating system.
  void stop() { stopped_ = true; }
  void report(board::Report& report) const;

 private:
  struct End final : Attachment {
    End(const TapPlan& its, Wire& on, unsigned which) : plan(its), tap(its.device, its.netns), wire(on), end(which) {}
    void frame_arrives(FrameBytes frame, bool intact) override;
    TapPlan plan;
    attach::Tap tap;
    Wire& wire;
    unsigned end;
    std::uint64_t received = 0;
    std::uint64_t unusable = 0;  // no Ethernet frame, or too long
    std::uint64_t delivered = 0;
    std::uint64_t bad_fcs = 0;
    std::uint64_t refused = 0;  // by the operating system
  };

  void look();
  void take(End& end);
  void wait_for_the_wall();

  wire::Agenda& agenda_;
  std::deque<End> ends_;
  bool stopped_ = false;
  std::int64_t wall_zero_ = 0;
  Picoseconds zero_ = 0;
};

}  // namespace sim::world
