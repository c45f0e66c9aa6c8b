// SPDX-License-Identifier: Apache-2.0
// A CPU's time: charges, the interrupts that preempt them, and the accounts they go to.
#include "host/kernel/cpu.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"
#include "host/kernel/kernel.hpp"
#include "host/kernel/state_scope.hpp"

namespace host::kernel {
namespace {

/// How long a process keeps ksoftirqd waiting (Linux: sched_min_granularity, about).
constexpr platform::Nanoseconds kTimeSlice = 3'000'000;

}  // namespace

Cpu::Cpu(Kernel& kernel, unsigned id) : kernel_(kernel), costs_(kernel.costs()), id_(id), state_since_(kernel.now()) {}

void Cpu::enter(CpuState state) {
  const auto at = now();
  times_[static_cast<std::size_t>(state_)] += at - state_since_;
  state_since_ = at;
  state_ = state;
}

platform::Nanoseconds Cpu::time_in(CpuState state) const {
  const auto spent = times_[static_cast<std::size_t>(state)];
  return state == state_ ? spent + (now() - state_since_) : spent;
}

void Cpu::charge_each(std::int64_t picoseconds, std::uint64_t count) {
  const std::int64_t sum = picoseconds * static_cast<std::int64_t>(count) + picosecond_rest_;
  picosecond_rest_ = sum % 1000;
  charge_ns(sum / 1000);
}

void Cpu::charge_ns(platform::Nanoseconds cost) {
  auto& platform = kernel_.machine().cpus;
  while (cost > 0) {
    if (state_ == CpuState::irq) {
      cost = platform.charge(id_, cost, false);
      continue;
    }
    platform::Nanoseconds slice = cost;
    const auto deadline = timers_.next_deadline();
    if (deadline && *deadline > now()) slice = std::min(slice, *deadline - now());
    const auto left = platform.charge(id_, slice, true);
    INVARIANT(left >= 0 && left <= slice, "the platform charged something else");
    cost -= slice - left;
    const bool interrupted = service_hard_irqs();
    check_timers();
    if (in_process()) preempt_process();
    // An IPI ends a charge too, but is no work here: the rest is done without looking at it again.
    if (left == slice && !interrupted) cost = platform.charge(id_, cost, false);
  }
}

void Cpu::tell(JourneyStep step, SkbId skb) {
  observer_->step({step, skb, id_, now()});
}

void Cpu::count_drop(base::DropReason reason, SkbId skb) {
  kernel_.drops().add(reason);
  if (kernel_.observer() != nullptr) kernel_.observer()->drop(skb, reason, id_, now());
}

// --- hard interrupts -----------------------------------------------------------------------------

bool Cpu::service_hard_irqs() {
  bool any = false;
  while (const auto vector = kernel_.machine().irqs.take_pending(id_)) {
    service_one(*vector);
    any = true;
  }
  return any;
}

void Cpu::service_one(unsigned vector) {
  const StateScope scope(*this, CpuState::irq);
  charge(Op::hard_irq_entry);
  trace(JourneyStep::hard_irq, 0);
  if (vector == platform::kCallFunctionVector) {
    run_calls();
  } else {
    run_action(vector);
  }
  kernel_.machine_.irqs.end_of_interrupt(vector);
  charge(Op::hard_irq_exit);
}

void Cpu::run_action(unsigned vector) {
  IrqAction* action = vector < kernel_.irqs_.size() ? kernel_.irqs_[vector].get() : nullptr;
  if (action == nullptr) {
    ++kernel_.spurious_;
    return;
  }
  ++action->counts[id_];
  action->handler(*this);
}

void Cpu::check_timers() {
  constexpr std::uint32_t bit = 1u << static_cast<unsigned>(Softirq::timer);
  const auto deadline = timers_.next_deadline();
  if (!deadline || *deadline > now() || (softirq_pending_ & bit) != 0) return;
  const StateScope scope(*this, CpuState::irq);
  softirq_pending_ |= bit;
  charge(Op::hard_irq_entry);
}

// --- processes -----------------------------------------------------------------------------------

void Cpu::preempt_process() {
  if (may_run_softirqs()) do_softirq();
  const bool over = now() - slice_start_ >= kTimeSlice;
  if (over && bh_disabled_ == 0 && ksoftirqd_->queued()) {
    run_queue_.erase(std::find(run_queue_.begin(), run_queue_.end(), ksoftirqd_));
    run_entity(*ksoftirqd_);
    slice_start_ = now();
  }
}

void Cpu::run_queue_push(Schedulable& entity) {
  INVARIANT(entity.cpu_ == this, "an entity on a foreign run queue");
  if (entity.queued_) return;
  entity.queued_ = true;
  run_queue_.push_back(&entity);
}

void Cpu::run_entity(Schedulable& entity) {
  entity.queued_ = false;
  if (last_scheduled_ != &entity) {
    ++context_switches_;
    charge(Op::context_switch);
  }
  last_scheduled_ = &entity;
  const auto start = now();
  entity.run_slice();
  entity.runtime_ += now() - start;
}

bool Cpu::schedule() {
  if (run_queue_.empty()) return false;
  Schedulable& next = *run_queue_.front();
  run_queue_.pop_front();
  slice_start_ = now();
  run_entity(next);
  return true;
}

}  // namespace host::kernel
