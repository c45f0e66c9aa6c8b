// SPDX-License-Identifier: Apache-2.0
// /proc/stat, /proc/uptime and /proc/net/softnet_stat (Linux: fs/proc/stat.c, net/core/net-procfs.c).
#pragma once

#include <string>

#include "host/device/net_core.hpp"

namespace host::proc {

/// Times in hundredths of a second, since the world began; btime is 0.
[[nodiscard]] std::string stat(kernel::Kernel& kernel);
/// Seconds since the world began, and those that all CPUs together were idle.
[[nodiscard]] std::string uptime(kernel::Kernel& kernel);
/// A line a CPU, in hexadecimal: processed, dropped, time_squeeze, ..., received_rps, flow_limit_count, what waits in
/// the CPU's backlog, the CPU, and the two queues of which that backlog consists.
[[nodiscard]] std::string softnet_stat(device::NetCore& net);

}  // namespace host::proc
