// SPDX-License-Identifier: Apache-2.0
// Bands with a qdisc each, the first first (Linux: net/sched/sch_prio.c).
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "host/qdisc/qdisc.hpp"

namespace host::qdisc {

/// Class n:m is band m - 1. A packet's priority names its class, or the priomap its band. Children are pfifos until
/// others are grafted.
class Prio final : public Qdisc {
 public:
  explicit Prio(const Context& context);

  Verdict enqueue(kernel::Cpu& cpu, skb::Skb&& skb) override;
  /// invalid: fewer than 2 bands, more than 16, or a priomap beyond them. What bands that go held is dropped.
  [[nodiscard]] base::Result<void> change(kernel::Cpu& cpu, const Options& options) override;
  [[nodiscard]] Options options() const override { return options_; }
  [[nodiscard]] std::vector<Class> classes() override;
  [[nodiscard]] base::Result<std::unique_ptr<Qdisc>> graft(std::uint32_t minor, std::unique_ptr<Qdisc> child) override;

 private:
  [[nodiscard]] skb::Skb take(kernel::Cpu& cpu) override;
  [[nodiscard]] Backlog held() const override;
  void clear(kernel::Cpu& cpu) override;
  [[nodiscard]] Qdisc& classify(const skb::SkBuff& skb);
  void resize();

  Context context_;
  PrioOptions options_;
  std::vector<std::unique_ptr<Qdisc>> bands_;
};

}  // namespace host::qdisc
