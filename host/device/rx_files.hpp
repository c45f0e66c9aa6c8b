// SPDX-License-Identifier: Apache-2.0
// The files of an interface about receiving: /sys/class/net/eth0/{gro_flush_timeout,queues/rx-N/rps_cpus,...} (Linux:
// net/core/net-sysfs.c).
#pragma once

#include "host/device/net_device.hpp"
#include "host/kernel/kernel.hpp"

namespace host::device {

void add_rx_files(kernel::Kernel& kernel, NetDevice& dev);
/// Those that add_rx_files() made.
void remove_rx_files(kernel::Kernel& kernel, const NetDevice& dev);

}  // namespace host::device
