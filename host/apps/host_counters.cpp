// SPDX-License-Identifier: Apache-2.0
// What a host has counted: as a map, and as /proc/net/snmp.
#include <fmt/format.h>

#include "host/apps/host.hpp"

namespace host::apps {

using ip::CounterMap;
using ip::CounterName;

namespace {

constexpr std::array<CounterName<device::LinkStats>, 13> kLinkNames{{
    {"rx_packets", &device::LinkStats::rx_packets},
    {"tx_packets", &device::LinkStats::tx_packets},
    {"rx_bytes", &device::LinkStats::rx_bytes},
    {"tx_bytes", &device::LinkStats::tx_bytes},
    {"rx_errors", &device::LinkStats::rx_errors},
    {"tx_errors", &device::LinkStats::tx_errors},
    {"rx_dropped", &device::LinkStats::rx_dropped},
    {"tx_dropped", &device::LinkStats::tx_dropped},
    {"multicast", &device::LinkStats::multicast},
    {"rx_length_errors", &device::LinkStats::rx_length_errors},
    {"rx_frame_errors", &device::LinkStats::rx_frame_errors},
    {"rx_nohandler", &device::LinkStats::rx_nohandler},
    {"tx_carrier_errors", &device::LinkStats::tx_carrier_errors},
}};

constexpr std::array<CounterName<ip::NeighbourStats>, 12> kNeighbourNames{{
    {"allocs", &ip::NeighbourStats::allocs},
    {"destroys", &ip::NeighbourStats::destroys},
    {"hash_grows", &ip::NeighbourStats::hash_grows},
    {"rcv_probes_mcast", &ip::NeighbourStats::rcv_probes_mcast},
    {"rcv_probes_ucast", &ip::NeighbourStats::rcv_probes_ucast},
    {"periodic_gc_runs", &ip::NeighbourStats::periodic_gc_runs},
    {"lookups", &ip::NeighbourStats::lookups},
    {"hits", &ip::NeighbourStats::hits},
    {"res_failed", &ip::NeighbourStats::res_failed},
    {"forced_gc_runs", &ip::NeighbourStats::forced_gc_runs},
    {"unresolved_discards", &ip::NeighbourStats::unresolved_discards},
    {"table_fulls", &ip::NeighbourStats::table_fulls},
}};

constexpr std::array<CounterName<kernel::SoftnetStats>, 5> kSoftnetNames{{
    {"processed", &kernel::SoftnetStats::processed},
    {"dropped", &kernel::SoftnetStats::dropped},
    {"time_squeeze", &kernel::SoftnetStats::time_squeeze},
    {"received_rps", &kernel::SoftnetStats::received_rps},
    {"flow_limit", &kernel::SoftnetStats::flow_limit},
}};

template <typename Counters, std::size_t N>
constexpr std::span<const CounterName<Counters>> rows(const std::array<CounterName<Counters>, N>& names) {
  return names;
}

/// The `IcmpMsg:` lines list the types that occurred, in first, out second.
std::string icmp_msg_lines(const ip::IpLayer& layer) {
  std::string names = "IcmpMsg:";
  std::string values = "IcmpMsg:";
  const auto append = [&](std::string_view direction, const auto& by_type) {
    for (const auto& [type, count] : by_type) {
      names.append(" ").append(direction).append(std::to_string(type));
      values.append(" ").append(std::to_string(count));
    }
  };
  append("InType", layer.icmp_in_types);
  append("OutType", layer.icmp_out_types);
  const bool none = layer.icmp_in_types.empty() && layer.icmp_out_types.empty();
  return none ? std::string{} : names + '\n' + values + '\n';
}

/// The counters of IP with the settings that Linux prints among them.
ip::IpCounters with_settings(const ip::IpLayer& layer) {
  ip::IpCounters counters = layer.counters;
  counters.forwarding = layer.conf.is_router() ? 1 : 2;  // RFC 1213: 1 is "forwarding"
  counters.default_ttl = static_cast<std::uint64_t>(layer.settings.ip_default_ttl.value);
  return counters;
}

kernel::SoftnetStats sum_of_cpus(kernel::Kernel& kernel) {
  kernel::SoftnetStats sum;
  for (unsigned id = 0; id < kernel.cpu_count(); ++id) {
    for (const auto& row : kSoftnetNames) {
      sum.*row.member += kernel.cpu(id).softnet().*row.member;
    }
  }
  return sum;
}

}  // namespace

CounterMap Host::counters() {
  CounterMap map;
  add_to_map(map, "Ip", rows(ip::kIpCounterNames), with_settings(ip_));
  add_to_map(map, "IpExt", rows(ip::kIpExtCounterNames), ip_.ext_counters);
  add_to_map(map, "Icmp", rows(ip::kIcmpCounterNames), ip_.icmp_counters);
  add_to_map(map, "rt_cache", rows(ip::kRouteCounterNames), ip_.route_counters);
  add_to_map(map, "Udp", rows(udp::kUdpCounterNames), udp_.counters);
  add_to_map(map, "Udp6", rows(udp::kUdpCounterNames), udp_.counters6);
  add_to_map(map, "Ip6", rows(ip6::kIp6CounterNames), ip6_.counters);
  add_to_map(map, "Icmp6", rows(ip6::kIcmp6CounterNames), ip6_.icmp_counters);
  for (const auto& [type, name] : ip6::kIcmp6TypeNames) {
    map[fmt::format("Icmp6.In{}", name)] = ip6_.icmp_counters.in_types[type];
    map[fmt::format("Icmp6.Out{}", name)] = ip6_.icmp_counters.out_types[type];
  }
  add_to_map(map, "nd", rows(kNeighbourNames), ip6_.neighbours.stats());
  add_to_map(map, "arp", rows(kNeighbourNames), ip_.neighbours.stats());
  add_to_map(map, "softnet", rows(kSoftnetNames), sum_of_cpus(kernel_));
  for (const device::NetDevice* device : net_.devices()) {
    add_to_map(map, device->name(), rows(kLinkNames), device->stats());
  }
  for (std::size_t reason = 0; reason < base::kDropReasons; ++reason) {
    const auto which = static_cast<base::DropReason>(reason);
    map["drop." + std::string(drop_reason_name(which))] = kernel_.drops()[which];
  }
  map["TcpExt.BusyPollRxPackets"] = net_.busy_poll_rx_packets;
  map["skb.allocated"] = pool_.allocated();
  map["skb.exhausted"] = pool_.exhausted();
  map["skb.poison_overwritten"] = pool_.poison().overwritten();
  map["skb.double_frees"] = pool_.poison().double_frees();
  map["skb.in_use"] = pool_.in_use();
  return map;
}

std::string Host::proc_net_snmp() const {
  return proc_lines("Ip", rows(ip::kIpCounterNames), with_settings(ip_)) +
         proc_lines("Icmp", rows(ip::kIcmpCounterNames), ip_.icmp_counters) + icmp_msg_lines(ip_) +
         proc_lines("Udp", rows(udp::kUdpCounterNames), udp_.counters);
}

}  // namespace host::apps
