// SPDX-License-Identifier: Apache-2.0
// Options of the protocol's half (Linux: sock_setsockopt, sock_getsockopt).
#include "host/ip/ip_route.hpp"
#include "host/ip/tos_priority.hpp"
#include "host/ip6/ip6_route.hpp"
#include "host/socket/socket_calls.hpp"
#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;

namespace {

bool& flag(ip::Sock& sock, SocketOption option) {
  switch (option) {
    case SocketOption::reuse_address:
      return sock.reuse_address;
    case SocketOption::reuse_port:
      return sock.reuse_port;
    case SocketOption::broadcast:
    case SocketOption::udp_gro:  // the protocol's or the family's own: see set_option
    case SocketOption::v6only:
    case SocketOption::multicast_all6:
    case SocketOption::multicast_loop6:
      break;
  }
  return sock.broadcast;
}

/// Null: an option of both families.
bool* flag6(ip6::Inet6Sock& inet6, SocketOption option) {
  switch (option) {
    case SocketOption::v6only:
      return &inet6.v6only;
    case SocketOption::multicast_all6:
      return &inet6.multicast_all;
    case SocketOption::multicast_loop6:
      return &inet6.multicast_loop;
    default:
      return nullptr;
  }
}

bool is_of_ipv6(SocketOption option) {
  ip6::Inet6Sock any;
  return flag6(any, option) != nullptr;
}

}  // namespace

Result<ip6::Inet6Sock*> SocketCalls::inet6(int fd) const {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  ip6::Inet6Sock* inet6 = entry->protocol->inet6();
  return inet6 == nullptr ? Result<ip6::Inet6Sock*>(Errno::not_supported) : inet6;
}

Result<ip::Sock*> SocketCalls::sock(int fd) const {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  ip::Sock* sock = entry->protocol->sock();
  if (sock == nullptr) {
    return Errno::not_supported;
  }
  return sock;
}

Result<void> SocketCalls::set_option(int fd, SocketOption option, bool on) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  if (option == SocketOption::udp_gro) {
    return find(fd)->protocol->set_gro(on);
  }
  const bool named = find(fd)->protocol->local().port != 0;
  if (is_of_ipv6(option)) {
    const auto inet6_sock = inet6(fd);
    if (!inet6_sock) {
      return inet6_sock.error();
    }
    if (named && option == SocketOption::v6only) {
      return Errno::invalid;
    }
    *flag6(**inet6_sock, option) = on;
    return {};
  }
  // Groups are made when names are given.
  if (option == SocketOption::reuse_port && named && (*found)->reuse_port != on) {
    return Errno::invalid;
  }
  flag(**found, option) = on;
  return {};
}

Result<bool> SocketCalls::option(int fd, SocketOption option) const {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  if (is_of_ipv6(option)) {
    const auto inet6_sock = inet6(fd);
    return inet6_sock ? Result<bool>(*flag6(**inet6_sock, option)) : inet6_sock.error();
  }
  return option == SocketOption::udp_gro ? find(fd)->protocol->gro() : flag(**found, option);
}

Result<void> SocketCalls::set_busy_poll(int fd, std::int64_t usecs) {
  constexpr std::int64_t kLongest = 1'000'000;
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  if (usecs < 0 || usecs > kLongest) {
    return Errno::invalid;
  }
  (*found)->busy_poll_usecs = usecs;
  return {};
}

Result<std::int64_t> SocketCalls::busy_poll(int fd) const {
  const auto found = sock(fd);
  return found ? Result<std::int64_t>((*found)->busy_poll_usecs) : found.error();
}

Result<void> SocketCalls::set_priority(int fd, std::uint32_t priority) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  (*found)->priority = priority;
  return {};
}

Result<void> SocketCalls::set_tos(int fd, std::uint8_t tos) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  (*found)->tos = tos;
  (*found)->priority = ip::tos_priority(tos);
  return {};
}

Result<void> SocketCalls::set_unicast_hops(int fd, std::optional<std::uint8_t> hops) {
  const auto found = inet6(fd);
  if (!found) {
    return found.error();
  }
  if (hops == std::uint8_t{0}) {
    return Errno::invalid;
  }
  (*found)->unicast_hops = hops;
  return {};
}

Result<void> SocketCalls::set_traffic_class(int fd, std::uint8_t traffic_class) {
  const auto found = inet6(fd);
  if (!found) {
    return found.error();
  }
  (*found)->traffic_class = traffic_class;
  return {};
}

Result<void> SocketCalls::set_pmtu_discovery(int fd, ip::PmtuDiscovery discovery) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  entry->protocol->inet().pmtu_discovery = discovery;
  return {};
}

Result<std::uint32_t> SocketCalls::path_mtu(Process& self, int fd) const {
  const Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  const auto peer = entry->protocol->peer();
  if (!peer) {
    return Errno::not_connected;
  }
  const SocketAddress local = entry->protocol->local();
  if (!peer->address.is_ipv4()) {
    const auto route = ip6_route_output(udp_.ip6, self.cpu(),
                                        {.destination = peer->address.value,
                                         .source = local.address.value,
                                         .device = udp_.ip.net.device_by_index(peer->scope)});
    return route.ok() ? Result<std::uint32_t>(route->device->mtu()) : route.error();
  }
  const auto route = ip_route_output(udp_.ip, self.cpu(), peer->address.ipv4(), local.address.ipv4());
  return route.ok() ? Result<std::uint32_t>(route->mtu) : route.error();
}

Result<void> SocketCalls::bind_to_device(int fd, std::string_view name) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  if (name.empty()) {
    return entry->protocol->bind_device(0);
  }
  const device::NetDevice* device = udp_.ip.net.device_by_name(name);
  if (device == nullptr) {
    return Errno::no_device;
  }
  return entry->protocol->bind_device(device->ifindex());
}

Result<void> SocketCalls::attach_filter(int fd, device::BpfProgram filter) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  (*found)->filter = std::move(filter);
  return {};
}

Result<void> SocketCalls::detach_filter(int fd) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  if (!(*found)->filter) {
    return Errno::no_entry;
  }
  (*found)->filter.reset();
  return {};
}

Result<void> SocketCalls::attach_reuse_port_filter(int fd, device::BpfProgram chooser) {
  Socket* entry = find(fd);
  return entry == nullptr ? Errno::bad_descriptor : entry->protocol->choose_by(std::move(chooser));
}

}  // namespace host::socket
