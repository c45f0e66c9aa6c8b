// SPDX-License-Identifier: Apache-2.0
// /proc/net/dev and /sys/class/net (Linux: net/core/net-procfs.c, net/core/net-sysfs.c).
#pragma once

#include <string>

#include "host/device/net_core.hpp"

namespace host::proc {

/// A line an interface: bytes, packets, errors and drops, received and sent.
[[nodiscard]] std::string net_dev(const device::NetCore& net);

/// What lies in /sys/class/net now: a folder an interface, with statistics/ in it. mtu and tx_queue_len are writable.
[[nodiscard]] kernel::PseudoFiles::Files class_net(device::NetCore& net);

/// Linux: dev->flags, IFF_*, without the ones that follow from the state of the link.
[[nodiscard]] unsigned interface_flags(const device::NetDevice& dev);
/// up, down, unknown (the loopback device has no other). Linux: RFC 2863's operational state.
[[nodiscard]] std::string_view operstate(const device::NetDevice& dev);

}  // namespace host::proc
