// SPDX-License-Identifier: Apache-2.0
// One receive queue of an interface, as the stack above the driver sees it (Linux: struct netdev_rx_queue).
#pragma once

#include "host/kernel/cpu_mask.hpp"

namespace host::device {

struct RxQueue {
  /// Who takes what comes by this queue through IP and above; empty: the CPU that polls it (`rps_cpus`).
  kernel::CpuSet rps_cpus;
};

}  // namespace host::device
