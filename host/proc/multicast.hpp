// SPDX-License-Identifier: Apache-2.0
// /proc/net/igmp and /proc/net/dev_mcast: the groups of each interface (Linux: igmp_mc_seq_show, dev_mc_seq_show).
#pragma once

#include <map>
#include <string>

#include "host/ip/ip_layer.hpp"

namespace host::proc {

/// With their users: those that were joined, and all hosts', to which an interface belongs that is up.
[[nodiscard]] std::map<headers::Ipv4Address, unsigned> groups_of(const ip::IpLayer& ip, const device::NetDevice& dev);

[[nodiscard]] std::string igmp(device::NetCore& net, const ip::IpLayer& ip);
[[nodiscard]] std::string dev_mcast(device::NetCore& net, const ip::IpLayer& ip);

}  // namespace host::proc
