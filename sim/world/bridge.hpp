// SPDX-License-Identifier: Apache-2.0
// A switch: learns where addresses are, forwards whole frames, floods what it does not know (IEEE 802.1Q clause 8).
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "sim/world/wire.hpp"

namespace sim::world {

/// Any number of wires, each with a bounded queue. No spanning tree: a loop of switches is a storm, as with any cheap
/// one.
class Bridge {
 public:
  struct Counters {
    std::uint64_t received = 0;
    std::uint64_t bad_fcs = 0;  ///< dropped here, as a store-and-forward switch does
    std::uint64_t forwarded = 0;
    std::uint64_t flooded = 0;
    std::uint64_t copies = 0;    ///< of flooded frames, beyond the first
    std::uint64_t filtered = 0;  ///< the destination is where the frame came from, or there is nowhere to go
    std::uint64_t queue_full = 0;
    std::uint64_t sent = 0;
    std::uint64_t learned = 0;
    std::uint64_t table_full = 0;  ///< addresses that found no room: their frames are flooded
  };

  Bridge(wire::Agenda& agenda, SwitchPlan plan) : agenda_(agenda), plan_(std::move(plan)) {}

  /// One more port, at `end` of the wire.
  void plug(Wire& wire, unsigned end);
  [[nodiscard]] const SwitchPlan& plan() const { return plan_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Port final : Attachment {
    Port(Bridge& owner, std::size_t place, Wire& its, unsigned which)
        : bridge(owner), number(place), wire(its), end(which) {}
    void frame_arrives(FrameBytes frame, bool intact) override { bridge.receive(number, std::move(frame), intact); }
    Bridge& bridge;
    std::size_t number;
    Wire& wire;
    unsigned end;
  };
  struct Entry {
    std::size_t port = 0;
    Picoseconds seen = 0;
  };

  void receive(std::size_t from, FrameBytes frame, bool intact);
  void learn(const FrameBytes& frame, std::size_t from);
  void send(std::size_t to, FrameBytes frame);

  wire::Agenda& agenda_;
  SwitchPlan plan_;
  std::deque<Port> ports_;
  std::unordered_map<std::uint64_t, Entry> table_;
  Counters counters_;
};

}  // namespace sim::world
