// SPDX-License-Identifier: Apache-2.0
#include "sim/board/sim_irq_controller.hpp"

#include <algorithm>

namespace sim::board {
namespace {

constexpr unsigned kFirstVector = 0x20;  // below are the CPU's own exceptions
constexpr unsigned kVectors = 256;
using host::platform::kCallFunctionVector;
using host::platform::kFirstSystemVector;
constexpr unsigned kCpuShift = 12;  // of the destination in an x86 MSI address

}  // namespace

SimIrqController::SimIrqController(unsigned cpus, std::uint64_t msi_base)
    : msi_base_(msi_base), vectors_(kVectors), cpus_(cpus) {}

std::optional<unsigned> SimIrqController::allocate_vector(unsigned cpu) {
  if (cpu >= cpus_.size()) return std::nullopt;
  for (unsigned vector = kFirstVector; vector < kFirstSystemVector; ++vector) {
    if (vectors_[vector].allocated) continue;
    vectors_[vector] = {.allocated = true, .cpu = cpu};
    return vector;
  }
  return std::nullopt;
}

void SimIrqController::free_vector(unsigned vector) {
  if (vector >= kVectors) return;
  for (Cpu& cpu : cpus_) std::erase(cpu.pending, vector);
  vectors_[vector] = {};
  if (line_ == vector) line_.reset();
}

/// One function, one pin: the line has one vector.
std::optional<unsigned> SimIrqController::allocate_line(unsigned cpu) {
  if (line_) return std::nullopt;
  line_ = allocate_vector(cpu);
  if (!line_) return std::nullopt;
  vectors_[*line_].level = true;
  follow_line(*line_);
  return line_;
}

void SimIrqController::end_of_interrupt(unsigned vector) {
  if (vector >= kVectors || !vectors_[vector].level) return;
  vectors_[vector].serving = false;
  follow_line(vector);
}

void SimIrqController::line_changed(bool asserted) {
  line_asserted_ = asserted;
  if (line_) follow_line(*line_);
}

/// A level pends while it is there, and no longer.
void SimIrqController::follow_line(unsigned vector) {
  Vector& state = vectors_[vector];
  if (state.serving || state.pending == line_asserted_) return;
  if (line_asserted_) {
    pend(vector);
  } else {
    std::erase(cpus_[state.cpu].pending, vector);
    state.pending = false;
  }
}

void SimIrqController::pend(unsigned vector) {
  Vector& state = vectors_[vector];
  ++delivered_;
  state.pending = true;
  cpus_[state.cpu].pending.push_back(vector);
  if (handler_) handler_(state.cpu);
}

host::platform::MsiMessage SimIrqController::message(unsigned vector) const {
  return {msi_base_ | (std::uint64_t{vectors_.at(vector).cpu} << kCpuShift), vector};
}

void SimIrqController::set_affinity(unsigned vector, unsigned cpu) {
  if (vector >= kVectors || cpu >= cpus_.size()) return;
  Vector& state = vectors_[vector];
  if (state.level && state.pending) {  // the line moves, not a message that has arrived
    std::erase(cpus_[state.cpu].pending, vector);
    state.pending = false;
  }
  state.cpu = cpu;
  if (state.level) follow_line(vector);
}

std::optional<unsigned> SimIrqController::take_pending(unsigned cpu) {
  auto& pending = cpus_.at(cpu).pending;
  if (pending.empty()) return std::nullopt;
  const unsigned vector = pending.front();
  pending.pop_front();
  vectors_[vector].pending = false;
  vectors_[vector].serving = vectors_[vector].level;
  return vector;
}

void SimIrqController::send_ipi(unsigned cpu) {
  cpus_.at(cpu).ipi = true;
  if (handler_) handler_(cpu);
}

void SimIrqController::send_call(unsigned cpu) {
  auto& pending = cpus_.at(cpu).pending;
  if (std::ranges::find(pending, kCallFunctionVector) != pending.end()) return;
  pending.push_back(kCallFunctionVector);
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
  if (!vector.allocated || vector.level || data >= kVectors) {
    ++spurious_;
    return;
  }
  if (vector.pending) {
    ++merged_;
    return;
  }
  pend(number);
}

}  // namespace sim::board
