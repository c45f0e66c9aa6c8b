// SPDX-License-Identifier: Apache-2.0
// Processes: where they sleep and what wakes them.
#include "host/kernel/process.hpp"

#include <algorithm>
#include <utility>

#include "host/base/invariant.hpp"
#include "host/kernel/kernel.hpp"
#include "host/kernel/state_scope.hpp"

namespace host::kernel {

void Sleep::await_suspend(std::coroutine_handle<> self) {
  process_.sleep(self, queue_, deadline_);
}

WakeCause Sleep::await_resume() const {
  return process_.cause_;
}

Process::Process(std::string name, Cpu& cpu, unsigned pid, Main main)
    : Schedulable(std::move(name), cpu),
      pid_(pid),
      main_(std::move(main)),
      root_(main_(*this)),
      point_(root_.handle()),
      timeout_([this](Cpu& waker) { wake(waker, WakeCause::timed_out); }) {
  cpu.run_queue_push(*this);
}

Process::~Process() {
  stop_waiting();
  if (queued()) std::erase(cpu().run_queue_, this);
  if (cpu().last_scheduled_ == this) cpu().last_scheduled_ = nullptr;
}

void Process::stop_waiting() {
  if (queue_ != nullptr) std::erase(queue_->waiters_, this);
  queue_ = nullptr;
  timeout_.stop();
}

void Process::run_slice() {
  std::exchange(point_, nullptr).resume();
  INVARIANT(root_.done() || sleeping_ || queued(), "a process waits for something the kernel does not know");
}

void Process::work(platform::Nanoseconds duration) {
  const StateScope scope(cpu(), CpuState::user);
  cpu().charge_ns(duration);
}

void Process::sleep(std::coroutine_handle<> point, WaitQueue* queue, std::optional<platform::Nanoseconds> deadline) {
  point_ = point;
  cause_ = WakeCause::timed_out;
  if (queue == nullptr && deadline && *deadline <= cpu().now()) {
    cpu().run_queue_push(*this);
    return;
  }
  sleeping_ = true;
  queue_ = queue;
  if (queue != nullptr) queue->waiters_.push_back(this);
  if (deadline) timeout_.start(cpu(), *deadline);
}

void Process::wake(Cpu& waker, WakeCause cause) {
  if (!sleeping_) return;
  sleeping_ = false;
  cause_ = cause;
  stop_waiting();
  cpu().run_queue_push(*this);
  if (&waker == &cpu()) return;
  waker.kernel().machine().irqs.send_ipi(cpu().id());
  waker.charge(Op::ipi_send);
}

WaitQueue::~WaitQueue() {
  INVARIANT(waiters_.empty(), "a wait queue goes while processes sleep on it");
}

bool WaitQueue::wake_one(Cpu& waker) {
  if (waiters_.empty()) return false;
  waiters_.front()->wake(waker, WakeCause::woken);
  waker.charge(Op::socket_wake);
  return true;
}

void WaitQueue::wake_all(Cpu& waker) {
  for (auto left = waiters_.size(); left > 0 && wake_one(waker); --left) {
  }
}

}  // namespace host::kernel
