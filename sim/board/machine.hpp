// SPDX-License-Identifier: Apache-2.0
// One simulated computer: memory, interrupt controllers, CPUs, and the host stack that runs on them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/apps/host.hpp"
#include "sim/board/sim_cpus.hpp"
#include "sim/board/sim_dma_memory.hpp"
#include "sim/board/sim_irq_controller.hpp"
#include "sim/memory/iommu.hpp"
#include "sim/memory/sparse_memory.hpp"

namespace sim::board {

class Machine {
 public:
  struct Options {
    unsigned cpus = 1;
    double speed = 1;  ///< of the CPUs; 0: work costs no time
    host::apps::HostOptions host;
    std::function<void()> boot;  ///< runs on CPU 0 before its kernel does, in an SC_THREAD
  };
  Machine(const std::string& name, Options options);
  ~Machine();

  [[nodiscard]] memory::SparseMemory& memory() { return memory_; }
  [[nodiscard]] memory::Iommu& iommu() { return iommu_; }
  [[nodiscard]] SimIrqController& irqs() { return irqs_; }
  [[nodiscard]] SimCpus& cpus() { return cpus_; }
  [[nodiscard]] SimDmaMemory& dma() { return dma_; }
  [[nodiscard]] host::apps::Host& host() { return *host_; }
  [[nodiscard]] host::kernel::Kernel& kernel() { return host_->kernel(); }
  /// Leaves a host that could not be brought down as it is.
  void abandon_host() { static_cast<void>(host_.release()); }

  /// Starts a process on CPU 0 and wakes it; from any process of the simulation.
  void spawn(std::string name, host::kernel::Process::Main main);

 private:
  void program(unsigned cpu);

  std::function<void()> boot_;
  memory::SparseMemory memory_;
  memory::Iommu iommu_;
  SimIrqController irqs_;
  SimCpus cpus_;
  SimDmaMemory dma_;
  std::unique_ptr<host::apps::Host> host_;
};

}  // namespace sim::board
