// SPDX-License-Identifier: Apache-2.0
// One host's kernel: its CPUs, interrupts, softirqs, processes, tunables and counters.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/base/drop_reason.hpp"
#include "host/base/result.hpp"
#include "host/kernel/cost.hpp"
#include "host/kernel/cpu.hpp"
#include "host/kernel/cpu_mask.hpp"
#include "host/kernel/journey.hpp"
#include "host/kernel/napi.hpp"
#include "host/kernel/process.hpp"
#include "host/kernel/pseudo_files.hpp"
#include "host/kernel/sysctl.hpp"
#include "host/platform/cpu_platform.hpp"
#include "host/platform/dma_memory.hpp"
#include "host/platform/irq_controller.hpp"

namespace host::kernel {

/// What a host stands on. All outlive the Kernel.
struct Machine {
  platform::CpuPlatform& cpus;
  platform::DmaMemory& dma;
  platform::IrqController& irqs;
};

/// Where a vector's interrupts come from and go to (Linux: struct irq_desc).
struct IrqSource {
  std::string chip = "none";  // of /proc/interrupts: PCI-MSIX, IO-APIC
  unsigned hwirq = 0;         // its number there
  std::string flow = "edge";  // or fasteoi, for a level
  CpuSet affinity = {};       // where they may go, as it was asked for; empty: anywhere
  unsigned cpu = 0;           // where they go
  /// Sends them to another CPU; none: they stay where they are.
  std::function<void(unsigned cpu)> retarget = {};
};

/// One line of /proc/interrupts.
struct IrqAction {
  std::string name;
  std::function<void(Cpu&)> handler;
  std::vector<std::uint64_t> counts;  // by CPU
  IrqSource source = {};
};

class Kernel {
 public:
  explicit Kernel(Machine machine, CostTable costs = CostTable::free());
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  /// The main loop of one CPU, on that CPU's own thread of control; returns when the world ends or after
  /// stop().
  void run(unsigned cpu);
  /// Every run() returns at its next turn, between a softirq and a process' slice, whatever is pending.
  void stop() { stopping_ = true; }

  [[nodiscard]] unsigned cpu_count() const { return static_cast<unsigned>(cpus_.size()); }
  [[nodiscard]] Cpu& cpu(unsigned id) { return *cpus_.at(id); }
  [[nodiscard]] platform::Nanoseconds now() const { return machine_.cpus.now(); }
  [[nodiscard]] Machine& machine() { return machine_; }
  [[nodiscard]] const CostTable& costs() const { return costs_; }
  [[nodiscard]] CostTable& costs() { return costs_; }
  [[nodiscard]] SysctlTable& sysctl() { return sysctl_; }
  /// /proc and /sys.
  [[nodiscard]] PseudoFiles& files() { return files_; }

  /// `handler` runs in hard-IRQ context for each message of `vector`. exists when it has one already.
  [[nodiscard]] base::Result<void> request_irq(unsigned vector, std::string name, std::function<void(Cpu&)> handler,
                                               IrqSource source = {});
  void free_irq(unsigned vector);
  /// Linux: irq_set_affinity, with the one target that an x86 vector has. invalid: no CPU in the set; io: the vector is
  /// not there or cannot be moved.
  [[nodiscard]] base::Result<void> set_irq_affinity(unsigned vector, CpuSet cpus);
  /// By vector; entries without a handler are null.
  [[nodiscard]] const std::vector<std::unique_ptr<IrqAction>>& irq_actions() const { return irqs_; }
  /// Interrupts of vectors that nobody had requested (or had freed).
  [[nodiscard]] std::uint64_t spurious_interrupts() const { return spurious_; }

  /// Linux: open_softirq. Each number has one handler; NET_RX and TIMER have theirs from the start.
  void open_softirq(Softirq softirq, std::function<void(Cpu&)> handler);

  /// A new process on `cpu`, ready to run. It stays known after it ended.
  Process& spawn(unsigned cpu, std::string name, Process::Main main);
  [[nodiscard]] const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }

  /// Destroys every process, whatever it waits for: its locals go while the layers they refer to still
  /// stand. The owner of the host calls it first when taking the host down, outside run().
  void terminate_processes();

  [[nodiscard]] base::DropCounters& drops() { return drops_; }
  [[nodiscard]] const base::DropCounters& drops() const { return drops_; }
  /// None by default; tracing is then one comparison.
  void observe(JourneyObserver* observer);
  [[nodiscard]] JourneyObserver* observer() const { return observer_; }
  /// A fresh name for an skb, never 0.
  [[nodiscard]] SkbId next_skb_id() { return ++last_skb_id_; }

 private:
  friend class Cpu;

  Machine machine_;
  CostTable costs_;
  SysctlTable sysctl_;
  PseudoFiles files_{sysctl_};
  base::DropCounters drops_;
  JourneyObserver* observer_ = nullptr;
  SkbId last_skb_id_ = 0;
  std::vector<std::unique_ptr<IrqAction>> irqs_;
  std::uint64_t spurious_ = 0;
  bool stopping_ = false;
  std::array<std::function<void(Cpu&)>, kSoftirqs> softirqs_;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::vector<std::unique_ptr<Schedulable>> ksoftirqds_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::unique_ptr<NetRx> net_rx_;
};

inline platform::Nanoseconds Cpu::now() const {
  return kernel_.now();
}

}  // namespace host::kernel
