// SPDX-License-Identifier: Apache-2.0
// A machine for native tests: a virtual clock with events, interrupts by call, DMA windows that are checked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/kernel/kernel.hpp"
#include "host/platform/cpu_platform.hpp"
#include "host/platform/dma_memory.hpp"
#include "host/platform/irq_controller.hpp"

namespace host_test {

using host::platform::DmaAddress;
using host::platform::DmaDirection;
using host::platform::Nanoseconds;

/// Vectors pend here until their CPU takes them.
class FakeIrqs final : public host::platform::IrqController {
 public:
  explicit FakeIrqs(unsigned cpus) : pending_(cpus), ipi_(cpus) {}

  std::optional<unsigned> allocate_vector(unsigned cpu) override {
    for (unsigned vector = kFirst; vector < limit; ++vector) {
      if (bound_.emplace(vector, cpu).second) return vector;
    }
    return std::nullopt;
  }
  void free_vector(unsigned vector) override {
    bound_.erase(vector);
    for (auto& queue : pending_) std::erase(queue, vector);
    if (line_ == vector) line_.reset();
  }
  std::optional<unsigned> allocate_line(unsigned cpu) override {
    if (!has_line || line_) return std::nullopt;
    line_ = allocate_vector(cpu);
    return line_;
  }
  void end_of_interrupt(unsigned vector) override {
    if (line_ != vector) return;
    serving_ = false;
    follow_line();
  }
  host::platform::MsiMessage message(unsigned vector) const override {
    return {0xfee00000u + (std::uint64_t{bound_.at(vector)} << 12), vector};
  }
  void set_affinity(unsigned vector, unsigned cpu) override { bound_[vector] = cpu; }
  std::optional<unsigned> take_pending(unsigned cpu) override {
    if (pending_[cpu].empty()) return std::nullopt;
    const auto vector = pending_[cpu].front();
    pending_[cpu].pop_front();
    if (line_ == vector) serving_ = true;
    return vector;
  }
  void send_ipi(unsigned cpu) override {
    ipi_[cpu] = 1;
    ++ipis;
  }

  void send_call(unsigned cpu) override {
    auto& queue = pending_[cpu];
    const auto vector = host::platform::kCallFunctionVector;
    if (std::ranges::find(queue, vector) == queue.end()) queue.push_back(vector);
    ++calls;
  }

  /// The device's side: an MSI-X message arrives.
  void raise(unsigned vector) {
    const auto bound = bound_.find(vector);
    if (bound == bound_.end()) return;
    auto& queue = pending_[bound->second];
    if (std::ranges::find(queue, vector) == queue.end()) queue.push_back(vector);
  }
  /// The device's side: its INTx pin.
  void set_line(bool asserted) {
    asserted_ = asserted;
    follow_line();
  }
  [[nodiscard]] bool interrupt_pending(unsigned cpu) const { return !pending_[cpu].empty(); }
  [[nodiscard]] bool take_ipi(unsigned cpu) { return std::exchange(ipi_[cpu], char{0}) != 0; }
  [[nodiscard]] std::size_t vectors() const { return bound_.size(); }

  unsigned limit = 64;
  unsigned ipis = 0;
  unsigned calls = 0;
  bool has_line = true;

 private:
  void follow_line() {
    if (!line_ || serving_) return;
    auto& queue = pending_[bound_.at(*line_)];
    std::erase(queue, *line_);
    if (asserted_) queue.push_back(*line_);
  }
  std::optional<unsigned> line_;
  bool asserted_ = false;
  bool serving_ = false;
  static constexpr unsigned kFirst = 32;
  std::map<unsigned, unsigned> bound_;
  std::vector<std::deque<unsigned>> pending_;
  std::vector<char> ipi_;
};

/// One virtual clock for all CPUs; events happen while a CPU works or idles.
class FakeCpus final : public host::platform::CpuPlatform {
 public:
  FakeCpus(FakeIrqs& irqs, unsigned cpus) : irqs_(irqs), cpus_(cpus) {}

  unsigned cpu_count() const override { return cpus_; }
  Nanoseconds now() const override { return now_; }
  Nanoseconds charge(unsigned cpu, Nanoseconds cost, bool interruptible) override {
    const Nanoseconds end = now_ + cost;
    for (;;) {
      if (interruptible && irqs_.interrupt_pending(cpu)) return end - now_;
      if (events_.empty() || events_.begin()->first > end) break;
      run_next_event();
    }
    now_ = end;
    return 0;
  }
  bool idle(unsigned cpu, std::optional<Nanoseconds> deadline) override {
    for (;;) {
      if (irqs_.interrupt_pending(cpu) || irqs_.take_ipi(cpu)) return true;
      const Nanoseconds wake = deadline.value_or(stop_at);
      if (wake <= now_ && deadline) return true;
      if (!events_.empty() && events_.begin()->first <= std::min(wake, stop_at)) {
        run_next_event();
        continue;
      }
      if (!deadline || *deadline > stop_at) return false;
      now_ = *deadline;
      return true;
    }
  }

  /// `action` happens at `when`; equal times in the order of the calls.
  void at(Nanoseconds when, std::function<void()> action) { events_.emplace(when, std::move(action)); }
  void after(Nanoseconds delay, std::function<void()> action) { at(now_ + delay, std::move(action)); }

  /// The world ends when nothing is left to do before this.
  Nanoseconds stop_at = 1'000'000'000;

 private:
  void run_next_event() {
    auto event = events_.extract(events_.begin());
    now_ = std::max(now_, event.key());
    event.mapped()();
  }
  FakeIrqs& irqs_;
  unsigned cpus_;
  Nanoseconds now_ = 0;
  std::multimap<Nanoseconds, std::function<void()>> events_;
};

/// Windows with addresses of their own; what the device may not reach is counted, not touched.
class FakeDma final : public host::platform::DmaMemory {
 public:
  std::span<std::byte> allocate(std::size_t bytes, std::size_t align) override {
    if (allocated + bytes > limit) return {};
    auto block = std::make_unique<std::byte[]>(bytes + align);
    const auto address = reinterpret_cast<std::uintptr_t>(block.get());
    const std::size_t skip = (align - address % align) % align;
    std::byte* start = block.get() + skip;
    allocated += bytes;
    blocks_.emplace(start, Block{std::move(block), bytes});
    return {start, bytes};
  }
  void free(std::span<std::byte> memory) override {
    const auto block = blocks_.find(memory.data());
    INVARIANT(block != blocks_.end() && block->second.bytes == memory.size(), "freed what was not allocated");
    allocated -= memory.size();
    blocks_.erase(block);
  }
  DmaAddress map(std::span<const std::byte> memory, DmaDirection direction) override {
    const DmaAddress address = next_;
    next_ += (memory.size() + 0xfff) / 0x1000 * 0x1000 + 0x1000 + (memory.size() % 7);
    windows_[address] = {const_cast<std::byte*>(memory.data()), memory.size(), direction};
    return address;
  }
  void unmap(DmaAddress address, std::size_t bytes) override {
    const auto window = windows_.find(address);
    INVARIANT(window != windows_.end() && window->second.bytes == bytes, "unmapped what was not mapped");
    windows_.erase(window);
  }

  /// The device's side. False (and a fault counted) outside the windows or against their direction.
  bool read(DmaAddress address, std::span<std::byte> out) {
    const std::byte* from = find(address, out.size(), DmaDirection::to_device);
    if (from == nullptr) return false;
    std::memcpy(out.data(), from, out.size());
    return true;
  }
  bool write(DmaAddress address, std::span<const std::byte> in) {
    std::byte* to = find(address, in.size(), DmaDirection::from_device);
    if (to == nullptr) return false;
    std::memcpy(to, in.data(), in.size());
    return true;
  }
  [[nodiscard]] std::size_t windows() const { return windows_.size(); }

  std::size_t limit = SIZE_MAX;
  std::size_t allocated = 0;
  std::uint64_t faults = 0;

 private:
  struct Block {
    std::unique_ptr<std::byte[]> owner;
    std::size_t bytes;
  };
  struct Window {
    std::byte* start;
    std::size_t bytes;
    DmaDirection direction;
  };
  std::byte* find(DmaAddress address, std::size_t bytes, DmaDirection access) {
    auto window = windows_.upper_bound(address);
    if (window != windows_.begin()) {
      --window;
      const auto& [start, size, direction] = window->second;
      const auto offset = address - window->first;
      const bool inside = offset + bytes <= size;
      if (inside && (direction == access || direction == DmaDirection::bidirectional)) return start + offset;
    }
    ++faults;
    return nullptr;
  }
  std::map<std::byte*, Block> blocks_;
  std::map<DmaAddress, Window> windows_;
  DmaAddress next_ = 0x1'0000'0010;  // above 4 GB, so that address halves matter
};

/// The whole machine.
struct FakeMachine {
  explicit FakeMachine(unsigned cpu_count = 1) : irqs(cpu_count), cpus(irqs, cpu_count) {}
  [[nodiscard]] host::kernel::Machine machine() { return {cpus, dma, irqs}; }

  FakeIrqs irqs;
  FakeCpus cpus;
  FakeDma dma;
};

}  // namespace host_test
