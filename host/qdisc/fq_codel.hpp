// SPDX-License-Identifier: Apache-2.0
// Fair queueing with controlled delay: flows take turns by bytes, new ones first, each under CoDel
// (RFC 8290; Linux: net/sched/sch_fq_codel.c).
#pragma once

#include <deque>
#include <vector>

#include "host/qdisc/codel.hpp"
#include "host/qdisc/packet_queue.hpp"
#include "host/qdisc/qdisc.hpp"

namespace host::qdisc {

/// `tc -s`: what this kind counts beside the others.
struct FqCodelStats {
  CodelStats codel;
  std::uint64_t drop_overlimit = 0;
  std::uint64_t drop_overmemory = 0;
  std::uint64_t new_flow_count = 0;
  std::size_t new_flows = 0;  // waiting now
  std::size_t old_flows = 0;
  std::uint64_t memory_used = 0;
};

/// Full, it drops from the flow that holds most, half of that or drop_batch packets at once.
class FqCodel final : public Qdisc {
 public:
  explicit FqCodel(const Context& context);

  Verdict enqueue(kernel::Cpu& cpu, skb::Skb&& skb) override;
  /// invalid: another number of flows than it began with, or a quantum of nothing.
  [[nodiscard]] base::Result<void> change(kernel::Cpu& cpu, const Options& options) override;
  [[nodiscard]] Options options() const override { return options_; }
  [[nodiscard]] FqCodelStats fq_codel_stats() const;

 private:
  struct Flow {
    PacketQueue queue;
    std::int64_t deficit = 0;
    bool waits = false;  // stands in one of the two rows
    Codel codel;
  };
  struct Dropped {
    std::size_t flow;
    std::uint32_t packets;
  };
  class FlowQueue;

  [[nodiscard]] skb::Skb take(kernel::Cpu& cpu) override;
  [[nodiscard]] bool lets_pass() const override { return packets_ == 0; }
  [[nodiscard]] Backlog held() const override { return {packets_, bytes_}; }
  void clear(kernel::Cpu& cpu) override;

  [[nodiscard]] std::size_t classify(const skb::SkBuff& skb) const;
  [[nodiscard]] skb::Skb pop(Flow& flow);
  Dropped drop_from_fattest(kernel::Cpu& cpu);
  [[nodiscard]] bool over_memory() const { return memory_ > options_.memory_limit; }

  Context context_;
  FqCodelOptions options_;
  std::vector<Flow> flows_;
  std::deque<std::size_t> new_flows_;
  std::deque<std::size_t> old_flows_;
  std::size_t packets_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t memory_ = 0;
  FqCodelStats stats_;
};

}  // namespace host::qdisc
