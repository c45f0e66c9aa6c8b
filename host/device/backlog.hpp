// SPDX-License-Identifier: Apache-2.0
// Packets that wait for one CPU to take them through the protocols (Linux: struct softnet_data, process_backlog).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "host/kernel/cpu.hpp"
#include "host/kernel/cross_call.hpp"
#include "host/kernel/sysctl.hpp"
#include "host/skb/skb.hpp"

namespace host::device {

/// One CPU's. Others put packets in; only its CPU takes them out, polled like a device.
class Backlog final : public kernel::Napi {
 public:
  /// Takes a packet on from where RPS stopped it.
  using Receive = std::function<void(kernel::Cpu&, skb::Skb)>;

  /// `rx_bias` multiplies the packets of a poll. The owner and the tunable outlive it.
  Backlog(kernel::Cpu& owner, const kernel::Sysctl& rx_bias, Receive receive);
  ~Backlog() override;

  /// Its CPU polls soon: at once when that is `cpu`, else after an interrupt that `cpu` sends when its NET_RX ends.
  void enqueue(kernel::Cpu& cpu, skb::Skb skb);
  /// Packets that were put in since the beginning, and that have come to the end of their way through the protocols
  /// (Linux: input_queue_tail, input_queue_head).
  [[nodiscard]] std::uint64_t tail() const { return tail_; }
  [[nodiscard]] std::uint64_t head() const { return head_; }
  /// Packets not taken yet: what netdev_max_backlog bounds (Linux: input_pkt_queue).
  [[nodiscard]] std::size_t input_packets() const { return input_pkt_queue_.size(); }
  /// Packets that the present poll has taken and not handled yet (Linux: process_queue).
  [[nodiscard]] std::size_t process_packets() const { return process_queue_.size(); }
  /// The device goes: its packets end as drops on `cpu`.
  void flush(kernel::Cpu& cpu, const NetDevice& dev);

  int weight(int dev_weight) const override;
  int poll(kernel::Cpu& cpu, int budget) override;

 private:
  kernel::Cpu& owner_;
  const kernel::Sysctl& rx_bias_;
  Receive receive_;
  std::deque<skb::Skb> input_pkt_queue_;  // filled by any CPU
  std::deque<skb::Skb> process_queue_;    // owned by: the poll
  std::uint64_t tail_ = 0;
  std::uint64_t head_ = 0;
  kernel::CrossCall trigger_;  // Linux: rps_trigger_softirq
};

}  // namespace host::device
