// SPDX-License-Identifier: Apache-2.0
// What a datagram socket has received and not read yet (Linux: sk_receive_queue, sk_rmem_alloc, sk_err).
#include "host/ip/receive_queue.hpp"

#include "host/kernel/kernel.hpp"

#include <utility>

namespace host::ip {

bool ReceiveQueue::enqueue(kernel::Cpu& cpu, skb::Skb& skb) {
  if (!has_room()) {
    return false;
  }
  const std::int64_t truesize = skb->truesize();
  cpu.trace(kernel::JourneyStep::socket_queue, skb->id());
  charged_ += truesize;
  packets_.push_back({std::move(skb), truesize});
  if (ready_) {
    ready_(cpu);
  }
  return true;
}

skb::SkBuff* ReceiveQueue::front() {
  return packets_.empty() ? nullptr : packets_.front().skb.get();
}

skb::Skb ReceiveQueue::pop() {
  if (packets_.empty()) {
    return nullptr;
  }
  Charged oldest = std::move(packets_.front());
  packets_.pop_front();
  charged_ -= oldest.truesize;
  return std::move(oldest.skb);
}

void ReceiveQueue::purge(kernel::Cpu& cpu) {
  while (skb::Skb packet = pop()) {
    drop(cpu, std::move(packet), base::DropReason::socket_closed);
  }
}

void ReceiveQueue::report_error(kernel::Cpu& cpu, base::Errno error) {
  error_ = error;
  if (ready_) {
    ready_(cpu);
  }
}

std::optional<base::Errno> ReceiveQueue::take_error() {
  return std::exchange(error_, std::nullopt);
}

}  // namespace host::ip
