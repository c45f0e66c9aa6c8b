// SPDX-License-Identifier: Apache-2.0
// Options about groups (Linux: do_ip_setsockopt).
#include "host/ip/multicast_sock.hpp"
#include "host/ip6/multicast_sock6.hpp"
#include "host/socket/socket_calls.hpp"
#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;

Result<void> SocketCalls::join_group(Process& self, int fd, headers::Ipv4Address group, std::string_view device) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  device::NetDevice* named = device.empty() ? nullptr : udp_.ip.net.device_by_name(device);
  if (named == nullptr && !device.empty()) {
    return Errno::no_device;
  }
  return ip_mc_join(udp_.ip, self.cpu(), entry->protocol->inet(), group, named);
}

Result<void> SocketCalls::leave_group(Process& self, int fd, headers::Ipv4Address group, std::string_view device) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  const device::NetDevice* named = device.empty() ? nullptr : udp_.ip.net.device_by_name(device);
  if (named == nullptr && !device.empty()) {
    return Errno::no_device;
  }
  return ip_mc_leave(udp_.ip, self.cpu(), entry->protocol->inet(), group, named);
}

Result<void> SocketCalls::set_multicast(int fd, const MulticastOptions& options) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  ip::InetSock& inet = entry->protocol->inet();
  inet.multicast_ttl = options.ttl;
  inet.multicast_loop = options.loop;
  inet.multicast_all = options.all;
  return {};
}

Result<void> SocketCalls::set_multicast_device(int fd, std::string_view device) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  const device::NetDevice* named = device.empty() ? nullptr : udp_.ip.net.device_by_name(device);
  if (named == nullptr && !device.empty()) {
    return Errno::no_device;
  }
  ip::InetSock& inet = entry->protocol->inet();
  inet.multicast_ifindex = named == nullptr ? 0 : named->ifindex();
  inet.multicast_address = {};
  return {};
}

namespace {

/// Null for an empty name. no_device.
Result<device::NetDevice*> named_device(device::NetCore& net, std::string_view name) {
  device::NetDevice* device = name.empty() ? nullptr : net.device_by_name(name);
  return device == nullptr && !name.empty() ? Result<device::NetDevice*>(Errno::no_device) : device;
}

}  // namespace

Result<void> SocketCalls::join_group6(Process& self, int fd, const headers::Ipv6Address& group,
                                      std::string_view device) {
  const auto found = inet6(fd);
  const auto named = named_device(udp_.ip.net, device);
  if (!found || !named) {
    return found ? named.error() : found.error();
  }
  return ipv6_sock_mc_join(udp_.ip6, self.cpu(), **found, group, *named);
}

Result<void> SocketCalls::leave_group6(Process& self, int fd, const headers::Ipv6Address& group,
                                       std::string_view device) {
  const auto found = inet6(fd);
  const auto named = named_device(udp_.ip.net, device);
  if (!found || !named) {
    return found ? named.error() : found.error();
  }
  return ipv6_sock_mc_drop(udp_.ip6, self.cpu(), **found, group, *named);
}

Result<void> SocketCalls::set_multicast6(int fd, std::uint8_t hops, std::string_view device) {
  const auto found = inet6(fd);
  const auto named = named_device(udp_.ip.net, device);
  if (!found || !named) {
    return found ? named.error() : found.error();
  }
  if (hops == 0) {
    return Errno::invalid;
  }
  (*found)->multicast_hops = hops;
  (*found)->multicast_ifindex = *named == nullptr ? 0 : (*named)->ifindex();
  return {};
}

}  // namespace host::socket
