// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/cable.hpp"

#include <algorithm>
#include <utility>

#include "sim/wire/xgmii.hpp"

namespace sim::wire {
namespace {

FrameSink::Verdict verdict_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return FrameSink::Verdict::good;
    case Fault::bad_fcs:
      return FrameSink::Verdict::bad_fcs;
    case Fault::bad_preamble:
    case Fault::bad_sfd:
      return FrameSink::Verdict::bad_preamble;
    case Fault::error_control:
    case Fault::truncated:
      break;
  }
  return FrameSink::Verdict::error_control;
}

void count(Cable::Counters& counters, std::size_t bytes, FrameSink::Verdict verdict) {
  ++counters.frames;
  counters.bytes += bytes;
  if (verdict != FrameSink::Verdict::good) ++counters.faulty;
}

}  // namespace

Picoseconds Cable::send(Frame frame) {
  const std::size_t length = std::max(frame.bytes.size(), kMinFrame) + kPreambleBytes + kFcsBytes + kGapBytes;
  const Picoseconds begin = std::max(agenda_.now(), line_free_);
  line_free_ = begin + byte_time_ * static_cast<Picoseconds>(length);
  count(to_nic_, frame.bytes.size(), verdict_of(frame.fault));
  nic_->frame_to_nic(std::move(frame), begin + propagation_);
  return line_free_;
}

void Cable::reached_nic(const Frame& frame, Picoseconds start, Picoseconds end) {
  for (const Observer& observer : observers_) {
    observer(Way::to_nic, frame.bytes, verdict_of(frame.fault), start, end);
  }
}

void Cable::frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, Picoseconds start, Picoseconds end) {
  count(from_nic_, bytes.size(), verdict);
  for (const Observer& observer : observers_) observer(Way::from_nic, bytes, verdict, start, end);
  agenda_.at(end + propagation_, Rank::arrival, [this, verdict, frame = std::move(bytes)]() mutable {
    if (peer_ != nullptr) peer_->arrived(std::move(frame), verdict);
  });
}

}  // namespace sim::wire
