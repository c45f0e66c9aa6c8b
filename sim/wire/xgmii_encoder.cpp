// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/xgmii_encoder.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace sim::wire {

XgmiiEncoder::XgmiiEncoder(EncoderOptions options)
    : options_(options), random_(options.seed), next_lane_(options.start_lane) {
  plan_next(0);
}

void XgmiiEncoder::push(Frame frame, Picoseconds earliest) {
  if (options_.pad && frame.bytes.size() < kMinFrame) frame.bytes.resize(kMinFrame);
  queue_.push_back({std::move(frame), earliest});
}

Picoseconds XgmiiEncoder::idle_until() const {
  if (word_ < words_.size()) return 0;
  return queue_.empty() ? std::numeric_limits<Picoseconds>::max() : queue_.front().earliest;
}

/// The first place at or after `position` where /S/ may stand.
std::uint64_t XgmiiEncoder::align(std::uint64_t position) const {
  const std::uint64_t column = (position + 3) & ~std::uint64_t{3};
  if (next_lane_ == StartLane::lane0) return (column + 7) & ~std::uint64_t{7};
  if (next_lane_ == StartLane::lane4) return ((column + 3) & ~std::uint64_t{7}) + 4;
  return column;
}

Word XgmiiEncoder::start(Picoseconds edge_time) {
  const std::uint64_t now = 8 * edges_;
  if (next_start_ < now) {
    next_start_ = align(now);
    deficit_ = 0;
  }
  if (next_start_ >= now + 8) return ++edges_, kIdleWord;

  const std::uint64_t place = next_start_;
  const auto lane = static_cast<unsigned>(place - now);
  const Frame frame = std::move(queue_.front().frame);
  queue_.pop_front();
  const std::uint64_t terminate = now + lay_out(frame, lane);
  if (observer_) {
    const auto at = [&](std::uint64_t byte) {
      return edge_time + options_.byte_time * static_cast<Picoseconds>(byte - now);
    };
    observer_(frame, at(place), at(terminate));
  }
  plan_next(terminate);
  ++sent_;
  return take();
}

/// Fills words_; the byte position of the terminate, counted from the first word.
std::uint64_t XgmiiEncoder::lay_out(const Frame& frame, unsigned lane) {
  words_.clear();
  word_ = 0;
  words_.emplace_back();
  lane_ = lane;
  put(kStart, true);
  for (int i = 0; i < 6; ++i) {
    put(i == 3 && frame.fault == Fault::bad_preamble ? std::uint8_t{0x54} : kPreamble, false);
  }
  put(frame.fault == Fault::bad_sfd ? kPreamble : kSfd, false);
  put_body(frame);
  const std::uint64_t end = 8 * (words_.size() - 1) + lane_;
  put(frame.fault == Fault::truncated ? kIdle : kTerminate, true);
  return end;
}

void XgmiiEncoder::put_body(const Frame& frame) {
  const std::size_t middle = frame.bytes.size() / 2;
  for (std::size_t i = 0; i < frame.bytes.size(); ++i) {
    if (i == middle && frame.fault == Fault::truncated) return;
    const bool error = i == middle && frame.fault == Fault::error_control;
    put(error ? kError : std::to_integer<std::uint8_t>(frame.bytes[i]), error);
  }
  const auto* bytes = static_cast<const Bytef*>(static_cast<const void*>(frame.bytes.data()));
  auto fcs = static_cast<std::uint32_t>(crc32(0, bytes, static_cast<uInt>(frame.bytes.size())));
  if (frame.fault == Fault::bad_fcs) fcs ^= 0xFF00'0000U;
  for (int i = 0; i < 4; ++i) put(static_cast<std::uint8_t>(fcs >> (8 * i)), false);
}

void XgmiiEncoder::put(std::uint8_t character, bool control) {
  if (lane_ == 8) {
    words_.emplace_back();
    lane_ = 0;
  }
  Word& word = words_.back();
  const unsigned shift = 8 * lane_;
  word.data = (word.data & ~(std::uint64_t{0xFF} << shift)) | (std::uint64_t{character} << shift);
  if (!control) word.ctrl = static_cast<std::uint8_t>(word.ctrl & ~(1U << lane_));
  ++lane_;
}

/// The gap is rounded to a column: down while the deficit allows it, else up (46.3.1.4 a).
void XgmiiEncoder::plan_next(std::uint64_t terminate) {
  std::uint64_t ideal = terminate + kGapBytes;
  if (options_.random_gap != 0) ideal += 4 * (random_() % (options_.random_gap + 1));
  if (options_.start_lane == StartLane::random) {
    next_lane_ = random_() % 2 == 0 ? StartLane::lane0 : StartLane::lane4;
  }
  const auto down = static_cast<unsigned>(ideal % 4);
  if (next_lane_ != StartLane::any) {
    next_start_ = align(ideal);
  } else if (deficit_ + down <= 3) {
    next_start_ = ideal - down;
    deficit_ += down;
  } else {
    next_start_ = ideal - down + 4;
    deficit_ = deficit_ + down - 4;
  }
}

}  // namespace sim::wire
