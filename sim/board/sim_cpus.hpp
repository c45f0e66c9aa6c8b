// SPDX-License-Identifier: Apache-2.0
// The simulated CPUs: SystemC threads whose time is charged.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <systemc>
#include <vector>

#include "host/platform/cpu_platform.hpp"
#include "sim/board/sim_irq_controller.hpp"

namespace sim::board {

/// Runs `program(cpu)` on each CPU; programs return when idle() says so. charge() and idle() may only be
/// called by the CPU's own thread. Everything CPUs do happens on whole nanoseconds.
class SimCpus : public sc_core::sc_module, public host::platform::CpuPlatform {
 public:
  using Program = std::function<void(unsigned cpu)>;

  /// `speed`: charges are divided by it; 0 makes all work free.
  SimCpus(sc_core::sc_module_name name, unsigned cpus, SimIrqController& irqs, Program program, double speed = 1.0);

  [[nodiscard]] unsigned cpu_count() const override { return static_cast<unsigned>(cpus_.size()); }
  [[nodiscard]] host::platform::Nanoseconds now() const override;
  [[nodiscard]] host::platform::Nanoseconds charge(unsigned cpu, host::platform::Nanoseconds cost,
                                                   bool interruptible) override;
  [[nodiscard]] bool idle(unsigned cpu, std::optional<host::platform::Nanoseconds> deadline) override;

  /// The world ends: every wait returns, idle() says false. Safe from any process.
  void end_world();
  [[nodiscard]] bool ended() const { return ended_; }
  /// All programs have returned.
  [[nodiscard]] bool all_done() const { return done_ == cpus_.size(); }
  /// Time worked so far, for the load figure.
  [[nodiscard]] host::platform::Nanoseconds busy(unsigned cpu) const { return cpus_[cpu]->busy; }

 private:
  struct Cpu {
    sc_core::sc_event wake;
    host::platform::Nanoseconds busy = 0;
  };

  void wake(unsigned cpu);

  SimIrqController& irqs_;
  Program program_;
  double speed_;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  bool ended_ = false;
  std::size_t done_ = 0;
};

}  // namespace sim::board
