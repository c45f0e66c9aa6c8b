// SPDX-License-Identifier: Apache-2.0
#include "host/proc/multicast.hpp"

#include <fmt/format.h>

#include <set>

#include "host/headers/ethernet.hpp"
#include "host/headers/igmp.hpp"
#include "host/proc/net_tables.hpp"

namespace host::proc {

std::map<headers::Ipv4Address, unsigned> groups_of(const ip::IpLayer& ip, const device::NetDevice& dev) {
  auto groups = ip.igmp.groups(dev);
  if (dev.is_up()) ++groups[headers::kAllHosts];
  return groups;
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

std::string dev_mcast(device::NetCore& net, const ip::IpLayer& ip) {
  std::string text;
  for (const device::NetDevice* dev : net.devices()) {
    if (dev->hardware_type() != device::HardwareType::ethernet) continue;
    std::set<base::MacAddress> stations;
    for (const auto& [group, users] : groups_of(ip, *dev)) stations.insert(headers::multicast_mac(group));
    for (const base::MacAddress& station : stations) {
      std::string digits;
      for (const unsigned octet : station.octets) digits += fmt::format("{:02x}", octet);
      text += fmt::format("{:<4} {:<15} {:<5} {:<5} {}\n", dev->ifindex(), dev->name(), 1, 0, digits);
    }
  }
  return text;
}

}  // namespace host::proc
