// SPDX-License-Identifier: Apache-2.0
// Calls between CPUs: queued on the target, announced by one interrupt (Linux: kernel/smp.c).
#include "host/kernel/cross_call.hpp"

#include <utility>

#include "host/kernel/kernel.hpp"

namespace host::kernel {

CrossCall::~CrossCall() {
  if (sender_ != nullptr) std::erase(sender_->deferred_calls_, this);
  if (target_ != nullptr) std::erase(target_->calls_, this);
}

bool CrossCall::send(Cpu& sender, Cpu& target) {
  if (under_way()) return false;
  target_ = &target;
  target.calls_.push_back(this);
  sender.kernel().machine().irqs.send_call(target.id());
  sender.charge(Op::ipi_send);
  return true;
}

bool CrossCall::send_after_net_rx(Cpu& sender, Cpu& target) {
  if (under_way()) return false;
  sender_ = &sender;
  target_ = &target;
  sender.deferred_calls_.push_back(this);
  sender.raise_softirq(Softirq::net_rx);
  return true;
}

void Cpu::send_deferred_calls() {
  while (!deferred_calls_.empty()) {
    CrossCall& call = *deferred_calls_.front();
    deferred_calls_.pop_front();
    call.sender_ = nullptr;
    Cpu& target = *std::exchange(call.target_, nullptr);
    call.send(*this, target);
  }
}

void Cpu::run_calls() {
  ++call_function_interrupts_;
  while (!calls_.empty()) {
    CrossCall& call = *calls_.front();
    calls_.pop_front();
    call.target_ = nullptr;  // the function may send it again
    call.function_(*this);
  }
}

}  // namespace host::kernel
