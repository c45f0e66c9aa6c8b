// SPDX-License-Identifier: Apache-2.0
#include "sim/board/machine.hpp"

#include <utility>

namespace sim::board {
namespace {

constexpr std::uint64_t kMemoryBase = 0x1'0000'0000;
constexpr std::size_t kMemoryBytes = std::size_t{256} << 20;

}  // namespace

Machine::Machine(const std::string& name, Options options)
    : boot_(std::move(options.boot)),
      memory_((name + "_memory").c_str(), kMemoryBase, kMemoryBytes),
      iommu_(kMemoryBase, kMemoryBytes),
      irqs_(options.cpus),
      cpus_((name + "_cpus").c_str(), options.cpus, irqs_, [this](unsigned cpu) { program(cpu); }, options.speed),
      dma_(memory_, iommu_),
      host_(std::make_unique<host::apps::Host>(host::kernel::Machine{cpus_, dma_, irqs_}, options.host)) {}

Machine::~Machine() {
  if (host_) kernel().terminate_processes();
}

void Machine::program(unsigned cpu) {
  if (cpu == 0 && boot_) boot_();
  kernel().run(cpu);
}

void Machine::spawn(std::string name, host::kernel::Process::Main main) {
  kernel().spawn(0, std::move(name), std::move(main));
  irqs_.send_ipi(0);
}

}  // namespace sim::board
