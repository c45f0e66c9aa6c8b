// SPDX-License-Identifier: Apache-2.0
// The FIFO itself and its counters.
#include "host/device/qdisc.hpp"

#include <utility>

namespace host::device {

bool PfifoQdisc::enqueue(skb::Skb& skb) {
  if (queue_.size() >= limit_) {
    ++stats_.dropped;
    return false;
  }
  backlog_bytes_ += skb->len();
  queue_.push_back(std::move(skb));
  return true;
}

skb::Skb PfifoQdisc::dequeue() {
  if (queue_.empty()) return nullptr;
  skb::Skb skb = std::move(queue_.front());
  queue_.pop_front();
  backlog_bytes_ -= skb->len();
  return skb;
}

void PfifoQdisc::requeue(skb::Skb skb) {
  ++stats_.requeues;
  backlog_bytes_ += skb->len();
  queue_.push_front(std::move(skb));
}

void PfifoQdisc::clear() {
  queue_.clear();
  backlog_bytes_ = 0;
}

}  // namespace host::device
