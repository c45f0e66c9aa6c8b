// SPDX-License-Identifier: Apache-2.0
// /sys/class/net/DEVICE/queues/tx-N: the knobs of each transmit queue (Linux: net/core/net-sysfs.c).
#pragma once

#include "host/device/net_device.hpp"
#include "host/kernel/kernel.hpp"

namespace host::device {

/// byte_queue_limits/{limit,limit_min,limit_max,hold_time,inflight}; xps_cpus where there is a choice of queues.
void add_tx_queue_files(kernel::Kernel& kernel, NetDevice& dev);
void remove_tx_queue_files(kernel::Kernel& kernel, const NetDevice& dev);

}  // namespace host::device
