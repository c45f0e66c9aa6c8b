// SPDX-License-Identifier: Apache-2.0
// The control law: the n-th drop comes an interval divided by the root of n after the one before.
#include "host/qdisc/codel.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/qdisc/ecn.hpp"
#include "host/qdisc/packet_queue.hpp"

namespace host::qdisc {
namespace {

using platform::Nanoseconds;

/// Soon enough after the last time for the drop rate that worked then (RFC 8289 section 5.5).
constexpr int kRecentIntervals = 16;

}  // namespace

Nanoseconds Codel::control_law(Nanoseconds from, const CodelParams& params) const {
  return from + static_cast<Nanoseconds>(static_cast<double>(params.interval) / std::sqrt(static_cast<double>(count_)));
}

bool Codel::should_drop(const skb::SkBuff* skb, Nanoseconds now, const CodelParams& params, const CodelQueue& queue,
                        CodelStats& stats) {
  if (skb == nullptr) {
    above_since_.reset();
    return false;
  }
  const PacketNote note = note_of(*skb);
  delay_ = now - note.enqueued;
  stats.max_packet = std::max(stats.max_packet, note.bytes);
  if (delay_ < params.target || queue.bytes() <= params.mtu) {
    above_since_.reset();
    return false;
  }
  if (!above_since_) {
    above_since_ = now + params.interval;
    return false;
  }
  return now > *above_since_;
}

void Codel::start_dropping(Nanoseconds now, const CodelParams& params) {
  dropping_ = true;
  const std::uint32_t since = count_ - last_count_;
  const bool recently = now - drop_next_ < kRecentIntervals * params.interval;
  count_ = since > 1 && recently ? since : 1;
  last_count_ = count_;
  drop_next_ = control_law(now, params);
}

skb::Skb Codel::keep_dropping(skb::Skb skb, Nanoseconds now, const CodelParams& params, CodelQueue& queue,
                              CodelStats& stats) {
  while (dropping_ && now >= drop_next_) {
    ++count_;
    if (params.ecn && set_congestion_experienced(*skb)) {
      ++stats.ecn_mark;
      drop_next_ = control_law(drop_next_, params);
      return skb;
    }
    queue.drop(std::move(skb));
    skb = queue.pop();
    if (should_drop(skb.get(), now, params, queue, stats)) {
      drop_next_ = control_law(drop_next_, params);
    } else {
      dropping_ = false;
    }
  }
  return skb;
}

skb::Skb Codel::dequeue(Nanoseconds now, const CodelParams& params, CodelQueue& queue, CodelStats& stats) {
  skb::Skb skb = queue.pop();
  if (!skb) {
    dropping_ = false;
    return nullptr;
  }
  const bool too_long = should_drop(skb.get(), now, params, queue, stats);
  if (dropping_ && too_long) {
    skb = keep_dropping(std::move(skb), now, params, queue, stats);
  } else if (dropping_) {
    dropping_ = false;
  } else if (too_long) {
    if (params.ecn && set_congestion_experienced(*skb)) {
      ++stats.ecn_mark;
    } else {
      queue.drop(std::move(skb));
      skb = queue.pop();
      static_cast<void>(should_drop(skb.get(), now, params, queue, stats));
    }
    start_dropping(now, params);
  }
  const bool mark = skb && params.ce_threshold && delay_ > *params.ce_threshold;
  if (mark && set_congestion_experienced(*skb)) ++stats.ce_mark;
  return skb;
}

}  // namespace host::qdisc
