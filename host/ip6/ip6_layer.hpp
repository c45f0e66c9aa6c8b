// SPDX-License-Identifier: Apache-2.0
// One host's IPv6: what the steps of this folder share (Linux: struct netns_ipv6).
#pragma once

#include <memory>
#include <random>

#include "host/device/net_core.hpp"
#include "host/ip/ip_layer.hpp"
#include "host/ip6/interface_address6.hpp"
#include "host/ip6/ip6_counters.hpp"
#include "host/ip6/ip6_defrag.hpp"
#include "host/ip6/ip6_offload.hpp"
#include "host/ip6/ip6_settings.hpp"
#include "host/ip6/mld.hpp"
#include "host/ip6/protocol6_table.hpp"

namespace host::ip6 {

class Addrconf;

/// Takes echo replies: the ping sockets. Data at the ICMPv6 header.
using Echo6ReplyHandler = std::function<void(kernel::Cpu&, skb::Skb, const headers::Ipv6View&)>;
/// Shows packets to raw sockets before their protocol has them. Data at the transport header; true: somebody wants
/// them.
using Raw6Handler =
    std::function<bool(kernel::Cpu&, const skb::SkBuff&, const headers::Ipv6View&, headers::NextHeader)>;

/// The state; the steps are functions that take it (`ip6_rcv`, `ip6_xmit`, ...). Making one registers it for IPv6 with
/// the devices' core. IPv4's layer, whose ICMP limits and loopback device it shares, outlives it.
struct Ip6Layer {
  explicit Ip6Layer(ip::IpLayer& ip);
  ~Ip6Layer();
  Ip6Layer(const Ip6Layer&) = delete;
  Ip6Layer& operator=(const Ip6Layer&) = delete;

  [[nodiscard]] kernel::Kernel& kernel() { return net.kernel(); }

  device::NetCore& net;
  ip::IpLayer& ipv4;
  Ip6Settings settings;
  Route6Table routes;
  ip::RouteExceptions exceptions;
  AddressTable6 addresses{routes};
  Protocol6Table protocols;
  Inet6Offload offloads;
  ip::NeighbourTable neighbours;
  Defrag6Table defrag;
  Mld mld;
  Echo6ReplyHandler echo_reply;
  Error6Handler echo_error;
  Raw6Handler raw;

  Ip6Counters counters;
  Icmp6Counters icmp_counters;

  /// For the delays that RFC 4861 and RFC 4862 want random.
  std::minstd_rand random;
  std::unique_ptr<Addrconf> addrconf;
};

}  // namespace host::ip6
