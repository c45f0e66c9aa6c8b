// SPDX-License-Identifier: Apache-2.0
// Three FIFOs, the urgent one first: every device's qdisc unless told otherwise (Linux: pfifo_fast, sch_generic.c).
#pragma once

#include <array>

#include "host/qdisc/packet_queue.hpp"
#include "host/qdisc/qdisc.hpp"

namespace host::qdisc {

/// Bands as kPriorityBands has them. Each band holds txqueuelen packets.
class PfifoFast final : public Qdisc {
 public:
  static constexpr std::size_t kBands = 3;

  explicit PfifoFast(const Context& context);

  Verdict enqueue(kernel::Cpu& cpu, skb::Skb&& skb) override;
  void tx_queue_len_changed(std::uint32_t packets) override { limit_ = packets; }

 private:
  [[nodiscard]] skb::Skb take(kernel::Cpu& cpu) override;
  [[nodiscard]] bool lets_pass() const override;
  [[nodiscard]] Backlog held() const override;
  void clear(kernel::Cpu& cpu) override;

  std::uint32_t limit_;
  std::array<PacketQueue, kBands> bands_;
};

}  // namespace host::qdisc
