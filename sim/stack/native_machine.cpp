// SPDX-License-Identifier: Apache-2.0
#include "sim/stack/native_machine.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace sim::stack {
namespace {

constexpr unsigned kFirstVector = 32;
constexpr int kFree = -1;

}  // namespace

NativeIrqs::NativeIrqs(unsigned cpus) : bound_(host::platform::kFirstSystemVector, kFree), cpus_(cpus) {}

std::optional<unsigned> NativeIrqs::allocate_vector(unsigned cpu) {
  for (unsigned vector = kFirstVector; vector < bound_.size(); ++vector) {
    if (bound_[vector] != kFree) continue;
    bound_[vector] = static_cast<int>(cpu);
    return vector;
  }
  return std::nullopt;
}

void NativeIrqs::free_vector(unsigned vector) {
  bound_[vector] = kFree;
  for (Cpu& cpu : cpus_) std::erase(cpu.pending, vector);
}

host::platform::MsiMessage NativeIrqs::message(unsigned vector) const {
  return {0xfee0'0000U, vector};
}

std::optional<unsigned> NativeIrqs::take_pending(unsigned cpu) {
  auto& pending = cpus_[cpu].pending;
  if (pending.empty()) return std::nullopt;
  const unsigned vector = pending.front();
  pending.pop_front();
  return vector;
}

void NativeIrqs::pend(unsigned cpu, unsigned vector) {
  auto& pending = cpus_[cpu].pending;
  if (std::ranges::find(pending, vector) == pending.end()) pending.push_back(vector);
}

void NativeIrqs::send_call(unsigned cpu) {
  pend(cpu, host::platform::kCallFunctionVector);
}

void NativeIrqs::raise(unsigned vector) {
  if (vector < bound_.size() && bound_[vector] != kFree) pend(static_cast<unsigned>(bound_[vector]), vector);
}

bool NativeIrqs::take_reason(unsigned cpu) {
  return !cpus_[cpu].pending.empty() || std::exchange(cpus_[cpu].ipi, false);
}

std::span<std::byte> NativeDma::allocate(std::size_t bytes, std::size_t align) {
  const std::size_t whole = (bytes + align - 1) / align * align;
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(align, whole));
  if (memory == nullptr) return {};
  std::memset(memory, 0, bytes);
  allocated_ += bytes;
  return {memory, bytes};
}

void NativeDma::free(std::span<std::byte> memory) {
  allocated_ -= memory.size();
  std::free(memory.data());
}

}  // namespace sim::stack
