// SPDX-License-Identifier: Apache-2.0
#include "sim/stack/stack_memory.hpp"

#include <malloc.h>

#include "sim/stack/receive_case.hpp"

namespace sim::stack {
namespace {

constexpr std::uint64_t kFirstPackets = 64'000;  // every socket has had some, every table its size
constexpr Nanoseconds kBurstTime = 64'000;

/// Allocated and not freed, in this process.
std::int64_t held() {
  const auto info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

}  // namespace

StackMemory run_stack_memory(std::uint64_t packets) {
  const std::int64_t before = held();
  StackMemory result;
  Receive work({.sockets = 1'000, .cpus = 4, .pairs = 4});
  std::int64_t first = 0;
  for (; result.packets < kFirstPackets || result.packets < packets; result.packets += kBurst) {
    if (result.packets == kFirstPackets) first = held();
    work.offer();
    work.world.run();
    work.world.machine().cpus.pass(kBurstTime);
    INVARIANT(work.finished() == result.packets + kBurst, "packets of a burst got lost");
  }
  if (first == 0) first = held();
  result.host_bytes = static_cast<std::uint64_t>(first - before);
  result.growth_bytes = held() - first;
  return result;
}

}  // namespace sim::stack
