// SPDX-License-Identifier: Apache-2.0
// Controlled delay: drops from the front, more and more often, while packets wait longer than they should
// (RFC 8289; Linux: include/net/codel_impl.h).
#pragma once

#include <cstdint>
#include <optional>

#include "host/skb/skb.hpp"

namespace host::qdisc {

struct CodelParams {
  platform::Nanoseconds target = 5'000'000;           // an acceptable standing queue
  platform::Nanoseconds interval = 100'000'000;       // a round trip, about: how long it may be more
  std::optional<platform::Nanoseconds> ce_threshold;  // mark everything that waited longer
  bool ecn = true;                                    // mark instead of drop where the sender listens
  std::uint32_t mtu = 1514;                           // less than this is no standing queue
};

struct CodelStats {
  std::uint32_t max_packet = 0;
  std::uint64_t ecn_mark = 0;
  std::uint64_t ce_mark = 0;
};

/// A queue that CoDel controls.
class CodelQueue {
 public:
  virtual ~CodelQueue() = default;
  /// The first packet, its note set; null when empty.
  [[nodiscard]] virtual skb::Skb pop() = 0;
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  virtual void drop(skb::Skb skb) = 0;
};

/// The state of one queue (RFC 8289 section 5.4).
class Codel {
 public:
  /// The next packet that may leave at `now`; what is dropped on the way went to queue.drop().
  [[nodiscard]] skb::Skb dequeue(platform::Nanoseconds now, const CodelParams& params, CodelQueue& queue,
                                 CodelStats& stats);
  /// So many packets were dropped for another reason: the queue is too long, so drops come faster.
  void count_drops(std::uint32_t packets) { count_ += packets; }

  [[nodiscard]] bool dropping() const { return dropping_; }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint32_t last_count() const { return last_count_; }
  [[nodiscard]] platform::Nanoseconds drop_next() const { return drop_next_; }
  /// How long the last packet waited.
  [[nodiscard]] platform::Nanoseconds delay() const { return delay_; }

 private:
  /// Whether packets have waited too long for an interval now.
  [[nodiscard]] bool should_drop(const skb::SkBuff* skb, platform::Nanoseconds now, const CodelParams& params,
                                 const CodelQueue& queue, CodelStats& stats);
  [[nodiscard]] skb::Skb keep_dropping(skb::Skb skb, platform::Nanoseconds now, const CodelParams& params,
                                       CodelQueue& queue, CodelStats& stats);
  void start_dropping(platform::Nanoseconds now, const CodelParams& params);
  [[nodiscard]] platform::Nanoseconds control_law(platform::Nanoseconds from, const CodelParams& params) const;

  std::uint32_t count_ = 0;  // drops since it began dropping
  std::uint32_t last_count_ = 0;
  bool dropping_ = false;
  std::optional<platform::Nanoseconds> above_since_;  // when, if it stays above the target, drops begin
  platform::Nanoseconds drop_next_ = 0;
  platform::Nanoseconds delay_ = 0;
};

}  // namespace host::qdisc
