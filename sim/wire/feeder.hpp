// SPDX-License-Identifier: Apache-2.0
// A peer that sends a sequence of frames back to back, holding a window when they are expected back.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "sim/wire/cable.hpp"

namespace sim::wire {

class Feeder final : public Peer {
 public:
  struct Options {
    /// At most this many frames under way; 0: never wait, nothing is expected back.
    unsigned window = 0;
    /// With a window: at most about this many bytes under way, so that no packet buffer overflows.
    std::size_t window_bytes = 24'000;
    /// Frames in a thousand that are preceded by a faulty copy, which nobody expects back.
    unsigned faults_per_thousand = 0;
    std::uint64_t seed = 1;
    /// At least this long from one frame to the next; 0: back to back.
    Picoseconds interval = 0;
    /// With a window: frames that have not come back for this long are given up.
    Picoseconds patience = 20'000'000'000;  // 20 ms
  };
  /// The next frame to send; nothing when there are no more.
  using Source = std::function<std::optional<std::vector<std::byte>>()>;
  using Arrival = std::function<void(const std::vector<std::byte>&, FrameSink::Verdict)>;

  Feeder(Cable& cable, Source source, Options options);

  void on_arrival(Arrival arrival) { arrival_ = std::move(arrival); }
  void begin(Picoseconds when);
  /// Sends nothing new from now on.
  void stop() { exhausted_ = true; }
  void arrived(std::vector<std::byte> bytes, FrameSink::Verdict verdict) override;

  /// Everything was sent and, with a window, came back or was given up.
  [[nodiscard]] bool done() const { return exhausted_ && in_flight_ == 0; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t faulty_sent() const { return faulty_sent_; }
  [[nodiscard]] std::uint64_t returned() const { return returned_; }
  [[nodiscard]] std::uint64_t given_up() const { return given_up_; }

 private:
  void pump();
  void send_one(std::vector<std::byte> bytes);
  void watch();
  [[nodiscard]] bool window_open() const {
    return options_.window == 0 || (in_flight_ < options_.window && in_flight_bytes_ < options_.window_bytes);
  }

  Cable& cable_;
  Source source_;
  Options options_;
  Arrival arrival_;
  std::mt19937_64 random_;
  bool exhausted_ = false;
  bool pump_planned_ = false;
  Picoseconds last_progress_ = 0;
  Picoseconds next_allowed_ = 0;
  std::uint64_t in_flight_ = 0;
  std::size_t in_flight_bytes_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t faulty_sent_ = 0;
  std::uint64_t returned_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace sim::wire
