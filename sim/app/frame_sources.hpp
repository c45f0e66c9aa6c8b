// SPDX-License-Identifier: Apache-2.0
// Where a feeder's frames come from: a capture, or a generator.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/attach/capture_reader.hpp"
#include "sim/board/report.hpp"
#include "sim/pcie/user_error.hpp"
#include "sim/wire/feeder.hpp"

namespace sim::app {

inline constexpr std::size_t kOverMtu = 18;  ///< an Ethernet header and a VLAN tag

/// What a capture holds that cannot be sent.
struct Skipped {
  std::uint64_t too_long = 0;   ///< over what the NIC was told to take
  std::uint64_t too_short = 0;  ///< under the 14 B of an Ethernet header
  std::uint64_t cut_short = 0;  ///< by the capture
};

/// As counters of the run.
void add_skipped(const Skipped& skipped, board::Report& report);

/// The frames of a file that can stand on a wire; counts the others.
class CaptureSource {
 public:
  /// `longest` without FCS. Throws UserError.
  CaptureSource(const std::string& path, std::size_t longest) : reader_(path), longest_(longest) {}
  /// Nothing at the end, or where the file makes no sense any more.
  [[nodiscard]] std::optional<std::vector<std::byte>> next();
  /// Throws UserError when it was not readable to its end.
  [[nodiscard]] Skipped skipped() const;

 private:
  attach::CaptureReader reader_;
  std::size_t longest_;
  [[nodiscard]] std::optional<attach::CaptureReader::Record> next_record();

  Skipped skipped_;
  std::optional<UserError> problem_;
};

/// `count` frames of random bytes, 60 to `longest` long.
[[nodiscard]] wire::Feeder::Source random_frames(std::uint64_t count, std::uint64_t seed, std::size_t longest = 1514);

/// Frames of one length without end, to everybody.
[[nodiscard]] wire::Feeder::Source steady_frames(std::size_t length);

}  // namespace sim::app
