// SPDX-License-Identifier: Apache-2.0
// First in, first out, bounded in packets or in bytes (Linux: net/sched/sch_fifo.c).
#pragma once

#include "host/qdisc/packet_queue.hpp"
#include "host/qdisc/qdisc.hpp"

namespace host::qdisc {

/// What a FIFO's limit counts: pfifo or bfifo.
enum class FifoUnit : std::uint8_t { packets, bytes };

/// The limit is txqueuelen packets, or as many of the device's largest in bytes, unless it is set.
class Fifo final : public Qdisc {
 public:
  Fifo(FifoUnit unit, const Context& context);

  Verdict enqueue(kernel::Cpu& cpu, skb::Skb&& skb) override;
  [[nodiscard]] base::Result<void> change(kernel::Cpu& cpu, const Options& options) override;
  [[nodiscard]] Options options() const override { return FifoOptions{limit_}; }

 private:
  [[nodiscard]] skb::Skb take(kernel::Cpu&) override { return queue_.pop(); }
  [[nodiscard]] bool lets_pass() const override { return limit_ >= largest_ && queue_.empty(); }
  [[nodiscard]] Backlog held() const override { return {queue_.size(), queue_.bytes()}; }
  void clear(kernel::Cpu& cpu) override;

  FifoUnit unit_;
  std::uint32_t largest_;  // what a frame of the device's takes of the limit at most
  std::uint32_t limit_;
  PacketQueue queue_;
};

}  // namespace host::qdisc
