// SPDX-License-Identifier: Apache-2.0
// The queue in front of a device (Linux: net/sched/sch_fifo.c, sch_generic.c).
#pragma once

#include <cstdint>
#include <deque>

#include "host/skb/skb.hpp"

namespace host::device {

/// `tc -s qdisc`.
struct QdiscStats {
  std::uint64_t sent_packets = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t dropped = 0;
  std::uint64_t requeues = 0;
};

/// First in, first out, at most `limit` packets (txqueuelen).
class PfifoQdisc {
 public:
  static constexpr std::uint32_t kDefaultLimit = 1000;

  /// Takes `skb` and leaves it null; false (and skb left) when full: the caller drops it.
  [[nodiscard]] bool enqueue(skb::Skb& skb);
  /// Null when empty.
  [[nodiscard]] skb::Skb dequeue();
  /// Puts back a packet that the driver refused; it stays the first.
  void requeue(skb::Skb skb);
  void clear();

  [[nodiscard]] std::size_t backlog_packets() const { return queue_.size(); }
  [[nodiscard]] std::uint64_t backlog_bytes() const { return backlog_bytes_; }
  [[nodiscard]] std::uint32_t limit() const { return limit_; }
  void set_limit(std::uint32_t packets) { limit_ = packets; }
  /// A CPU is sending from it.
  [[nodiscard]] bool running() const { return running_; }
  [[nodiscard]] const QdiscStats& stats() const { return stats_; }

 private:
  friend void qdisc_run(kernel::Cpu& cpu, NetDevice& dev, unsigned queue);
  std::deque<skb::Skb> queue_;
  std::uint64_t backlog_bytes_ = 0;
  std::uint32_t limit_ = kDefaultLimit;
  bool running_ = false;  // one CPU at a time sends (Linux: __QDISC_STATE_RUNNING)
  QdiscStats stats_;
};

/// Sends what one transmit queue holds while the driver takes it, up to a quota; then leaves it to NET_TX.
void qdisc_run(kernel::Cpu& cpu, NetDevice& dev, unsigned queue);

}  // namespace host::device
