// SPDX-License-Identifier: Apache-2.0
// What a CPU schedules: processes (coroutines), and the queues they sleep on.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/kernel/cpu.hpp"
#include "host/kernel/task.hpp"
#include "host/kernel/timer.hpp"

namespace host::kernel {

/// An entity of a CPU's run queue: a process or ksoftirqd.
class Schedulable {
 public:
  Schedulable(std::string name, Cpu& cpu) : name_(std::move(name)), cpu_(&cpu) {}
  virtual ~Schedulable() = default;
  Schedulable(const Schedulable&) = delete;
  Schedulable& operator=(const Schedulable&) = delete;

  /// Runs on cpu() until it sleeps, ends or gives way.
  virtual void run_slice() = 0;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Cpu& cpu() const { return *cpu_; }
  [[nodiscard]] bool queued() const { return queued_; }
  /// CPU time it used (what `ps` shows), preemption by interrupts included.
  [[nodiscard]] platform::Nanoseconds runtime() const { return runtime_; }

 private:
  friend class Cpu;
  std::string name_;
  Cpu* cpu_;
  bool queued_ = false;
  platform::Nanoseconds runtime_ = 0;
};

class Process;
class WaitQueue;

enum class WakeCause : std::uint8_t { woken, timed_out };

/// Awaitable: sleeps on a queue (or on nothing) until woken or the deadline.
class Sleep {
 public:
  Sleep(Process& process, WaitQueue* queue, std::optional<platform::Nanoseconds> deadline)
      : process_(process), queue_(queue), deadline_(deadline) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self);
  WakeCause await_resume() const;

 private:
  Process& process_;
  WaitQueue* queue_;
  std::optional<platform::Nanoseconds> deadline_;
};

/// A process: a root task pinned to one CPU. Made by Kernel::spawn.
class Process final : public Schedulable {
 public:
  using Main = std::function<Task<void>(Process&)>;

  Process(std::string name, Cpu& cpu, unsigned pid, Main main);
  ~Process() override;

  [[nodiscard]] unsigned pid() const { return pid_; }
  [[nodiscard]] bool done() const { return root_.done(); }
  void run_slice() override;

  /// The application computes: user time.
  void work(platform::Nanoseconds duration);
  /// co_await self.sleep_for(ns), self.sleep_until(t), self.yield().
  [[nodiscard]] Sleep sleep_for(platform::Nanoseconds duration) {
    return Sleep(*this, nullptr, cpu().now() + duration);
  }
  [[nodiscard]] Sleep sleep_until(platform::Nanoseconds at) { return Sleep(*this, nullptr, at); }
  /// Gives way to the others that are ready on this CPU.
  [[nodiscard]] Sleep yield() { return Sleep(*this, nullptr, cpu().now()); }

 private:
  friend class Sleep;
  friend class WaitQueue;
  friend class Kernel;
  void stop_waiting();
  void sleep(std::coroutine_handle<> point, WaitQueue* queue, std::optional<platform::Nanoseconds> deadline);
  void wake(Cpu& waker, WakeCause cause);

  unsigned pid_;
  Main main_;  // outlives root_: a coroutine lambda's captures live here
  Task<void> root_;
  std::coroutine_handle<> point_;  // where to continue
  bool sleeping_ = false;
  WaitQueue* queue_ = nullptr;
  WakeCause cause_ = WakeCause::woken;
  Timer timeout_;
};

/// Processes that wait for the same thing, oldest first. A condition is re-checked after waking:
/// `while (!ready()) co_await queue.wait(self);`
class WaitQueue {
 public:
  WaitQueue() = default;
  ~WaitQueue();
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  [[nodiscard]] Sleep wait(Process& self) { return Sleep(self, this, std::nullopt); }
  [[nodiscard]] Sleep wait_until(Process& self, platform::Nanoseconds deadline) { return Sleep(self, this, deadline); }
  /// From any context; `waker` is the CPU that runs now. False when nobody waited.
  bool wake_one(Cpu& waker);
  void wake_all(Cpu& waker);
  [[nodiscard]] bool empty() const { return waiters_.empty(); }

 private:
  friend class Process;
  std::vector<Process*> waiters_;  // few; no memory while there is none
};

}  // namespace host::kernel
