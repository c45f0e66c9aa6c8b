// SPDX-License-Identifier: Apache-2.0
// What a datagram socket has received and not read yet (Linux: sk_receive_queue, sk_rmem_alloc, sk_err).
#include "host/ip/receive_queue.hpp"

#include "host/kernel/kernel.hpp"

namespace host::ip {

bool ReceiveQueue::enqueue(kernel::Cpu& cpu, skb::Skb& skb) {
  if (!has_room()) {
    return false;
  }
  cpu.trace(kernel::JourneyStep::socket_queue, skb->id());
  charged_ += skb->truesize();  // nobody changes what waits: it is the same when it goes
  packets_.push_back(std::move(skb));
  if (ready_) {
    ready_(cpu);
  }
  return true;
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

bool ReceiveQueue::queue_error(kernel::Cpu& cpu, ExtendedError error) {
  if (charged_ + errors_.charged() + ErrorQueue::cost(error) > limit_) {
    return false;
  }
  errors_.push(std::move(error));
  if (ready_) {
    ready_(cpu);
  }
  return true;
}

std::optional<ExtendedError> ReceiveQueue::take_queued_error() {
  auto oldest = errors_.pop();
  const ExtendedError* next = errors_.front();
  if (next != nullptr && next->is_icmp()) {
    error_ = next->error;
  } else if (oldest && oldest->is_icmp()) {
    error_.reset();
  }
  return oldest;
}

}  // namespace host::ip
