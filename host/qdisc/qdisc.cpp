// SPDX-License-Identifier: Apache-2.0
// What all qdiscs do alike: count, peek, requeue (Linux: qdisc_peek_dequeued, dev_requeue_skb).
#include "host/qdisc/qdisc.hpp"

#include <utility>

#include "host/qdisc/packet_queue.hpp"

namespace host::qdisc {

skb::Skb Qdisc::dequeue(kernel::Cpu& cpu) {
  if (!requeued_.empty()) {  // it was counted when it left the first time
    skb::Skb skb = std::move(requeued_.front());
    requeued_.pop_front();
    return skb;
  }
  skb::Skb skb = peeked_ ? std::move(peeked_) : take(cpu);
  if (skb) count_sent(*skb);
  return skb;
}

void Qdisc::count_sent(const skb::SkBuff& skb) {
  stats_.bytes += wire_bytes(skb);
  stats_.packets += wire_packets(skb);
}

const skb::SkBuff* Qdisc::peek(kernel::Cpu& cpu) {
  if (!requeued_.empty()) return requeued_.front().get();
  if (!peeked_) peeked_ = take(cpu);
  return peeked_.get();
}

void Qdisc::requeue(skb::Skb skb) {
  ++stats_.requeues;
  requeued_.push_front(std::move(skb));
}

Backlog Qdisc::backlog() const {
  Backlog sum = held();
  const auto add = [&sum](const skb::SkBuff& skb) {
    ++sum.packets;
    sum.bytes += wire_bytes(skb);
  };
  if (peeked_) add(*peeked_);
  for (const skb::Skb& skb : requeued_) add(*skb);
  return sum;
}

void Qdisc::reset(kernel::Cpu& cpu) {
  if (peeked_) purge(cpu, std::move(peeked_));
  while (!requeued_.empty()) {
    skb::Skb skb = std::move(requeued_.front());
    requeued_.pop_front();
    purge(cpu, std::move(skb));
  }
  clear(cpu);
}

base::Result<std::unique_ptr<Qdisc>> Qdisc::graft(std::uint32_t, std::unique_ptr<Qdisc>) {
  return base::Errno::not_supported;
}

base::Result<void> Qdisc::change(kernel::Cpu&, const Options& options) {
  if (!std::holds_alternative<std::monostate>(options)) return base::Errno::invalid;
  return {};
}

void Qdisc::drop(kernel::Cpu& cpu, skb::Skb skb, base::DropReason reason) {
  for (Qdisc* each = this; each != nullptr; each = each->parent_) ++each->stats_.drops;
  skb::drop(cpu, std::move(skb), reason);
}

void Qdisc::purge(kernel::Cpu& cpu, skb::Skb skb) {
  skb::drop(cpu, std::move(skb), base::DropReason::queue_purge);
}

void Qdisc::wake(kernel::Cpu& cpu) const {
  if (parent_ != nullptr) {
    parent_->wake(cpu);
  } else if (wake_) {
    wake_(cpu);
  }
}

void Qdisc::adopt(Qdisc& child) {
  child.parent_ = this;
}

}  // namespace host::qdisc
