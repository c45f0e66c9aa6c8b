// SPDX-License-Identifier: Apache-2.0
// While it lives, its CPU's time goes to another account.
#pragma once

#include "host/kernel/cpu.hpp"

namespace host::kernel {

class StateScope {
 public:
  StateScope(Cpu& cpu, CpuState state) : cpu_(cpu), before_(cpu.state_) { cpu_.enter(state); }
  ~StateScope() { cpu_.enter(before_); }
  StateScope(const StateScope&) = delete;
  StateScope& operator=(const StateScope&) = delete;

 private:
  Cpu& cpu_;
  CpuState before_;
};

}  // namespace host::kernel
