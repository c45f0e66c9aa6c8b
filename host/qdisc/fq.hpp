// SPDX-License-Identifier: Apache-2.0
// Fair queueing with pacing: flows take turns by bytes, and each sends no faster than a rate
// (Linux: net/sched/sch_fq.c).
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "host/qdisc/packet_queue.hpp"
#include "host/qdisc/qdisc.hpp"
#include "host/qdisc/watchdog.hpp"

namespace host::qdisc {

/// `tc -s`: what this kind counts beside the others.
struct FqStats {
  std::uint64_t flows = 0;      // that had a packet at any time
  std::uint64_t inactive = 0;   // of them, without packets now
  std::uint64_t urgent = 0;     // control packets
  std::uint64_t throttled = 0;  // flows that were made to wait
  std::size_t throttled_now = 0;
  std::uint64_t flows_plimit = 0;   // packets beyond a flow's limit
  std::uint64_t pkts_too_long = 0;  // whose pause would have been longer than a second
};

/// Flows are told apart by their hash, orphan_mask + 1 of them; packets do not name their sockets. The control priority
/// goes before all flows and is not paced. There is no SO_TXTIME: packets may leave when they come.
class Fq final : public Qdisc {
 public:
  explicit Fq(const Context& context);

  Verdict enqueue(kernel::Cpu& cpu, skb::Skb&& skb) override;
  /// invalid: a quantum of nothing, or an orphan_mask that is no power of two less 1, below 2^18.
  [[nodiscard]] base::Result<void> change(kernel::Cpu& cpu, const Options& options) override;
  [[nodiscard]] Options options() const override { return options_; }
  [[nodiscard]] FqStats fq_stats() const;

 private:
  enum class Row : std::uint8_t { none, fresh, old, throttled };
  struct Flow {
    PacketQueue queue;
    std::int64_t credit = 0;
    Row row = Row::none;
    platform::Nanoseconds next = 0;   // no packet before
    platform::Nanoseconds since = 0;  // it has been without packets
    bool known = false;
  };

  [[nodiscard]] skb::Skb take(kernel::Cpu& cpu) override;
  [[nodiscard]] Backlog held() const override { return {packets_, bytes_}; }
  void clear(kernel::Cpu& cpu) override;

  [[nodiscard]] skb::Skb pop(PacketQueue& queue);
  void release_throttled(platform::Nanoseconds now);
  [[nodiscard]] std::uint64_t rate_of(const skb::SkBuff& skb) const;
  void pace(Flow& flow, const skb::SkBuff& sent, platform::Nanoseconds now);
  void throttle(std::size_t which, platform::Nanoseconds until);

  Context context_;
  FqOptions options_;
  std::vector<Flow> flows_;
  PacketQueue urgent_;
  std::deque<std::size_t> fresh_;
  std::deque<std::size_t> old_;
  std::multimap<platform::Nanoseconds, std::size_t> throttled_;
  std::size_t packets_ = 0;
  std::uint64_t bytes_ = 0;
  FqStats stats_;
  Watchdog watchdog_;
};

}  // namespace host::qdisc
