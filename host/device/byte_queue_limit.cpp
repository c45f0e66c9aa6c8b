// SPDX-License-Identifier: Apache-2.0
// The limit's rise and fall, decided at each completion.
#include "host/device/byte_queue_limit.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"

namespace host::device {
namespace {

std::uint64_t excess(std::uint64_t value, std::uint64_t over) {
  return value > over ? value - over : 0;
}

}  // namespace

void ByteQueueLimit::queued(std::uint32_t bytes) {
  in_use_ = true;
  queued_ += bytes;
  last_packet_ = bytes;
}

void ByteQueueLimit::start_hold(platform::Nanoseconds now) {
  hold_start_ = now;
  lowest_slack_ = UINT64_MAX;
}

/// How much lower the limit could have been without the device running dry. Two completions' worth is needed; and a
/// last packet that went beyond the limit would have gone beyond a lower one too.
void ByteQueueLimit::note_slack(std::uint64_t bytes) {
  const std::uint64_t unneeded = excess(limit + before_.over, 2 * bytes);
  const std::uint64_t of_last_packet = before_.over != 0 ? excess(before_.last_packet, before_.over) : 0;
  lowest_slack_ = std::min(lowest_slack_, std::max(unneeded, of_last_packet));
}

void ByteQueueLimit::completed(platform::Nanoseconds now, std::uint64_t bytes) {
  INVARIANT(bytes <= in_flight(), "a device is done with more than it had");
  const std::uint64_t done = completed_ + bytes;
  std::uint64_t over = excess(in_flight(), limit);
  const bool dry = done == queued_;
  const bool all_of_before = done >= before_.queued;  // it may have run dry before the sender knew
  std::uint64_t wanted = limit;
  if ((over != 0 && dry) || (before_.over != 0 && all_of_before)) {
    wanted += excess(done, before_.queued) + before_.over;
    start_hold(now);
  } else if (!dry && !all_of_before && before_.queued > completed_) {
    note_slack(bytes);
    if (now > hold_start_ + hold_time) {
      wanted = excess(wanted, lowest_slack_);
      start_hold(now);
    }
  }
  wanted = std::min<std::uint64_t>(std::max<std::uint64_t>(wanted, minimum), maximum);
  if (wanted != limit) {
    limit = static_cast<std::uint32_t>(wanted);
    over = 0;
  }
  granted_ = limit;
  completed_ = done;
  before_ = {.queued = queued_, .over = over, .last_packet = last_packet_};
}

void ByteQueueLimit::reset(platform::Nanoseconds now) {
  queued_ = completed_ = last_packet_ = 0;
  limit = granted_ = 0;
  before_ = {};
  start_hold(now);
}

}  // namespace host::device
