// SPDX-License-Identifier: Apache-2.0
#include "sim/board/sim_cpus.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "sim/pcie/bus_time.hpp"

namespace sim::board {
namespace {

using host::platform::Nanoseconds;
using sim::pcie::now_ps;
using sim::pcie::sc_ps;
using sim::pcie::until_whole_nanosecond;

constexpr int kStackBytes = 1 << 20;  // a whole protocol stack runs on it

}  // namespace

SimCpus::SimCpus(sc_core::sc_module_name name, unsigned cpus, SimIrqController& irqs, Program program, double speed)
    : sc_module(name), irqs_(irqs), program_(std::move(program)), speed_(speed) {
  irqs_.on_pending([this](unsigned cpu) { wake(cpu); });
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    cpus_.push_back(std::make_unique<Cpu>());
    sc_core::sc_spawn_options options;
    options.set_stack_size(kStackBytes);
    const auto body = [this, cpu] {
      program_(cpu);
      ++done_;
    };
    sc_core::sc_spawn(body, (std::string("cpu") + std::to_string(cpu)).c_str(), &options);
  }
}

Nanoseconds SimCpus::now() const {
  return now_ps() / 1000;
}

/// CPUs act on whole nanoseconds: see sim/pcie/bus_time.hpp.
void SimCpus::wake(unsigned cpu) {
  cpus_[cpu]->wake.notify(sc_ps(until_whole_nanosecond(now_ps())));
}

Nanoseconds SimCpus::charge(unsigned cpu, Nanoseconds cost, bool interruptible) {
  if (cost <= 0 || speed_ <= 0 || ended_) return 0;
  if (interruptible && irqs_.pending(cpu)) return cost;
  const auto work = static_cast<Nanoseconds>(std::ceil(static_cast<double>(cost) / speed_));
  const Nanoseconds end = now() + work;
  Cpu& self = *cpus_[cpu];
  // An IPI, or an interrupt that is masked, is no reason to stop working.
  for (Nanoseconds left = work; left > 0 && !ended_; left = end - now()) {
    const Nanoseconds begin = now();
    if (interruptible) {
      sc_core::wait(sc_ps(left * 1000), self.wake);
    } else {
      sc_core::wait(sc_ps(left * 1000));
    }
    self.busy += now() - begin;
    if (interruptible && irqs_.pending(cpu)) break;
  }
  if (ended_ || now() >= end) return 0;
  return static_cast<Nanoseconds>(std::ceil(static_cast<double>(end - now()) * speed_));
}

bool SimCpus::idle(unsigned cpu, std::optional<Nanoseconds> deadline) {
  Cpu& self = *cpus_[cpu];
  while (!ended_) {
    const bool ipi = irqs_.take_ipi(cpu);
    if (ipi || irqs_.pending(cpu)) return true;
    if (!deadline) {
      sc_core::wait(self.wake);
    } else if (now() < *deadline) {
      sc_core::wait(sc_ps((*deadline - now()) * 1000), self.wake);
    } else {
      return true;
    }
  }
  return false;
}

void SimCpus::end_world() {
  ended_ = true;
  for (const auto& cpu : cpus_) cpu->wake.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace sim::board
