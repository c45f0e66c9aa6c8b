// SPDX-License-Identifier: Apache-2.0
// Puts the frames of streams on the wire, numbered, so that each can be timed.
#pragma once

#include <memory>
#include <vector>

#include "sim/experiment/trial.hpp"
#include "sim/pcie/seeded_random.hpp"
#include "sim/wire/cable.hpp"

namespace sim::experiment {

/// The host at the far end takes everything and says nothing.
class StreamSource final : public wire::Peer {
 public:
  StreamSource(wire::Cable& cable, const board::BoardConfig& machine, const std::vector<Stream>& streams);

  void begin();
  void stop() { running_ = false; }
  void arrived(std::vector<std::byte> bytes, wire::FrameSink::Verdict verdict) override;

 private:
  struct State {
    Stream stream;
    pcie::SeededRandom random;
    std::uint64_t sent = 0;  // frames
  };
  void burst(State& state);
  [[nodiscard]] Picoseconds interval(State& state) const;
  [[nodiscard]] std::vector<std::byte> frame(State& state);
  /// The transport's header, and its checksum over what is behind it.
  static void write_transport(const State& state, std::span<std::byte> segment);

  wire::Cable& cable_;
  std::array<std::uint8_t, 6> mac_;
  std::vector<std::unique_ptr<State>> states_;
  std::uint32_t number_ = 0;
  bool running_ = false;
};

}  // namespace sim::experiment
