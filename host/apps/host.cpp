// SPDX-License-Identifier: Apache-2.0
// A whole host: kernel, devices, IP, UDP and sockets, wired together.
#include "host/apps/host.hpp"

#include "host/device/virtual_links.hpp"
#include "host/ip6/addrconf.hpp"
#include "host/proc/proc_files.hpp"

namespace host::apps {

using headers::Ipv4Address;
using headers::Ipv4Prefix;

namespace {

constexpr Ipv4Prefix kLoopbackPrefix{Ipv4Address::of(127, 0, 0, 1), 8};

}  // namespace

Host::Host(kernel::Machine machine, HostOptions options)
    : kernel_(machine, options.costs),
      pool_(kernel_, options.skbs),
      net_(kernel_, pool_),
      ip_(net_, options.seed),
      loopback_(net_),
      ip6_(ip_),
      udp_(ip6_),
      pings_(ip_),
      pings6_(ip6_),
      raws_(ip_),
      raws6_(ip6_),
      packets_(net_),
      sockets_(udp_, pings_, pings6_, packets_, raws_, raws6_),
      console_({kernel_, net_, ip_, udp_, sockets_}) {
  proc::add_proc_files({net_, ip_, udp_, packets_, raws_, raws6_, sockets_});
  kernel_.files().add("/proc/net/snmp", [this] { return proc_net_snmp(); });
  ip_.loopback = &loopback_.device();
  const auto opened = loopback_.device().open(kernel_.cpu(0));
  const auto added = ip_.addresses.add(loopback_.device(), kLoopbackPrefix);
  INVARIANT(opened.ok() && added.ok(), "the loopback device does not come up");
}

Host::~Host() {
  net_.links().clear(kernel_.cpu(0));
  loopback_.device().close(kernel_.cpu(0));
}

base::Result<void> Host::add_address(device::NetDevice& device, Ipv4Prefix prefix) {
  return ip_.addresses.add(device, prefix);
}

base::Result<void> Host::add_address(device::NetDevice& device, const headers::Ipv6Prefix& prefix) {
  ip6_.addrconf->enable(kernel_.cpu(0), device);
  return ip6_.addrconf->add_address(kernel_.cpu(0), device, prefix);
}

base::Result<void> Host::add_route(Ipv4Prefix prefix, Ipv4Address gateway) {
  return ip_.routes.add({.prefix = prefix, .gateway = gateway, .protocol = ip::RouteProtocol::boot});
}

void Host::forget_device(device::NetDevice& device) {
  ip_.addresses.remove_all(device);
  ip_.neighbours.flush(kernel_.cpu(0), device);
  ip6_.addresses.remove_all(device);
  ip6_.neighbours.flush(kernel_.cpu(0), device);
}

}  // namespace host::apps
