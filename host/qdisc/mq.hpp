// SPDX-License-Identifier: Apache-2.0
// A qdisc for each transmit queue, so that CPUs do not meet (Linux: net/sched/sch_mq.c).
#pragma once

#include <memory>
#include <vector>

#include "host/qdisc/qdisc.hpp"

namespace host::qdisc {

/// Packets go to its children, never to itself; its counters are their sums.
class Mq final : public Qdisc {
 public:
  /// A child of the default kind for each of the device's transmit queues.
  explicit Mq(const Context& context);

  Verdict enqueue(kernel::Cpu& cpu, skb::Skb&& skb) override;
  [[nodiscard]] Stats stats() const override;
  void tx_queue_len_changed(std::uint32_t packets) override;
  [[nodiscard]] std::vector<Class> classes() override;
  [[nodiscard]] base::Result<std::unique_ptr<Qdisc>> graft(std::uint32_t minor, std::unique_ptr<Qdisc> child) override;
  [[nodiscard]] Qdisc& of_tx_queue(unsigned queue) override { return *children_.at(queue); }

 private:
  [[nodiscard]] skb::Skb take(kernel::Cpu& cpu) override;
  [[nodiscard]] Backlog held() const override;
  void clear(kernel::Cpu& cpu) override;

  Context context_;
  std::vector<std::unique_ptr<Qdisc>> children_;
};

}  // namespace host::qdisc
