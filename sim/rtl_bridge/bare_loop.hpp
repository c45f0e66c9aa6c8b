// SPDX-License-Identifier: Apache-2.0
// The model alone: recorded inputs, clocks and eval. What the whole system's speed is measured against.
#pragma once

#include <verilated.h>

#include <ctime>

#include "sim/rtl_bridge/clock_schedule.hpp"
#include "sim/rtl_bridge/nic_engine.hpp"
#include "sim/rtl_bridge/pin_tape.hpp"
#include "sim/rtl_bridge/pins.hpp"

namespace sim::rtl_bridge {

[[nodiscard]] inline double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <class Model>
BareResult run_bare(const PinTape& tape, const EngineOptions& options, Picoseconds end) {
  const ClockSchedule schedule = make_schedule(options.clocks);
  VerilatedContext context;
  context.fatalOnError(false);
  Model model(&context, "nic");
  set_initial_pins(model, options);
  model.eval();

  BareResult result;
  auto change = tape.changes().begin();
  const auto play = [&] {
    for (; change != tape.changes().end() && change->step == result.evals; ++change) {
      set_pin(model, change->pin, change->value[0], change->value[1]);
    }
  };
  const double begin = cpu_seconds();
  play();
  for (Picoseconds base = 0; base < end && !context.gotError(); base += schedule.period) {
    for (const ClockStep& step : schedule.steps) {
      if (base + step.offset >= end) break;
      set_clocks(model, step.rises);
      model.eval();
      ++result.evals;
      play();
      if ((step.rises & kCoreRises) == 0) continue;
      ++result.core_cycles;
      result.tlp_out_beats += model.tlp_out_valid_o & model.tlp_out_ready_i;
    }
  }
  result.seconds = cpu_seconds() - begin;
  model.final();
  return result;
}

}  // namespace sim::rtl_bridge
