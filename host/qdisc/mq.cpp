// SPDX-License-Identifier: Apache-2.0
// The children, one after the other.
#include "host/qdisc/mq.hpp"

#include <utility>

#include "host/base/invariant.hpp"
#include "host/qdisc/create.hpp"

namespace host::qdisc {

Mq::Mq(const Context& context) : Qdisc("mq"), context_(context) {
  for (unsigned queue = 0; queue < context.tx_queues; ++queue) children_.push_back(create_default(context));
}

Verdict Mq::enqueue(kernel::Cpu&, skb::Skb&&) {
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

std::vector<Class> Mq::classes() {
  std::vector<Class> all;
  for (std::uint32_t queue = 0; queue < children_.size(); ++queue) all.push_back({queue + 1, children_[queue].get()});
  return all;
}

base::Result<std::unique_ptr<Qdisc>> Mq::graft(std::uint32_t minor, std::unique_ptr<Qdisc> child) {
  if (minor == 0 || minor > children_.size()) return base::Errno::no_entry;
  return std::exchange(children_[minor - 1], child ? std::move(child) : create_default(context_));
}

void Mq::tx_queue_len_changed(std::uint32_t packets) {
  for (const auto& child : children_) child->tx_queue_len_changed(packets);
}

void Mq::clear(kernel::Cpu& cpu) {
  for (const auto& child : children_) child->reset(cpu);
}

}  // namespace host::qdisc
