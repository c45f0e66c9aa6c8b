// SPDX-License-Identifier: Apache-2.0
// Options about groups (Linux: do_ip_setsockopt).
#include "host/ip/multicast_sock.hpp"
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

}  // namespace host::socket
