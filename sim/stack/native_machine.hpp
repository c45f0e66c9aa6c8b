// SPDX-License-Identifier: Apache-2.0
// A machine without a simulator: CPUs that take turns, memory that is its own DMA address, vectors that pend.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "host/kernel/kernel.hpp"

namespace sim::stack {

using host::platform::DmaAddress;
using host::platform::Nanoseconds;

/// Vectors pend here until their CPU takes them.
class NativeIrqs final : public host::platform::IrqController {
 public:
  explicit NativeIrqs(unsigned cpus);

  std::optional<unsigned> allocate_vector(unsigned cpu) override;
  void free_vector(unsigned vector) override;
  host::platform::MsiMessage message(unsigned vector) const override;
  void set_affinity(unsigned vector, unsigned cpu) override { bound_[vector] = static_cast<int>(cpu); }
  std::optional<unsigned> take_pending(unsigned cpu) override;
  void send_ipi(unsigned cpu) override { cpus_[cpu].ipi = true; }
  void send_call(unsigned cpu) override;

  /// A device's message arrives.
  void raise(unsigned vector);
  /// Something waits for `cpu`; the IPI is taken by asking.
  [[nodiscard]] bool take_reason(unsigned cpu);

 private:
  struct Cpu {
    std::deque<unsigned> pending;
    bool ipi = false;
  };
  void pend(unsigned cpu, unsigned vector);

  std::vector<int> bound_;  // by vector; -1: free
  std::vector<Cpu> cpus_;
};

/// Costs nothing and gives control back when idle. Time passes when somebody says so.
class NativeCpus final : public host::platform::CpuPlatform {
 public:
  NativeCpus(NativeIrqs& irqs, unsigned cpus) : irqs_(irqs), count_(cpus) {}

  unsigned cpu_count() const override { return count_; }
  Nanoseconds now() const override { return now_; }
  Nanoseconds charge(unsigned, Nanoseconds, bool) override { return 0; }
  bool idle(unsigned cpu, std::optional<Nanoseconds> deadline) override {
    return irqs_.take_reason(cpu) || (deadline && *deadline <= now_);
  }

  void pass(Nanoseconds time) { now_ += time; }

 private:
  NativeIrqs& irqs_;
  unsigned count_;
  Nanoseconds now_ = 0;
};

/// An address is a pointer; windows are not checked: this is for measuring, the tests' FakeDma is for finding faults.
class NativeDma final : public host::platform::DmaMemory {
 public:
  std::span<std::byte> allocate(std::size_t bytes, std::size_t align) override;
  void free(std::span<std::byte> memory) override;
  DmaAddress map(std::span<const std::byte> memory, host::platform::DmaDirection) override {
    return reinterpret_cast<DmaAddress>(memory.data());
  }
  void unmap(DmaAddress, std::size_t) override {}

  /// The device's side of an address.
  [[nodiscard]] static std::span<std::byte> at(DmaAddress address, std::size_t bytes) {
    return {reinterpret_cast<std::byte*>(address), bytes};
  }
  [[nodiscard]] std::size_t allocated() const { return allocated_; }

 private:
  std::size_t allocated_ = 0;
};

struct NativeMachine {
  explicit NativeMachine(unsigned cpu_count) : irqs(cpu_count), cpus(irqs, cpu_count) {}
  [[nodiscard]] host::kernel::Machine machine() { return {cpus, dma, irqs}; }

  NativeIrqs irqs;
  NativeCpus cpus;
  NativeDma dma;
};

}  // namespace sim::stack
