// SPDX-License-Identifier: Apache-2.0
#include "sim/app/frame_sources.hpp"

#include <algorithm>
#include <utility>

#include "sim/pcie/seeded_random.hpp"

namespace sim::app {
namespace {

constexpr std::size_t kHeader = 14;
constexpr std::size_t kShortestRandom = 60;

}  // namespace

std::optional<std::vector<std::byte>> CaptureSource::next() {
  while (std::optional<attach::CaptureReader::Record> record = next_record()) {
    if (record->bytes.size() > longest_) {
      ++skipped_.too_long;
    } else if (record->bytes.size() < kHeader) {
      ++skipped_.too_short;
    } else {
      return std::move(record->bytes);
    }
  }
  return std::nullopt;
}

/// Whoever asks is in the middle of a simulation: what is wrong with the file is told behind its end.
std::optional<attach::CaptureReader::Record> CaptureSource::next_record() {
  if (problem_) return std::nullopt;
  try {
    return reader_.next();
  } catch (const UserError& error) {
    problem_ = error;
    return std::nullopt;
  }
}

Skipped CaptureSource::skipped() const {
  if (problem_) throw UserError(*problem_);
  Skipped skipped = skipped_;
  skipped.cut_short = reader_.cut_short();
  return skipped;
}

void add_skipped(const Skipped& skipped, board::Report& report) {
  report.add("run", "skipped_too_long", skipped.too_long);
  report.add("run", "skipped_too_short", skipped.too_short);
  report.add("run", "skipped_cut_short", skipped.cut_short);
}

wire::Feeder::Source random_frames(std::uint64_t count, std::uint64_t seed, std::size_t longest) {
  return [count, longest, random = pcie::SeededRandom(seed)]() mutable -> std::optional<std::vector<std::byte>> {
    if (count == 0) return std::nullopt;
    --count;
    std::vector<std::byte> bytes(kShortestRandom + random.below(longest - kShortestRandom + 1));
    for (std::byte& b : bytes) b = static_cast<std::byte>(random.next());
    return bytes;
  };
}

wire::Feeder::Source steady_frames(std::size_t length) {
  std::vector<std::byte> frame(length, std::byte{0x5A});
  std::fill_n(frame.begin(), 6, std::byte{0xFF});
  return [frame = std::move(frame)]() -> std::optional<std::vector<std::byte>> { return frame; };
}

}  // namespace sim::app
