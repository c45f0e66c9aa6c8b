// SPDX-License-Identifier: Apache-2.0
// How many bytes a device should have at once: enough that it never idles, no more, so that packets wait where a qdisc
// can still choose between them (Linux: byte queue limits, struct dql, lib/dynamic_queue_limits.c).
#pragma once

#include <cstdint>

#include "host/platform/cpu_platform.hpp"

namespace host::device {

/// Learns the limit from completions. It grows when the device ran dry although more was waiting, and shrinks by what
/// was never needed during the hold time.
class ByteQueueLimit {
 public:
  static constexpr std::uint32_t kLargest = UINT32_MAX / 2 - UINT32_MAX / 16;  // DQL_MAX_LIMIT

  /// The device has so many bytes more.
  void queued(std::uint32_t bytes);
  /// It is done with so many of them.
  void completed(platform::Nanoseconds now, std::uint64_t bytes);
  /// The device has nothing and nothing is known of it.
  void reset(platform::Nanoseconds now);

  /// What may still be queued; negative: too much is. The last packet may exceed it.
  [[nodiscard]] std::int64_t available() const {
    return static_cast<std::int64_t>(completed_ + granted_) - static_cast<std::int64_t>(queued_);
  }
  [[nodiscard]] std::uint64_t in_flight() const { return queued_ - completed_; }
  /// Its driver tells it what it sends.
  [[nodiscard]] bool in_use() const { return in_use_; }

  /// byte_queue_limits/limit, limit_min, limit_max, hold_time: what changes counts from the next completion on.
  std::uint32_t limit = 0;
  std::uint32_t minimum = 0;
  std::uint32_t maximum = kLargest;
  platform::Nanoseconds hold_time = 1'000'000'000;

 private:
  /// What the completion before this one left behind.
  struct Before {
    std::uint64_t queued = 0;       // in all, then
    std::uint64_t over = 0;         // beyond the limit
    std::uint64_t last_packet = 0;  // the size of the last packet then
  };

  void start_hold(platform::Nanoseconds now);
  void note_slack(std::uint64_t bytes);

  bool in_use_ = false;
  std::uint64_t queued_ = 0;     // in all
  std::uint64_t completed_ = 0;  // in all
  std::uint64_t last_packet_ = 0;
  std::uint32_t granted_ = 0;  // the limit at the last completion
  Before before_;
  std::uint64_t lowest_slack_ = UINT64_MAX;
  platform::Nanoseconds hold_start_ = 0;
};

}  // namespace host::device
