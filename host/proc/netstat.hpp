// SPDX-License-Identifier: Apache-2.0
// /proc/net/netstat (Linux: net/ipv4/proc.c, netstat_seq_show).
#pragma once

#include <string>

#include "host/ip/ip_layer.hpp"

namespace host::proc {

/// The groups TcpExt and IpExt with every name that Linux has; what is not counted here stays 0.
[[nodiscard]] std::string netstat(const ip::IpLayer& ip);

}  // namespace host::proc
