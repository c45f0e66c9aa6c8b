// SPDX-License-Identifier: Apache-2.0
// One host's IPv4: what the steps of this folder share (Linux: struct netns_ipv4).
#pragma once

#include <cstdint>
#include <map>

#include "host/device/net_core.hpp"
#include "host/ip/fib.hpp"
#include "host/ip/icmp_limit.hpp"
#include "host/ip/icmp_redirect.hpp"
#include "host/ip/igmp.hpp"
#include "host/ip/inet_sock.hpp"
#include "host/ip/interface_address.hpp"
#include "host/ip/ip_conf.hpp"
#include "host/ip/ip_counters.hpp"
#include "host/ip/ip_defrag.hpp"
#include "host/ip/ip_offload.hpp"
#include "host/ip/local_flows.hpp"
#include "host/ip/neighbour.hpp"
#include "host/ip/protocol_table.hpp"
#include "host/ip/route_exceptions.hpp"
#include "host/netfilter/nftables.hpp"

namespace host::ip {

/// /proc/sys/net/ipv4, the entries in use.
struct IpSettings {
  explicit IpSettings(kernel::SysctlTable& sysctl);

  const kernel::Sysctl& ip_default_ttl;
  const kernel::Sysctl& icmp_echo_ignore_all;
  const kernel::Sysctl& icmp_echo_ignore_broadcasts;
  /// By type: bit n limits type n.
  const kernel::Sysctl& icmp_ratemask;
  /// Seconds that what a redirect said is remembered.
  const kernel::Sysctl& route_gc_timeout;
  /// 0 path MTU discovery is on; 1 new sockets do without; 2 nobody is believed; 3 only protocols that can check.
  const kernel::Sysctl& ip_no_pmtu_disc;
  const kernel::Sysctl& min_pmtu;
  /// Seconds.
  const kernel::Sysctl& mtu_expires;
  const kernel::Sysctl& rmem_default;
  const kernel::Sysctl& rmem_max;
  const kernel::Sysctl& wmem_default;
  const kernel::Sysctl& wmem_max;
  /// ip_local_port_range: the first and the last ephemeral port.
  std::span<const kernel::Sysctl> local_ports;

  /// IP_MTU_DISCOVER of a socket that is made now.
  [[nodiscard]] PmtuDiscovery new_socket_discovery() const {
    return ip_no_pmtu_disc.value == 0 ? PmtuDiscovery::want : PmtuDiscovery::dont;
  }
};

/// Takes echo replies: the ping sockets. Data at the ICMP header.
using EchoReplyHandler = std::function<void(kernel::Cpu&, skb::Skb, const headers::Ipv4View&)>;

/// Shows the raw sockets a packet for this host before its protocol has it; true: one of them wanted it. Data at the
/// transport header.
using RawHandler = std::function<bool(kernel::Cpu&, const skb::SkBuff&, const headers::Ipv4View&)>;

/// The state; the steps are functions that take it (`ip_rcv`, `ip_queue_xmit`, ...). Making one registers it
/// for IPv4 and ARP with the devices' core, which outlives it.
struct IpLayer {
  explicit IpLayer(device::NetCore& core, std::uint64_t seed);
  ~IpLayer();
  IpLayer(const IpLayer&) = delete;
  IpLayer& operator=(const IpLayer&) = delete;

  [[nodiscard]] kernel::Kernel& kernel() { return net.kernel(); }
  /// Grows with everything that a decision about a flow depends on.
  [[nodiscard]] std::uint64_t generation() { return routes.generation() + kernel().sysctl().writes(); }

  device::NetCore& net;
  IpSettings settings;
  IpConf conf;
  Fib routes;
  LocalFlows local_flows;
  RouteExceptions exceptions;
  AddressTable addresses{routes};
  ProtocolTable protocols;
  InetOffload offloads;
  NeighbourTable neighbours;
  DefragTable defrag;
  Igmp igmp;
  IcmpLimiter icmp_limiter;
  RedirectLimiter redirect_limiter;
  netfilter::Hooks hooks;
  netfilter::Hooks hooks6;  // IPv6's: connections and rules are of both families
  netfilter::Conntrack conntrack;
  netfilter::Nat nat;
  netfilter::Nftables nftables;
  EchoReplyHandler echo_reply;
  RawHandler raw;
  ErrorHandler echo_error;
  /// Where packets to our own addresses go; null: there is no such device, and no route to them.
  device::NetDevice* loopback = nullptr;

  IpCounters counters;
  IpExtCounters ext_counters;
  IcmpCounters icmp_counters;
  RouteCounters route_counters;
  /// `IcmpMsg:`: messages by type.
  std::map<unsigned, std::uint64_t> icmp_in_types;
  std::map<unsigned, std::uint64_t> icmp_out_types;

  std::uint64_t seed;
  std::uint16_t next_id;
  unsigned notifier = 0;
};

}  // namespace host::ip
