// SPDX-License-Identifier: Apache-2.0
// One packet is looked for while the one before it is on its way to the driver, which learns that another follows.
#include "host/device/qdisc_run.hpp"

#include <utility>

#include "host/device/validate_xmit.hpp"

namespace host::device {

void QdiscRun::run() {
  if (qdisc_.state.running || qdisc_.state.dead) return;
  qdisc_.state.running = true;
  end(send_quota());
}

void QdiscRun::end(bool again) {
  qdisc_.state.running = false;
  if (again && dev_.is_up() && !qdisc_.state.dead) dev_.core()->netif_schedule(cpu_, dev_, qdisc_);
}

bool QdiscRun::bypass(skb::Skb& skb) {
  if (!qdisc_.may_bypass() || qdisc_.state.running || qdisc_.state.dead) return false;
  const unsigned queue = skb->queue_mapping;
  if (dev_.xmit_stopped(queue)) return false;
  qdisc_.state.running = true;
  qdisc_.count_sent(*skb);
  cpu_.trace(kernel::JourneyStep::qdisc_enqueue, skb->id());
  bool again = false;
  if (std::vector<skb::Skb> rest = transmit(cpu_, dev_, std::move(skb), XmitMore::no); !rest.empty()) [[unlikely]] {
    again = put_back(std::move(rest), queue);
  } else if (!qdisc_.may_bypass()) {
    again = send_quota();  // another CPU has queued one meanwhile
  }
  end(again);
  return true;
}

bool QdiscRun::put_back(std::vector<skb::Skb> rest, unsigned queue) {
  for (; !rest.empty(); rest.pop_back()) qdisc_.requeue(std::move(rest.back()));
  return !dev_.xmit_stopped(queue);
}

skb::Skb QdiscRun::next_packet() {
  const skb::SkBuff* first = qdisc_.requeued();
  if (first != nullptr && dev_.xmit_stopped(first->queue_mapping)) return nullptr;
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
    if (std::vector<skb::Skb> rest = transmit(cpu_, dev_, std::move(skb), more); !rest.empty()) [[unlikely]] {
      if (next) qdisc_.requeue(std::move(next));
      return put_back(std::move(rest), queue);
    }
    skb = next || quota == 0 ? std::move(next) : next_packet();  // another CPU may have queued one meanwhile
  }
  return quota == 0 && qdisc_.backlog_packets() > 0;
}

TxResult QdiscRun::transmit_one(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore more) {
  if (!dev.is_up() || dev.queue_stopped(skb->queue_mapping)) return TxResult::busy;
  dev.core()->taps().sent(cpu, *skb);
  return dev.ops_.start_xmit(cpu, dev, skb, more);
}

std::vector<skb::Skb> QdiscRun::transmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb&& skb, XmitMore more) {
  std::vector<skb::Skb> rest;
  const bool stopped = dev.xmit_stopped(skb->queue_mapping);
  if (stopped || device_takes(dev, *skb)) {
    if (stopped || transmit_one(cpu, dev, skb, more) == TxResult::busy) rest.push_back(std::move(skb));
    return rest;
  }
  std::vector<skb::Skb> frames = validate_xmit(cpu, dev, std::move(skb));
  std::size_t sent = 0;
  for (; sent < frames.size(); ++sent) {
    const auto follows = sent + 1 < frames.size() ? XmitMore::yes : more;
    if (transmit_one(cpu, dev, frames[sent], follows) == TxResult::busy) break;
  }
  frames.erase(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(sent));
  return frames;
}

}  // namespace host::device
