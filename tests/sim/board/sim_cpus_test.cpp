// SPDX-License-Identifier: Apache-2.0
#include "sim/board/sim_cpus.hpp"

#include <catch2/catch.hpp>

#include "sim/pcie/bus_time.hpp"

using sim::board::SimCpus;
using sim::board::SimIrqController;
using sim::pcie::sc_ps;

namespace {

/// Calls `act` at each of the times, as a bus would: on odd picoseconds.
void at_times(const std::vector<sim::Picoseconds>& times, const std::function<void()>& act) {
  sc_core::sc_spawn([times, act] {
    for (const auto time : times) {
      sc_core::wait(sc_ps((time | 1) - sim::pcie::now_ps()));
      act();
    }
  });
}

}  // namespace

TEST_CASE("Work takes its time, on each CPU for itself", "[cpus]") {
  SimIrqController irqs(2);
  std::vector<std::int64_t> ends(2);
  SimCpus* cpus = nullptr;
  SimCpus module("cpus", 2, irqs, [&](unsigned cpu) {
    CHECK(cpus->charge(cpu, 1000 * (cpu + 1), true) == 0);
    ends[cpu] = cpus->now();
  });
  cpus = &module;
  sc_core::sc_start(sc_ps(10'000'000));
  CHECK(ends == std::vector<std::int64_t>{1000, 2000});
  CHECK(module.busy(1) == 2000);
  CHECK(module.all_done());
}

TEST_CASE("An interrupt ends interruptible work and gives back the rest", "[cpus]") {
  SimIrqController irqs(1);
  const unsigned vector = *irqs.allocate_vector(0);
  SimCpus* cpus = nullptr;
  std::int64_t left = 0;
  SimCpus module("cpus", 1, irqs, [&](unsigned cpu) {
    left = cpus->charge(cpu, 1000, true);
    CHECK(cpus->now() == 301);                 // the next whole nanosecond
    CHECK(cpus->charge(cpu, 50, true) == 50);  // still pending
    CHECK(irqs.take_pending(cpu) == vector);
    CHECK(cpus->charge(cpu, left, true) == 0);
    CHECK(cpus->now() == 1000);
  });
  cpus = &module;
  at_times({300'000}, [&] { irqs.message_arrived(0xFEE0'0000, vector); });
  sc_core::sc_start(sc_ps(10'000'000));
  CHECK(left == 699);
  CHECK(module.all_done());
}

TEST_CASE("Other work is not interrupted, and IPIs interrupt none", "[cpus]") {
  SimIrqController irqs(1);
  const unsigned vector = *irqs.allocate_vector(0);
  SimCpus* cpus = nullptr;
  SimCpus module("cpus", 1, irqs, [&](unsigned cpu) {
    CHECK(cpus->charge(cpu, 1000, true) == 0);
    CHECK(cpus->now() == 1000);
    CHECK(cpus->charge(cpu, 1000, false) == 0);
    CHECK(cpus->now() == 2000);
  });
  cpus = &module;
  at_times({500'000}, [&] { irqs.send_ipi(0); });
  at_times({1'500'000}, [&] { irqs.message_arrived(0xFEE0'0000, vector); });
  sc_core::sc_start(sc_ps(10'000'000));
  CHECK(module.all_done());
}

TEST_CASE("One CPU's call interrupts another's work, and its sleep", "[cpus][ipi]") {
  SimIrqController irqs(2);
  SimCpus* cpus = nullptr;
  std::vector<std::int64_t> called;
  SimCpus module("cpus", 2, irqs, [&](unsigned cpu) {
    if (cpu == 0) {
      CHECK(cpus->charge(0, 400, true) == 0);
      irqs.send_call(1);
      CHECK(cpus->charge(0, 1'600, true) == 0);
      irqs.send_call(1);
      return;
    }
    const auto left = cpus->charge(1, 1'000, true);
    called.push_back(cpus->now());
    CHECK(left == 600);
    CHECK(irqs.take_pending(1) == host::platform::kCallFunctionVector);
    CHECK(cpus->charge(1, left, true) == 0);
    CHECK(cpus->idle(1, {}));
    called.push_back(cpus->now());
  });
  cpus = &module;
  sc_core::sc_start(sc_ps(10'000'000));
  CHECK(called == std::vector<std::int64_t>{400, 2'000});
  CHECK(module.all_done());
}

TEST_CASE("idle() ends by interrupt, by IPI, by deadline, and at once when something is pending", "[cpus]") {
  SimIrqController irqs(1);
  const unsigned vector = *irqs.allocate_vector(0);
  SimCpus* cpus = nullptr;
  std::vector<std::int64_t> woke;
  SimCpus module("cpus", 1, irqs, [&](unsigned cpu) {
    const auto idle = [&](std::optional<std::int64_t> deadline) {
      CHECK(cpus->idle(cpu, deadline));
      woke.push_back(cpus->now());
    };
    idle({});
    idle({});
    CHECK(irqs.take_pending(cpu) == vector);
    idle(5000);
    idle({});
    idle(7000);
    idle(6000);
  });
  cpus = &module;
  at_times({1'000'000}, [&] { irqs.message_arrived(0xFEE0'0000, vector); });
  at_times({6'000'000}, [&] { irqs.send_ipi(0); });
  sc_core::sc_start(sc_ps(20'000'000));
  CHECK(woke == std::vector<std::int64_t>{1001, 1001, 5000, 6001, 7000, 7000});
}

TEST_CASE("When the world ends, every CPU's loop returns", "[cpus]") {
  SimIrqController irqs(3);
  SimCpus* cpus = nullptr;
  SimCpus module("cpus", 3, irqs, [&](unsigned cpu) {
    if (cpu == 1) static_cast<void>(cpus->charge(cpu, 1'000'000'000, true));
    while (cpus->idle(cpu, {})) {
    }
  });
  cpus = &module;
  at_times({1'000'000}, [&] { module.end_world(); });
  sc_core::sc_start(sc_ps(2'000'000));
  CHECK(module.all_done());
}

TEST_CASE("Speed divides the cost, and work can be free", "[cpus]") {
  SimIrqController irqs(1);
  SimCpus* cpus = nullptr;
  SimCpus module(
      "cpus", 1, irqs,
      [&](unsigned cpu) {
        CHECK(cpus->charge(cpu, 1000, true) == 0);
        CHECK(cpus->now() == 500);
      },
      2.0);
  cpus = &module;
  sc_core::sc_start(sc_ps(2'000'000));
  CHECK(module.all_done());
}
