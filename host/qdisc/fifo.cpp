// SPDX-License-Identifier: Apache-2.0
// Takes a packet while the limit is not reached.
#include "host/qdisc/fifo.hpp"

#include <algorithm>

namespace host::qdisc {

Fifo::Fifo(FifoUnit unit, const Context& context)
    : Qdisc(unit == FifoUnit::packets ? "pfifo" : "bfifo"),
      unit_(unit),
      largest_(unit == FifoUnit::bytes ? context.mtu : 1),
      limit_(std::max(context.tx_queue_len, 1u) * largest_) {}

Verdict Fifo::enqueue(kernel::Cpu& cpu, skb::Skb&& skb) {
  const bool fits =
      unit_ == FifoUnit::packets ? backlog_packets() < limit_ : backlog_bytes() + wire_bytes(*skb) <= limit_;
  if (!fits) {
    drop(cpu, std::move(skb), base::DropReason::qdisc_full);
    return Verdict::drop;
  }
  queue_.push(std::move(skb));
  return Verdict::success;
}

base::Result<void> Fifo::change(kernel::Cpu& cpu, const Options& options) {
  const auto* wanted = std::get_if<FifoOptions>(&options);
  if (wanted == nullptr) return Qdisc::change(cpu, options);
  limit_ = wanted->limit;
  return {};
}

void Fifo::clear(kernel::Cpu& cpu) {
  while (skb::Skb skb = queue_.pop()) purge(cpu, std::move(skb));
}

}  // namespace host::qdisc
