// SPDX-License-Identifier: Apache-2.0
// The children, one after the other.
#include "host/qdisc/mq.hpp"

#include "host/base/invariant.hpp"
#include "host/qdisc/create.hpp"

namespace host::qdisc {

Mq::Mq(const Context& context) : Qdisc("mq") {
  for (unsigned queue = 0; queue < context.tx_queues; ++queue) children_.push_back(create_default(context));
}

Verdict Mq::enqueue(kernel::Cpu&, skb::Skb) {
  INVARIANT(false, "a packet is given to mq instead of a child");
  return Verdict::drop;
}

skb::Skb Mq::take(kernel::Cpu&) {
  return nullptr;
}

Stats Mq::stats() const {
  Stats sum;
  for (const auto& child : children_) {
    const Stats one = child->stats();
    sum.bytes += one.bytes;
    sum.packets += one.packets;
    sum.drops += one.drops;
    sum.requeues += one.requeues;
    sum.overlimits += one.overlimits;
  }
  return sum;
}

Backlog Mq::held() const {
  Backlog sum;
  for (const auto& child : children_) {
    const Backlog one = child->backlog();
    sum.packets += one.packets;
    sum.bytes += one.bytes;
  }
  return sum;
}

void Mq::tx_queue_len_changed(std::uint32_t packets) {
  for (const auto& child : children_) child->tx_queue_len_changed(packets);
}

void Mq::clear(kernel::Cpu& cpu) {
  for (const auto& child : children_) child->reset(cpu);
}

}  // namespace host::qdisc
