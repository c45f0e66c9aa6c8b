// SPDX-License-Identifier: Apache-2.0
// Two queues, so that a poll works on what it took while others fill the next one (Linux: net/core/dev.c).
#include "host/device/backlog.hpp"

#include <algorithm>
#include <string>

#include "host/kernel/kernel.hpp"

namespace host::device {

Backlog::Backlog(kernel::Cpu& owner, const kernel::Sysctl& rx_bias, Receive receive)
    : kernel::Napi("backlog/" + std::to_string(owner.id())),
      owner_(owner),
      rx_bias_(rx_bias),
      receive_(std::move(receive)),
      trigger_([this](kernel::Cpu& cpu) {
        ++cpu.softnet().received_rps;
        napi_schedule_prepared(cpu, *this);
      }) {
  napi_enable(*this);
}

Backlog::~Backlog() {
  napi_disable(owner_, *this);
}

void Backlog::enqueue(kernel::Cpu& cpu, skb::Skb skb) {
  ++tail_;
  input_pkt_queue_.push_back(std::move(skb));
  if (input_pkt_queue_.size() > 1) return;  // whoever put the first one there has scheduled it
  if (!napi_schedule_prep(*this)) return;
  if (&cpu == &owner_) {
    napi_schedule_prepared(cpu, *this);
  } else {
    trigger_.send_after_net_rx(cpu, owner_);
  }
}

void Backlog::flush(kernel::Cpu& cpu, const NetDevice& dev) {
  for (auto* queue : {&input_pkt_queue_, &process_queue_}) {
    std::erase_if(*queue, [&](const skb::Skb& skb) {
      if (skb->dev != &dev) return false;
      ++head_;
      cpu.count_drop(base::DropReason::interface_down, skb->id());
      return true;
    });
  }
}

int Backlog::weight(int dev_weight) const {
  return static_cast<int>(std::min<std::int64_t>(dev_weight * rx_bias_.value, INT32_MAX));
}

int Backlog::poll(kernel::Cpu& cpu, int budget) {
  for (int work = 0; work < budget; ++work) {
    if (process_queue_.empty()) process_queue_.swap(input_pkt_queue_);
    if (process_queue_.empty()) {
      static_cast<void>(napi_complete_done(cpu, *this, work));
      return work;
    }
    skb::Skb skb = std::move(process_queue_.front());
    process_queue_.pop_front();
    receive_(cpu, std::move(skb));
    ++head_;
  }
  return budget;
}

}  // namespace host::device
