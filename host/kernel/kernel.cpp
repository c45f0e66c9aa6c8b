// SPDX-License-Identifier: Apache-2.0
// A host's kernel: what it is made of, and the loop that each of its CPUs runs.
#include "host/kernel/kernel.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"

namespace host::kernel {

/// ksoftirqd/N: softirqs that keep coming are served here, in turn with the processes.
class Ksoftirqd final : public Schedulable {
 public:
  explicit Ksoftirqd(Cpu& cpu) : Schedulable("ksoftirqd/" + std::to_string(cpu.id()), cpu) {}
  void run_slice() override { cpu().do_softirq(); }
};

Kernel::Kernel(Machine machine, CostTable costs) : machine_(machine), costs_(costs) {
  for (unsigned id = 0; id < machine_.cpus.cpu_count(); ++id) {
    cpus_.push_back(std::make_unique<Cpu>(*this, id));
    ksoftirqds_.push_back(std::make_unique<Ksoftirqd>(*cpus_.back()));
    cpus_.back()->ksoftirqd_ = ksoftirqds_.back().get();
  }
  net_rx_ = std::make_unique<NetRx>(*this);
  open_softirq(Softirq::net_rx, [this](Cpu& cpu) { net_rx_->action(cpu); });
  open_softirq(Softirq::timer, [](Cpu& cpu) { cpu.timers().expire(cpu); });
}

Kernel::~Kernel() {
  terminate_processes();
}

void Kernel::terminate_processes() {
  for (auto& process : processes_) process->stop_waiting();
  processes_.clear();
}

void Kernel::run(unsigned id) {
  Cpu& cpu = *cpus_.at(id);
  cpu.enter(CpuState::system);
  while (!stopping_) {
    cpu.service_hard_irqs();
    cpu.check_timers();
    if (cpu.may_run_softirqs()) {
      cpu.do_softirq();
      continue;
    }
    if (cpu.schedule()) continue;
    cpu.enter(CpuState::idle);
    if (!machine_.cpus.idle(id, cpu.timers().next_deadline())) return;
    cpu.enter(CpuState::system);
  }
}

base::Result<void> Kernel::request_irq(unsigned vector, std::string name, std::function<void(Cpu&)> handler,
                                       IrqSource source) {
  if (vector >= irqs_.size()) irqs_.resize(vector + 1);
  if (irqs_[vector]) return base::Errno::exists;
  irqs_[vector] = std::make_unique<IrqAction>(
      IrqAction{std::move(name), std::move(handler), std::vector<std::uint64_t>(cpus_.size(), 0), std::move(source)});
  return {};
}

void Kernel::free_irq(unsigned vector) {
  INVARIANT(vector < irqs_.size() && irqs_[vector], "an interrupt that nobody requested is freed");
  irqs_[vector].reset();
}

base::Result<void> Kernel::set_irq_affinity(unsigned vector, CpuSet cpus) {
  if (vector >= irqs_.size() || !irqs_[vector] || !irqs_[vector]->source.retarget) return base::Errno::io;
  if (cpus.empty()) return base::Errno::invalid;
  IrqSource& source = irqs_[vector]->source;
  if (!std::ranges::binary_search(cpus, source.cpu)) {
    source.cpu = cpus.front();
    source.retarget(source.cpu);
  }
  source.affinity = std::move(cpus);
  return {};
}

void Kernel::observe(JourneyObserver* observer) {
  observer_ = observer;
  for (const auto& cpu : cpus_) cpu->observer_ = observer;
}

void Kernel::open_softirq(Softirq softirq, std::function<void(Cpu&)> handler) {
  auto& slot = softirqs_[static_cast<std::size_t>(softirq)];
  INVARIANT(!slot, "a softirq has two handlers");
  slot = std::move(handler);
}

Process& Kernel::spawn(unsigned cpu, std::string name, Process::Main main) {
  const auto pid = static_cast<unsigned>(processes_.size()) + 1;
  processes_.push_back(std::make_unique<Process>(std::move(name), *cpus_.at(cpu), pid, std::move(main)));
  return *processes_.back();
}

}  // namespace host::kernel
