// SPDX-License-Identifier: Apache-2.0
// /proc/net/igmp and /proc/net/dev_mcast: the groups of each interface (Linux: igmp_mc_seq_show, dev_mc_seq_show).
#pragma once

#include <string>

#include "host/ip/ip_layer.hpp"

namespace host::proc {

[[nodiscard]] std::string igmp(device::NetCore& net, const ip::IpLayer& ip);
[[nodiscard]] std::string dev_mcast(device::NetCore& net, const ip::IpLayer& ip);

}  // namespace host::proc
