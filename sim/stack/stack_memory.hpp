// SPDX-License-Identifier: Apache-2.0
// What a big host holds in memory, and that it holds no more after millions of packets.
#pragma once

#include <cstdint>

namespace sim::stack {

struct StackMemory {
  std::uint64_t packets = 0;
  std::uint64_t host_bytes = 0;   // heap and DMA memory of the host after the first packets through every queue
  std::int64_t growth_bytes = 0;  // from then to the last packet
};

/// 4 CPUs, 4 receive and 4 transmit queues, 1,000 sockets that are read; at least so many packets.
[[nodiscard]] StackMemory run_stack_memory(std::uint64_t packets);

}  // namespace sim::stack
