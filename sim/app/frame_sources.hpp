// SPDX-License-Identifier: Apache-2.0
// Where a feeder's frames come from: a capture, or a generator.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/attach/capture_reader.hpp"
#include "sim/board/report.hpp"
#include "sim/wire/feeder.hpp"

namespace sim::app {

/// What a capture holds that cannot be sent.
struct Skipped {
  std::uint64_t too_long = 0;   ///< over 1518 B without FCS
  std::uint64_t too_short = 0;  ///< under the 14 B of an Ethernet header
  std::uint64_t cut_short = 0;  ///< by the capture
};

/// As counters of the run.
void add_skipped(const Skipped& skipped, board::Report& report);

/// The frames of a file that can stand on a wire; counts the others.
class CaptureSource {
 public:
  /// Throws UserError, now or while it is read.
  explicit CaptureSource(const std::string& path) : reader_(path) {}
  [[nodiscard]] std::optional<std::vector<std::byte>> next();
  [[nodiscard]] Skipped skipped() const;

 private:
  attach::CaptureReader reader_;
  Skipped skipped_;
};

/// `count` frames of random bytes, 60 to 1514 long.
[[nodiscard]] wire::Feeder::Source random_frames(std::uint64_t count, std::uint64_t seed);

/// Frames of one length without end, to everybody.
[[nodiscard]] wire::Feeder::Source steady_frames(std::size_t length);

}  // namespace sim::app
