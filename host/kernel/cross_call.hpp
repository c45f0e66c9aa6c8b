// SPDX-License-Identifier: Apache-2.0
// A function that one CPU has another one run (Linux: kernel/smp.c, struct __call_single_data).
#pragma once

#include <functional>

namespace host::kernel {

class Cpu;

/// One call, made once and sent often. Takes itself back when destroyed.
class CrossCall {
 public:
  using Function = std::function<void(Cpu&)>;

  explicit CrossCall(Function function) : function_(std::move(function)) {}
  ~CrossCall();
  CrossCall(const CrossCall&) = delete;
  CrossCall& operator=(const CrossCall&) = delete;

  /// `target` runs the function in hard-IRQ context; the caller does not wait. False when it is under way already
  /// (Linux: smp_call_function_single_async, EBUSY).
  bool send(Cpu& sender, Cpu& target);
  /// The same when NET_RX on `sender` ends, so that a whole pass costs `target` one interrupt (Linux:
  /// net_rps_action_and_irq_enable).
  bool send_after_net_rx(Cpu& sender, Cpu& target);
  [[nodiscard]] bool under_way() const { return target_ != nullptr; }

 private:
  friend class Cpu;
  Function function_;
  Cpu* sender_ = nullptr;  // who still has to send it
  Cpu* target_ = nullptr;
};

}  // namespace host::kernel
