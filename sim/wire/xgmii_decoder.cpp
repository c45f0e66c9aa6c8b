// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/xgmii_decoder.hpp"

#include <zlib.h>

#include <algorithm>
#include <utility>

namespace sim::wire {
namespace {

constexpr std::size_t kHead = kPreambleBytes - 1;  // what stands between /S/ and the frame
constexpr Picoseconds kShortestGap = 9;            // bytes

bool preamble_is_right(const std::vector<std::byte>& bytes) {
  return bytes.size() >= kHead && bytes[kHead - 1] == std::byte{kSfd} &&
         std::all_of(bytes.begin(), bytes.begin() + kHead - 1, [](std::byte b) { return b == std::byte{kPreamble}; });
}

bool fcs_is_right(const std::vector<std::byte>& bytes) {
  if (bytes.size() < kHead + kFcsBytes) return false;
  const auto* frame = static_cast<const Bytef*>(static_cast<const void*>(bytes.data() + kHead));
  const std::size_t length = bytes.size() - kHead - kFcsBytes;
  auto fcs = static_cast<std::uint32_t>(crc32(0, frame, static_cast<uInt>(length)));
  for (std::size_t i = 0; i < kFcsBytes; ++i, fcs >>= 8) {
    if (bytes[kHead + length + i] != static_cast<std::byte>(fcs & 0xFF)) return false;
  }
  return true;
}

}  // namespace

void XgmiiDecoder::slow_word(std::uint64_t data, std::uint8_t ctrl, Picoseconds time) {
  if (ctrl == 0 && in_frame_) {
    for (unsigned lane = 0; lane < 8; ++lane) bytes_.push_back(static_cast<std::byte>(data >> (8 * lane)));
    return;
  }
  for (unsigned lane = 0; lane < 8; ++lane) {
    character(static_cast<std::uint8_t>(data >> (8 * lane)), ((ctrl >> lane) & 1) != 0, lane, time + byte_time_ * lane);
  }
}

void XgmiiDecoder::character(std::uint8_t value, bool control, unsigned lane, Picoseconds at) {
  if (!in_frame_) {
    outside(value, control, lane, at);
  } else if (!control) {
    bytes_.push_back(static_cast<std::byte>(value));
  } else if (value == kTerminate) {
    finish(at, true);
  } else if (value == kError) {
    error_ = true;
    bytes_.push_back(std::byte{0});
  } else {
    finish(at, false);
    outside(value, control, lane, at);
  }
}

void XgmiiDecoder::outside(std::uint8_t value, bool control, unsigned lane, Picoseconds at) {
  if (control && value == kStart && lane % 4 == 0) {
    if (at - last_end_ < kShortestGap * byte_time_) ++counters_.short_gap;
    in_frame_ = true;
    error_ = false;
    start_ = at;
    bytes_.clear();
  } else if (!control || value != kIdle) {
    ++counters_.stray;
  }
}

FrameSink::Verdict XgmiiDecoder::judge(bool clean) const {
  if (!preamble_is_right(bytes_)) return FrameSink::Verdict::bad_preamble;
  if (error_ || !clean) return FrameSink::Verdict::error_control;
  return fcs_is_right(bytes_) ? FrameSink::Verdict::good : FrameSink::Verdict::bad_fcs;
}

void XgmiiDecoder::finish(Picoseconds at, bool clean) {
  in_frame_ = false;
  last_end_ = at;
  const FrameSink::Verdict verdict = judge(clean);
  ++counters_.frames;
  counters_.bad_fcs += verdict == FrameSink::Verdict::bad_fcs ? 1U : 0U;
  counters_.error_control += verdict == FrameSink::Verdict::error_control ? 1U : 0U;
  counters_.bad_preamble += verdict == FrameSink::Verdict::bad_preamble ? 1U : 0U;
  counters_.runt += bytes_.size() < kHead + kMinFrame + kFcsBytes ? 1U : 0U;
  const std::size_t head = std::min(kHead, bytes_.size());
  const std::size_t tail = std::min(kFcsBytes, bytes_.size() - head);
  const auto first = bytes_.begin() + static_cast<std::ptrdiff_t>(head);
  sink_.frame_from_nic({first, bytes_.end() - static_cast<std::ptrdiff_t>(tail)}, verdict, start_, at);
}

}  // namespace sim::wire
