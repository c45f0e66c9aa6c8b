// SPDX-License-Identifier: Apache-2.0
// No queue at all: what a virtual device has (Linux: noqueue, sch_generic.c).
#pragma once

#include "host/base/invariant.hpp"
#include "host/qdisc/qdisc.hpp"

namespace host::qdisc {

class Noqueue final : public Qdisc {
 public:
  Noqueue() : Qdisc("noqueue") {}

  [[nodiscard]] bool queues() const override { return false; }
  Verdict enqueue(kernel::Cpu&, skb::Skb&&) override {
    INVARIANT(false, "a packet is queued where there is no queue");
    return Verdict::drop;
  }

 private:
  [[nodiscard]] skb::Skb take(kernel::Cpu&) override { return nullptr; }
  [[nodiscard]] Backlog held() const override { return {}; }
  void clear(kernel::Cpu&) override {}
};

}  // namespace host::qdisc
