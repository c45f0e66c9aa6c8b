// SPDX-License-Identifier: Apache-2.0
// The tap's filter sees each packet right before its driver does, wants none of its bytes and notes the time.
#include "host/ip/tx_timestamps.hpp"

#include <algorithm>

#include "host/kernel/kernel.hpp"

namespace host::ip {

TxTimestamps::TxTimestamps(device::NetCore& net, Sock& socket)
    : net_(net),
      socket_(socket),
      tap_(net.taps().add({.filter =
                               [this](kernel::Cpu& cpu, skb::SkBuff& skb) {
                                 leaves(cpu, skb);
                                 return 0U;
                               },
                           .take = [](kernel::Cpu&, skb::Skb, std::uint32_t) {}})) {}

TxTimestamps::~TxTimestamps() {
  net_.taps().remove(tap_);
}

void TxTimestamps::expect(const skb::SkBuff& skb) {
  if (pending_.size() == kMostPending) {
    pending_.pop_front();
  }
  pending_.push_back({skb.id(), next_key_++});
}

void TxTimestamps::leaves(kernel::Cpu& cpu, const skb::SkBuff& skb) {
  if (skb.owner.get() != socket_.send.owner()) {
    return;
  }
  const auto found = std::ranges::find(pending_, skb.id(), &Pending::id);
  if (found == pending_.end()) {
    return;
  }
  const std::uint32_t key = found->key;
  pending_.erase(found);
  // Lost when the queue is full, as in Linux.
  static_cast<void>(
      socket_.queue.queue_error(cpu, {.origin = ErrorOrigin::timestamping, .data = key, .timestamp = cpu.now()}));
}

}  // namespace host::ip
