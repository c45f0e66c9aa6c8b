// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/experiment.hpp"

#include "host/base/invariant.hpp"

namespace sim::experiment {
namespace {

constexpr unsigned kManyFlows = 64;

}  // namespace

std::vector<Experiment> all_experiments() {
  std::vector<Experiment> all;
  add_interrupt_experiments(all);
  add_cpu_experiments(all);
  add_drop_experiments(all);
  add_send_experiments(all);
  return all;
}

board::BoardConfig usual_machine(const Options& options) {
  board::BoardConfig machine;
  machine.seed = options.seed;
  machine.nic.kind = options.nic;
  machine.host.cpus = 2;
  machine.host.cost_file = options.cost_file;
  machine.driver.queue_pairs = 1;
  return machine;
}

Stream steady(double kpps) {
  return {.interval = static_cast<Picoseconds>(1e9 / kpps), .flows = kManyFlows};
}

Stream poisson(double kpps) {
  Stream stream = steady(kpps);
  stream.random = true;
  return stream;
}

void bind_interrupts(host::apps::Host& host, std::string_view names, unsigned cpu) {
  const auto& actions = host.kernel().irq_actions();
  for (unsigned vector = 0; vector < actions.size(); ++vector) {
    if (!actions[vector] || !actions[vector]->name.starts_with(names)) continue;
    const auto bound = host.kernel().set_irq_affinity(vector, {cpu});
    INVARIANT(bound.ok(), "an interrupt cannot be bound");
  }
}

std::vector<double> settings(const Options& options, std::vector<double> all) {
  if (options.brief) all = {all.front(), all.back()};
  return all;
}

}  // namespace sim::experiment
