// SPDX-License-Identifier: Apache-2.0
#include "host/proc/multicast.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/headers/ethernet.hpp"
#include "host/headers/igmp.hpp"
#include "host/ip6/addrconf.hpp"
#include "host/proc/net_tables.hpp"

namespace host::proc {

using headers::Ipv6Address;

namespace {

constexpr Ipv6Address kInterfacesNodes = Ipv6Address::of(0xff01, 0, 0, 0, 0, 0, 0, 1);
constexpr unsigned kLinkScope = 2;

// net/ipv6/mcast.c: MAF_TIMER_RUNNING, MAF_LAST_REPORTER, MAF_LOADED, MAF_NOREPORT.
unsigned flags_of(const ip::GroupTable::Entry& entry) {
  const Ipv6Address& group = entry.group.value;
  return (entry.report_at ? 1U : 0U) | (entry.reporter ? 2U : 0U) | (group.multicast_scope() >= kLinkScope ? 4U : 0U) |
         (ip6::Mld::is_silent(group) ? 8U : 0U);
}

}  // namespace

std::map<headers::Ipv4Address, unsigned> groups_of(const ip::IpLayer& ip, const device::NetDevice& dev) {
  auto groups = ip.igmp.groups(dev);
  if (dev.is_up()) ++groups[headers::kAllHosts];
  return groups;
}

std::vector<ip::GroupTable::Entry> groups6_of(const ip6::Ip6Layer& ip6, const device::NetDevice& dev) {
  auto groups = ip6.mld.groups(dev);
  if (ip6.addrconf->enabled(dev)) {
    for (const Ipv6Address& everybody : {headers::kAllNodes, kInterfacesNodes}) {
      const auto joined = std::ranges::find(groups, headers::IpAddress(everybody), &ip::GroupTable::Entry::group);
      if (joined != groups.end()) {
        ++joined->users;
      } else {
        groups.push_back({.group = everybody, .users = 1});
      }
    }
  }
  return groups;
}

std::set<base::MacAddress> stations_of(const ip6::Ip6Layer& ip6, const device::NetDevice& dev) {
  std::set<base::MacAddress> stations;
  if (dev.hardware_type() != device::HardwareType::ethernet) return stations;
  for (const auto& [group, users] : groups_of(ip6.ipv4, dev)) stations.insert(headers::multicast_mac(group));
  for (const ip::GroupTable::Entry& entry : groups6_of(ip6, dev)) {
    if (entry.group.value.multicast_scope() >= kLinkScope) stations.insert(entry.group.value.multicast_mac());
  }
  return stations;
}

std::string igmp(device::NetCore& net, const ip::IpLayer& ip) {
  std::string text = "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n";
  for (const device::NetDevice* dev : net.devices()) {
    const auto groups = groups_of(ip, *dev);
    if (groups.empty()) continue;
    text += fmt::format("{}\t{:<10}: {:>5} {:>7}\n", dev->ifindex(), dev->name(), groups.size(), "V3");
    for (const auto& [group, users] : groups) {
      text += fmt::format("\t\t\t\t{} {:>5} 0:00000000\t\t0\n", hex_address(group), users);
    }
  }
  return text;
}

std::string igmp6(ip6::Ip6Layer& ip6) {
  constexpr platform::Nanoseconds kTick = 10'000'000;  // USER_HZ is 100
  std::string text;
  for (const device::NetDevice* dev : ip6.net.devices()) {
    for (const ip::GroupTable::Entry& entry : groups6_of(ip6, *dev)) {
      std::string digits;
      for (const std::uint8_t octet : entry.group.value.octets) digits += fmt::format("{:02x}", octet);
      const platform::Nanoseconds left = entry.report_at ? *entry.report_at - ip6.kernel().now() : 0;
      text += fmt::format("{:<4} {:<15} {} {:>5} {:08X} {}\n", dev->ifindex(), dev->name(), digits, entry.users,
                          flags_of(entry), left / kTick);
    }
  }
  return text;
}

std::string dev_mcast(const ip6::Ip6Layer& ip6) {
  std::string text;
  for (const device::NetDevice* dev : ip6.net.devices()) {
    for (const base::MacAddress& station : stations_of(ip6, *dev)) {
      std::string digits;
      for (const unsigned octet : station.octets) digits += fmt::format("{:02x}", octet);
      text += fmt::format("{:<4} {:<15} {:<5} {:<5} {}\n", dev->ifindex(), dev->name(), 1, 0, digits);
    }
  }
  return text;
}

}  // namespace host::proc
