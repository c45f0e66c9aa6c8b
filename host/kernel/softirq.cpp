// SPDX-License-Identifier: Apache-2.0
// Softirqs: raised in interrupts, served on the way out of them or by ksoftirqd (Linux: kernel/softirq.c).
#include <utility>

#include "host/base/invariant.hpp"
#include "host/kernel/kernel.hpp"
#include "host/kernel/state_scope.hpp"

namespace host::kernel {
namespace {

constexpr int kMaxSoftirqPasses = 10;                         // MAX_SOFTIRQ_RESTART
constexpr platform::Nanoseconds kMaxSoftirqTime = 2'000'000;  // MAX_SOFTIRQ_TIME

}  // namespace

bool Cpu::may_run_softirqs() const {
  return softirq_pending_ != 0 && bh_disabled_ == 0 && !ksoftirqd_->queued();
}

void Cpu::raise_softirq(Softirq softirq) {
  softirq_pending_ |= 1u << static_cast<unsigned>(softirq);
  // In interrupt context, or with bottom halves off, somebody will look; in plain process context nobody.
  if (in_process() && bh_disabled_ == 0) wake_ksoftirqd();
}

void Cpu::bh_enable() {
  INVARIANT(bh_disabled_ > 0, "bottom halves enabled once too often");
  --bh_disabled_;
  if (in_process() && may_run_softirqs()) do_softirq();
}

void Cpu::wake_ksoftirqd() {
  if (ksoftirqd_->queued()) return;
  ++ksoftirqd_wakeups_;
  run_queue_push(*ksoftirqd_);
}

void Cpu::do_softirq() {
  INVARIANT(!in_softirq() && !in_hard_irq(), "softirqs do not nest");
  const StateScope scope(*this, CpuState::softirq);
  const auto start = now();
  charge(Op::softirq_entry);
  for (int passes = 1; softirq_pending_ != 0; ++passes) {
    const auto pending = std::exchange(softirq_pending_, 0u);
    for (std::size_t i = 0; i < kSoftirqs; ++i) {
      if ((pending & (1u << i)) == 0) continue;
      ++softirq_counts_[i];
      if (kernel_.softirqs_[i]) kernel_.softirqs_[i](*this);
    }
    const bool exhausted = passes == kMaxSoftirqPasses || now() - start >= kMaxSoftirqTime;
    if (softirq_pending_ != 0 && exhausted) {
      wake_ksoftirqd();
      return;
    }
  }
}

}  // namespace host::kernel
