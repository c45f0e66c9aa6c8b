// SPDX-License-Identifier: Apache-2.0
#include "sim/board/sim_irq_controller.hpp"

#include <algorithm>

namespace sim::board {
namespace {

constexpr unsigned kFirstVector = 0x20;  // below are the CPU's own exceptions
constexpr unsigned kVectors = 256;
constexpr unsigned kCpuShift = 12;  // of the destination in an x86 MSI address

}  // namespace

SimIrqController::SimIrqController(unsigned cpus, std::uint64_t msi_base)
    : msi_base_(msi_base), vectors_(kVectors), cpus_(cpus) {}

std::optional<unsigned> SimIrqController::allocate_vector(unsigned cpu) {
  if (cpu >= cpus_.size()) return std::nullopt;
  for (unsigned vector = kFirstVector; vector < kVectors; ++vector) {
    if (vectors_[vector].allocated) continue;
    vectors_[vector] = {true, false, cpu};
    return vector;
  }
  return std::nullopt;
}

void SimIrqController::free_vector(unsigned vector) {
  if (vector >= kVectors) return;
  for (Cpu& cpu : cpus_) std::erase(cpu.pending, vector);
  if (line_vector_ == vector) line_vector_.reset();
  vectors_[vector] = {};
}

host::platform::MsiMessage SimIrqController::message(unsigned vector) const {
  return {msi_base_ | (std::uint64_t{vectors_.at(vector).cpu} << kCpuShift), vector};
}

void SimIrqController::set_affinity(unsigned vector, unsigned cpu) {
  if (vector < kVectors && cpu < cpus_.size()) vectors_[vector].cpu = cpu;
}

std::optional<unsigned> SimIrqController::take_pending(unsigned cpu) {
  auto& pending = cpus_.at(cpu).pending;
  if (pending.empty()) return std::nullopt;
  const unsigned vector = pending.front();
  pending.pop_front();
  vectors_[vector].pending = false;
  if (line_high_ && line_vector_ == vector) raise(vector);  // a level: until the device lets go
  return vector;
}

void SimIrqController::send_ipi(unsigned cpu) {
  cpus_.at(cpu).ipi = true;
  if (handler_) handler_(cpu);
}

bool SimIrqController::take_ipi(unsigned cpu) {
  const bool was = cpus_.at(cpu).ipi;
  cpus_[cpu].ipi = false;
  return was;
}

/// The vector decides, not the address: a message that left before set_affinity reaches the new CPU, as
/// with interrupt remapping.
void SimIrqController::message_arrived(std::uint64_t, std::uint32_t data) {
  const unsigned number = data & 0xFF;
  Vector& vector = vectors_[number];
  if (!vector.allocated || data >= kVectors) {
    ++spurious_;
    return;
  }
  if (vector.pending) {
    ++merged_;
    return;
  }
  raise(number);
}

void SimIrqController::raise(unsigned number) {
  Vector& vector = vectors_[number];
  ++delivered_;
  vector.pending = true;
  cpus_[vector.cpu].pending.push_back(number);
  if (handler_) handler_(vector.cpu);
}

void SimIrqController::bind_line(unsigned vector) {
  line_vector_ = vector;
  line(line_high_);
}

void SimIrqController::line(bool high) {
  line_high_ = high;
  if (!line_vector_) return;
  if (high && !vectors_.at(*line_vector_).pending) return raise(*line_vector_);
  if (high || !vectors_[*line_vector_].pending) return;
  vectors_[*line_vector_].pending = false;  // gone before it was taken
  for (Cpu& cpu : cpus_) std::erase(cpu.pending, *line_vector_);
}

}  // namespace sim::board
