// SPDX-License-Identifier: Apache-2.0
// A whole host: kernel, devices, IP, UDP and sockets, wired together.
#pragma once

#include <string>

#include "host/console/console.hpp"
#include "host/device/net_core.hpp"
#include "host/ip/ip_layer.hpp"
#include "host/ip/loopback.hpp"
#include "host/ip/ping.hpp"
#include "host/ip6/ip6_layer.hpp"
#include "host/ip6/ping6.hpp"
#include "host/ip6/raw6.hpp"
#include "host/kernel/kernel.hpp"
#include "host/skb/pool.hpp"
#include "host/socket/socket_calls.hpp"
#include "host/udp/udp_layer.hpp"

namespace host::apps {

struct HostOptions {
  /// Identifiers, ephemeral ports and hash seeds follow from it.
  std::uint64_t seed = 1;
  kernel::CostTable costs = kernel::CostTable::free();
  skb::SkbPoolOptions skbs = {};
};

/// Everything of one host but its hardware drivers. Any number of hosts live in one process. Drivers register their
/// devices with net() and unregister them before the host ends.
class Host {
 public:
  /// The machine outlives it. `lo` is up, with 127.0.0.1/8.
  explicit Host(kernel::Machine machine, HostOptions options = {});
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  [[nodiscard]] kernel::Kernel& kernel() { return kernel_; }
  [[nodiscard]] skb::SkbPool& pool() { return pool_; }
  [[nodiscard]] device::NetCore& net() { return net_; }
  [[nodiscard]] ip::IpLayer& ip() { return ip_; }
  [[nodiscard]] ip6::Ip6Layer& ip6() { return ip6_; }
  [[nodiscard]] udp::UdpLayer& udp() { return udp_; }
  [[nodiscard]] packet::PacketLayer& packets() { return packets_; }
  [[nodiscard]] socket::SocketCalls& sockets() { return sockets_; }
  /// What an administrator types.
  [[nodiscard]] console::Console& console() { return console_; }

  /// `ip addr add PREFIX dev DEVICE`.
  [[nodiscard]] base::Result<void> add_address(device::NetDevice& device, headers::Ipv4Prefix prefix);
  /// `ip -6 addr add PREFIX dev DEVICE`; the device's IPv6 is enabled first. Runs on the host's first CPU.
  [[nodiscard]] base::Result<void> add_address(device::NetDevice& device, const headers::Ipv6Prefix& prefix);
  /// `ip route add PREFIX via GATEWAY`; network_unreachable when the gateway is not on a link
  /// (and all the errors of Fib::add).
  [[nodiscard]] base::Result<void> add_route(headers::Ipv4Prefix prefix, headers::Ipv4Address gateway);

  /// The device is about to go: its addresses, routes and neighbours are forgotten. Its owner calls this before he
  /// unregisters it, while the host lives on.
  void forget_device(device::NetDevice& device);

  /// Every counter of the host by name: `Ip.InReceives`, `Udp.NoPorts`, `eth0.rx_packets`, `drop.udp_no_port`,
  /// `softnet.processed`, `arp.res_failed`, `skb.in_use`. All names are always there.
  [[nodiscard]] ip::CounterMap counters();
  /// /proc/net/snmp, the groups that this host has: Ip, Icmp, IcmpMsg (when there was a message), Udp.
  [[nodiscard]] std::string proc_net_snmp() const;

 private:
  kernel::Kernel kernel_;
  skb::SkbPool pool_;
  device::NetCore net_;
  ip::IpLayer ip_;
  ip::Loopback loopback_;
  ip6::Ip6Layer ip6_;
  udp::UdpLayer udp_;
  ip::PingTable pings_;
  ip6::Ping6Table pings6_;
  ip::RawTable raws_;
  ip6::Raw6Table raws6_;
  packet::PacketLayer packets_;
  socket::SocketCalls sockets_;
  console::Console console_;
};

}  // namespace host::apps
