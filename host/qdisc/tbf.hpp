// SPDX-License-Identifier: Apache-2.0
// Token bucket: no more than a rate, after a burst; and the burst no faster than a peak rate
// (Linux: net/sched/sch_tbf.c).
#pragma once

#include <memory>

#include "host/qdisc/qdisc.hpp"
#include "host/qdisc/watchdog.hpp"

namespace host::qdisc {

/// How long so many bytes take at a rate, rounded down (Linux: psched_l2t_ns).
[[nodiscard]] platform::Nanoseconds wire_time(std::uint64_t bytes, std::uint64_t bytes_per_second);

/// What waits, waits in its child: a bfifo of `limit` bytes until another one is grafted. A packet larger than the
/// bucket could never go and is refused (qdisc_too_big); one that is to be cut for the device is cut here first.
class Tbf final : public Qdisc {
 public:
  /// Works once change() has given it rate, burst and limit.
  explicit Tbf(const Context& context);

  Verdict enqueue(kernel::Cpu& cpu, skb::Skb&& skb) override;
  /// invalid: no rate or burst; a peak rate that is not above the rate.
  [[nodiscard]] base::Result<void> change(kernel::Cpu& cpu, const Options& options) override;
  [[nodiscard]] Options options() const override { return options_; }
  [[nodiscard]] std::vector<Class> classes() override { return {{1, child_.get()}}; }
  [[nodiscard]] base::Result<std::unique_ptr<Qdisc>> graft(std::uint32_t minor, std::unique_ptr<Qdisc> child) override;

 private:
  [[nodiscard]] skb::Skb take(kernel::Cpu& cpu) override;
  [[nodiscard]] Backlog held() const override { return child_->backlog(); }
  void clear(kernel::Cpu& cpu) override;
  void set_child(std::unique_ptr<Qdisc> child);
  /// The largest packet that fits the buckets.
  [[nodiscard]] std::uint32_t largest() const;

  Context context_;
  TbfOptions options_;
  std::unique_ptr<Qdisc> child_;
  platform::Nanoseconds tokens_ = 0;       // in the rate's bucket, at checked_
  platform::Nanoseconds peak_tokens_ = 0;  // in the peak rate's
  platform::Nanoseconds checked_ = 0;
  Watchdog watchdog_;
};

}  // namespace host::qdisc
