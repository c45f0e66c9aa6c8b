// SPDX-License-Identifier: Apache-2.0
// Timers of one CPU (Linux: kernel/time/timer.c), expired by the TIMER softirq.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>

#include "host/platform/cpu_platform.hpp"

namespace host::kernel {

class Cpu;
class TimerQueue;

/// One-shot; its handler runs in softirq context on the CPU that armed it, may arm it again but not destroy
/// it. Stops itself when destroyed.
class Timer {
 public:
  using Handler = std::function<void(Cpu&)>;

  explicit Timer(Handler handler) : handler_(std::move(handler)) {}
  ~Timer() { stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Fires at `deadline` (arms again if it was armed). `cpu` is the one that runs now. Linux: mod_timer.
  void start(Cpu& cpu, platform::Nanoseconds deadline);
  /// Linux: del_timer. False when it was not armed.
  bool stop();
  [[nodiscard]] bool armed() const { return queue_ != nullptr; }
  [[nodiscard]] platform::Nanoseconds deadline() const { return deadline_; }

 private:
  friend class TimerQueue;
  Handler handler_;
  TimerQueue* queue_ = nullptr;
  platform::Nanoseconds deadline_ = 0;
  std::uint64_t sequence_ = 0;
};

/// Armed timers in the order of their deadlines; equal deadlines in the order of arming.
class TimerQueue {  // owned by: its CPU; stopped from any
 public:
  TimerQueue() = default;
  ~TimerQueue();
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  void insert(Timer& timer, platform::Nanoseconds deadline);
  void erase(Timer& timer);
  [[nodiscard]] std::optional<platform::Nanoseconds> next_deadline() const;
  /// Runs every handler whose deadline is at or before the CPU's present; returns how many.
  unsigned expire(Cpu& cpu);

 private:
  struct Earlier {
    bool operator()(const Timer* a, const Timer* b) const;
  };
  std::set<Timer*, Earlier> timers_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace host::kernel
