// SPDX-License-Identifier: Apache-2.0
// One packet is looked for while the one before it is on its way to the driver, which learns that another follows.
#include "host/device/qdisc_run.hpp"

#include <utility>

namespace host::device {

void QdiscRun::run() {
  if (qdisc_.state.running || qdisc_.state.dead) return;
  qdisc_.state.running = true;
  const bool again = send_quota();
  qdisc_.state.running = false;
  if (again && dev_.is_up() && !qdisc_.state.dead) dev_.core()->netif_schedule(cpu_, dev_, qdisc_);
}

bool QdiscRun::may_send(const skb::SkBuff& skb) const {
  return dev_.is_up() && !dev_.xmit_stopped(skb.queue_mapping);
}

skb::Skb QdiscRun::next_packet() {
  const skb::SkBuff* first = qdisc_.requeued();
  if (first != nullptr && !may_send(*first)) return nullptr;
  const bool stopped = qdisc_.state.tx_queue && dev_.xmit_stopped(*qdisc_.state.tx_queue);
  if (!dev_.is_up() || stopped) return nullptr;
  return qdisc_.dequeue(cpu_);
}

bool QdiscRun::may_follow(const skb::SkBuff& skb) const {
  const ByteQueueLimit& bytes = dev_.byte_queue_limit(skb.queue_mapping);
  return !bytes.in_use() || bytes.available() > skb.len();
}

bool QdiscRun::send_quota() {
  auto quota = dev_.core()->tx_quota();
  skb::Skb skb = next_packet();
  while (skb) {
    --quota;
    skb::Skb next = quota > 0 && may_follow(*skb) ? next_packet() : nullptr;
    const unsigned queue = skb->queue_mapping;
    const auto more = next && next->queue_mapping == queue ? XmitMore::yes : XmitMore::no;
    if (!may_send(*skb) || transmit(cpu_, dev_, skb, more) == TxResult::busy) {
      if (next) qdisc_.requeue(std::move(next));
      qdisc_.requeue(std::move(skb));
      return !dev_.xmit_stopped(queue);
    }
    skb = next || quota == 0 ? std::move(next) : next_packet();  // another CPU may have queued one meanwhile
  }
  return quota == 0 && qdisc_.backlog_packets() > 0;
}

TxResult QdiscRun::transmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore more) {
  dev.core()->deliver_to_taps(cpu, *skb, 0);
  return dev.ops_.start_xmit(cpu, dev, skb, more);
}

}  // namespace host::device
