// SPDX-License-Identifier: Apache-2.0
// /proc/net/igmp, igmp6 and dev_mcast: the groups of each interface (Linux: igmp_mc_seq_show, igmp6_mc_seq_show,
// dev_mc_seq_show).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "host/ip6/ip6_layer.hpp"

namespace host::proc {

/// With their users: those that were joined, and all hosts', to which an interface belongs that is up.
[[nodiscard]] std::map<headers::Ipv4Address, unsigned> groups_of(const ip::IpLayer& ip, const device::NetDevice& dev);

/// The same of IPv6, the newest first; all nodes' groups, of link and interface, are the oldest of one that speaks it.
[[nodiscard]] std::vector<ip::GroupTable::Entry> groups6_of(const ip6::Ip6Layer& ip6, const device::NetDevice& dev);
/// The station addresses of an Ethernet interface's groups.
[[nodiscard]] std::set<base::MacAddress> stations_of(const ip6::Ip6Layer& ip6, const device::NetDevice& dev);

[[nodiscard]] std::string igmp(device::NetCore& net, const ip::IpLayer& ip);
/// With flags: 1 a report is to be sent, 2 this host sent the last one, 4 the link knows of it, 8 none is ever sent.
[[nodiscard]] std::string igmp6(ip6::Ip6Layer& ip6);
[[nodiscard]] std::string dev_mcast(const ip6::Ip6Layer& ip6);

}  // namespace host::proc
