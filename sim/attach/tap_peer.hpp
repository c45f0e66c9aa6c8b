// SPDX-License-Identifier: Apache-2.0
// A TAP device at the other end of the cable.
#pragma once

#include <cstdint>

#include "sim/attach/tap.hpp"
#include "sim/wire/cable.hpp"

namespace sim::attach {

/// Looks for frames of the operating system every `interval` of simulated time, never waits for any.
class TapPeer final : public wire::Peer {
 public:
  TapPeer(wire::Cable& cable, Tap& tap, Picoseconds interval);

  void begin(Picoseconds when);
  /// Takes nothing more from the operating system.
  void stop() { stopped_ = true; }
  void arrived(std::vector<std::byte> bytes, wire::FrameSink::Verdict verdict) override;

  [[nodiscard]] std::uint64_t refused() const { return refused_; }    ///< by the operating system
  [[nodiscard]] std::uint64_t unusable() const { return unusable_; }  ///< no Ethernet frame, or too long

 private:
  void poll();

  wire::Cable& cable_;
  Tap& tap_;
  Picoseconds interval_;
  bool stopped_ = false;
  std::uint64_t refused_ = 0;
  std::uint64_t unusable_ = 0;
};

}  // namespace sim::attach
