// SPDX-License-Identifier: Apache-2.0
// An ordered set of timers: expiry order is deadline, then order of arming, so runs repeat exactly.
#include "host/kernel/timer.hpp"

#include "host/kernel/kernel.hpp"

namespace host::kernel {

void Timer::start(Cpu& cpu, platform::Nanoseconds deadline) {
  stop();
  cpu.timers().insert(*this, deadline);
}

bool Timer::stop() {
  if (queue_ == nullptr) return false;
  queue_->erase(*this);
  return true;
}

bool TimerQueue::Earlier::operator()(const Timer* a, const Timer* b) const {
  if (a->deadline_ != b->deadline_) return a->deadline_ < b->deadline_;
  return a->sequence_ < b->sequence_;
}

TimerQueue::~TimerQueue() {
  for (Timer* timer : timers_) timer->queue_ = nullptr;
}

void TimerQueue::insert(Timer& timer, platform::Nanoseconds deadline) {
  timer.deadline_ = deadline;
  timer.sequence_ = next_sequence_++;
  timer.queue_ = this;
  timers_.insert(&timer);
}

void TimerQueue::erase(Timer& timer) {
  timers_.erase(&timer);
  timer.queue_ = nullptr;
}

std::optional<platform::Nanoseconds> TimerQueue::next_deadline() const {
  if (timers_.empty()) return std::nullopt;
  return (*timers_.begin())->deadline_;
}

unsigned TimerQueue::expire(Cpu& cpu) {
  unsigned expired = 0;
  while (!timers_.empty() && (*timers_.begin())->deadline_ <= cpu.now()) {
    Timer& timer = **timers_.begin();
    erase(timer);
    timer.handler_(cpu);  // may start the timer again
    cpu.charge(Op::timer_expire);
    ++expired;
  }
  return expired;
}

}  // namespace host::kernel
