// SPDX-License-Identifier: Apache-2.0
// One CPU of a host: the context that all host code runs in, its time, and what is pending on it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "host/kernel/cost.hpp"
#include "host/kernel/journey.hpp"
#include "host/kernel/napi.hpp"
#include "host/kernel/timer.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::kernel {

class CrossCall;
class Kernel;
class Schedulable;

/// What the CPU is doing, in /proc/stat's words.
enum class CpuState : std::uint8_t { user, system, irq, softirq, idle, count };
inline constexpr std::size_t kCpuStates = static_cast<std::size_t>(CpuState::count);

/// Softirq numbers in the order in which they are served (Linux: enum, the ones in use here).
enum class Softirq : std::uint8_t { timer, net_tx, net_rx, count };
inline constexpr std::size_t kSoftirqs = static_cast<std::size_t>(Softirq::count);

/// Passed explicitly to everything that runs: whoever holds a Cpu& runs on that CPU now. Rule for all
/// callers: other CPUs and interrupts of this one run inside charge(), so shared state must be
/// consistent whenever it is called.
class Cpu {
 public:
  Cpu(Kernel& kernel, unsigned id);
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  [[nodiscard]] unsigned id() const { return id_; }
  [[nodiscard]] Kernel& kernel() { return kernel_; }
  [[nodiscard]] platform::Nanoseconds now() const;

  /// Works for `count` times the cost of `op`. Hard IRQs preempt process and softirq context here;
  /// softirqs preempt process context unless bottom halves are disabled.
  void charge(Op op, std::uint64_t count = 1) {
    if (const std::int64_t each = costs_.picoseconds(op); each != 0) charge_each(each, count);
  }
  void charge_ns(platform::Nanoseconds cost);

  /// Tells the journey's observer, if there is one.
  void trace(JourneyStep step, SkbId skb) {
    if (observer_ != nullptr) [[unlikely]] {
      tell(step, skb);
    }
  }
  /// Counts a drop and tells the observer. (host::skb::drop() is what ends an skb with a reason.)
  void count_drop(base::DropReason reason, SkbId skb);

  void raise_softirq(Softirq softirq);
  /// Linux: local_bh_disable/enable: no softirq starts on this CPU in between. Nests. Use BottomHalfGuard.
  void bh_disable() { ++bh_disabled_; }
  void bh_enable();
  [[nodiscard]] bool in_softirq() const { return state_ == CpuState::softirq; }
  [[nodiscard]] bool in_hard_irq() const { return state_ == CpuState::irq; }

  [[nodiscard]] TimerQueue& timers() { return timers_; }
  [[nodiscard]] SoftnetStats& softnet() { return softnet_; }
  [[nodiscard]] std::deque<Napi*>& poll_list() { return poll_list_; }
  /// Sends what waits for the end of NET_RX (CrossCall::send_after_net_rx).
  void send_deferred_calls();
  /// Interrupts by which other CPUs had this one run something (/proc/interrupts: CAL).
  [[nodiscard]] std::uint64_t call_function_interrupts() const { return call_function_interrupts_; }

  /// Nanoseconds spent in `state`, up to now.
  [[nodiscard]] platform::Nanoseconds time_in(CpuState state) const;
  [[nodiscard]] std::uint64_t softirq_count(Softirq softirq) const {
    return softirq_counts_[static_cast<std::size_t>(softirq)];
  }
  [[nodiscard]] Schedulable& ksoftirqd() { return *ksoftirqd_; }
  [[nodiscard]] std::uint64_t context_switches() const { return context_switches_; }
  /// Processes and ksoftirqd, the one that runs left out.
  [[nodiscard]] std::size_t runnable() const { return run_queue_.size(); }
  /// Times that a burst of softirqs was handed over to ksoftirqd.
  [[nodiscard]] std::uint64_t ksoftirqd_wakeups() const { return ksoftirqd_wakeups_; }

 private:
  friend class CrossCall;
  friend class Kernel;
  friend class StateScope;
  friend class Ksoftirqd;
  friend class Process;

  void charge_each(std::int64_t picoseconds, std::uint64_t count);
  void tell(JourneyStep step, SkbId skb);
  void enter(CpuState state);
  bool service_hard_irqs();
  void service_one(unsigned vector);
  void run_action(unsigned vector);
  void run_calls();
  void check_timers();
  void irq_exit();
  /// Serves pending softirqs: at most 10 restarts or 2 ms, then ksoftirqd is woken. Linux: __do_softirq.
  void do_softirq();
  void wake_ksoftirqd();
  void run_queue_push(Schedulable& entity);
  /// Runs the next schedulable entity for a slice; false when there is none.
  bool schedule();
  void run_entity(Schedulable& entity);
  /// After a charge in process context: softirqs, or ksoftirqd when the process' time slice is over.
  void preempt_process();
  [[nodiscard]] bool in_process() const { return state_ == CpuState::user || state_ == CpuState::system; }
  [[nodiscard]] bool may_run_softirqs() const;

  Kernel& kernel_;
  const CostTable& costs_;
  JourneyObserver* observer_ = nullptr;  // the kernel's
  unsigned id_;
  CpuState state_ = CpuState::system;
  platform::Nanoseconds state_since_ = 0;
  std::array<platform::Nanoseconds, kCpuStates> times_{};
  std::int64_t picosecond_rest_ = 0;
  std::uint32_t softirq_pending_ = 0;
  unsigned bh_disabled_ = 0;
  std::array<std::uint64_t, kSoftirqs> softirq_counts_{};
  std::uint64_t ksoftirqd_wakeups_ = 0;
  std::uint64_t context_switches_ = 0;
  std::deque<Schedulable*> run_queue_;
  std::deque<Napi*> poll_list_;
  SoftnetStats softnet_;
  std::deque<CrossCall*> calls_;           // to run here
  std::deque<CrossCall*> deferred_calls_;  // to send from here
  std::uint64_t call_function_interrupts_ = 0;
  TimerQueue timers_;
  Schedulable* ksoftirqd_ = nullptr;
  Schedulable* last_scheduled_ = nullptr;
  platform::Nanoseconds slice_start_ = 0;
};

/// Bottom halves are off while it lives.
class BottomHalfGuard {
 public:
  explicit BottomHalfGuard(Cpu& cpu) : cpu_(cpu) { cpu_.bh_disable(); }
  ~BottomHalfGuard() { cpu_.bh_enable(); }
  BottomHalfGuard(const BottomHalfGuard&) = delete;
  BottomHalfGuard& operator=(const BottomHalfGuard&) = delete;

 private:
  Cpu& cpu_;
};

}  // namespace host::kernel
