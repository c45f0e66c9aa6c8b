// SPDX-License-Identifier: Apache-2.0
// One receive queue of an interface, as the stack above the driver sees it (Linux: struct netdev_rx_queue).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/kernel/cpu_mask.hpp"

namespace host::device {

/// Where the packets of a flow went lately (Linux: struct rps_dev_flow).
struct RpsFlow {
  std::optional<unsigned> cpu;
  std::uint64_t last_qtail = 0;  // that CPU's backlog has handled the flow's packets when it has handled so many
};

struct RxQueue {
  /// Entries of a flow table at most.
  static constexpr std::size_t kMostFlows = 1u << 20;

  /// Who takes what comes by this queue through IP and above; empty: the CPU that polls it (`rps_cpus`).
  kernel::CpuSet rps_cpus;
  /// RFS: a power of two, or none (`rps_flow_cnt`).
  std::vector<RpsFlow> flows;

  [[nodiscard]] RpsFlow& flow(std::uint32_t hash) { return flows[hash & (flows.size() - 1)]; }
};

}  // namespace host::device
