// SPDX-License-Identifier: Apache-2.0
// Asks for a run of a qdisc at the time when it may send again (Linux: struct qdisc_watchdog).
#pragma once

#include <functional>
#include <utility>

#include "host/kernel/timer.hpp"

namespace host::qdisc {

class Watchdog {
 public:
  explicit Watchdog(std::function<void(kernel::Cpu&)> wake) : timer_(std::move(wake)) {}

  /// Once, at `when`; an earlier wish is replaced.
  void schedule(kernel::Cpu& cpu, platform::Nanoseconds when) {
    if (!timer_.armed() || timer_.deadline() != when) timer_.start(cpu, when);
  }
  void cancel() { timer_.stop(); }

 private:
  kernel::Timer timer_;
};

}  // namespace host::qdisc
