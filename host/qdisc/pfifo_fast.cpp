// SPDX-License-Identifier: Apache-2.0
// A band is looked at when those before it are empty.
#include "host/qdisc/pfifo_fast.hpp"

#include <algorithm>

namespace host::qdisc {

PfifoFast::PfifoFast(const Context& context) : Qdisc("pfifo_fast"), limit_(context.tx_queue_len) {}

Verdict PfifoFast::enqueue(kernel::Cpu& cpu, skb::Skb&& skb) {
  PacketQueue& band = bands_[kPriorityBands[skb->priority % kPriorityBands.size()]];
  if (band.size() >= limit_) {
    drop(cpu, std::move(skb), base::DropReason::qdisc_full);
    return Verdict::drop;
  }
  band.push(std::move(skb));
  return Verdict::success;
}

skb::Skb PfifoFast::take(kernel::Cpu&) {
  for (PacketQueue& band : bands_) {
    if (!band.empty()) return band.pop();
  }
  return nullptr;
}

bool PfifoFast::lets_pass() const {
  return limit_ != 0 && std::ranges::all_of(bands_, &PacketQueue::empty);
}

Backlog PfifoFast::held() const {
  Backlog sum;
  for (const PacketQueue& band : bands_) {
    sum.packets += band.size();
    sum.bytes += band.bytes();
  }
  return sum;
}

void PfifoFast::clear(kernel::Cpu& cpu) {
  while (skb::Skb skb = take(cpu)) purge(cpu, std::move(skb));
}

}  // namespace host::qdisc
