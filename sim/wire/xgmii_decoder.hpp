// SPDX-License-Identifier: Apache-2.0
// Turns the NIC's XGMII words back into frames, judging preamble, control characters, gap and FCS.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/wire/ports.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::wire {

class XgmiiDecoder {
 public:
  /// What was seen; everything but `frames` should be zero behind a healthy transmitter, except
  /// `error_control`, which an underrun makes on purpose.
  struct Counters {
    std::uint64_t frames = 0;
    std::uint64_t bad_fcs = 0;
    std::uint64_t error_control = 0;
    std::uint64_t bad_preamble = 0;
    std::uint64_t runt = 0;       ///< below 64 B with FCS; passed on with its other verdict
    std::uint64_t short_gap = 0;  ///< below 9 bytes: even deficit idle count makes none
    std::uint64_t stray = 0;      ///< a character that has no place outside a frame
  };

  explicit XgmiiDecoder(FrameSink& sink, Picoseconds byte_time = kByteTime) : sink_(sink), byte_time_(byte_time) {
    bytes_.reserve(2048);
  }

  /// The word of the edge at `time`; every word but idle ones outside a frame must be shown.
  void word(std::uint64_t data, std::uint8_t ctrl, Picoseconds time) {
    if (ctrl == 0xFF && data == kIdleWord.data && !in_frame_) return;
    slow_word(data, ctrl, time);
  }

  [[nodiscard]] bool in_frame() const { return in_frame_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  void slow_word(std::uint64_t data, std::uint8_t ctrl, Picoseconds time);
  void character(std::uint8_t value, bool control, unsigned lane, Picoseconds at);
  void outside(std::uint8_t value, bool control, unsigned lane, Picoseconds at);
  void finish(Picoseconds at, bool clean);
  [[nodiscard]] FrameSink::Verdict judge(bool clean) const;

  FrameSink& sink_;
  Picoseconds byte_time_;
  std::vector<std::byte> bytes_;  // after /S/: preamble, SFD, frame, FCS
  bool in_frame_ = false;
  bool error_ = false;
  Picoseconds start_ = 0;
  Picoseconds last_end_ = -1'000'000;
  Counters counters_;
};

}  // namespace sim::wire
