// SPDX-License-Identifier: Apache-2.0
// What is known of sent packets, and what messages say of received ones (Linux: ip_recv_error, sock_recv_errqueue,
// ip_cmsg_recv).
#include <algorithm>
#include <cstring>

#include "host/headers/ipv4.hpp"
#include "host/headers/ipv6.hpp"
#include "host/ip/tx_timestamps.hpp"
#include "host/socket/socket_calls.hpp"
#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;

PacketInfo Datagram::info(const skb::SkBuff& skb) const {
  PacketInfo info;
  // Whatever a protocol remembers of a queued packet begins with its device, which may be gone.
  std::memcpy(&info.ifindex, skb.control.data(), sizeof(info.ifindex));
  if (!skb.has_network_header()) return info;
  if (const auto header = headers::Ipv4View::parse_quoted(skb.network_header())) {
    info.destination = header->destination();
    info.ttl = header->ttl();
    info.tos = header->tos();
  } else if (const auto header6 = headers::Ipv6View::parse_quoted(skb.network_header())) {
    info.destination = header6->destination();
    info.ttl = header6->hop_limit();
    info.tos = header6->traffic_class();
  }
  return info;
}

Result<QueuedError> SocketCalls::receive_error(Process& self, int fd, headers::MutableBytes out) {
  self.cpu().charge(kernel::Op::syscall);
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  auto oldest = entry->protocol->queue().take_queued_error();
  if (!oldest) {
    return Errno::again;
  }
  QueuedError told{.error = std::move(*oldest)};
  const std::vector<std::byte> payload = std::move(told.error.payload);
  told.error.payload = {};
  told.bytes = std::min(payload.size(), out.size());
  told.truncated = told.bytes < payload.size();
  std::ranges::copy(headers::Bytes(payload).first(told.bytes), out.begin());
  self.cpu().charge(kernel::Op::copy_per_byte, told.bytes);
  return told;
}

Result<void> SocketCalls::set_receive_errors(int fd, bool on) {
  const Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  entry->protocol->inet().receive_errors = on;
  if (ip6::Inet6Sock* inet6 = entry->protocol->inet6()) {
    inet6->receive_errors = on;
  }
  return {};
}

Result<void> SocketCalls::set_packet_info(int fd, bool on) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  (*found)->packet_info = on;
  return {};
}

Result<void> SocketCalls::set_tx_timestamps(int fd, bool on) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  ip::Sock& socket = **found;
  if (on && socket.tx_timestamps == nullptr) {
    socket.tx_timestamps = std::make_shared<ip::TxTimestamps>(udp_.ip.net, socket);
  } else if (!on) {
    socket.tx_timestamps.reset();
  }
  return {};
}

Result<void> SocketCalls::set_incoming_cpu(int fd, int cpu) {
  const Socket* entry = find(fd);
  return entry == nullptr ? Errno::bad_descriptor : entry->protocol->set_incoming_cpu(cpu);
}

Result<int> SocketCalls::incoming_cpu(int fd) const {
  const auto found = sock(fd);
  return found ? Result<int>((*found)->incoming_cpu) : found.error();
}

Result<void> SocketCalls::set_pmtu_discovery6(int fd, ip::PmtuDiscovery discovery) {
  const auto found = inet6(fd);
  if (!found) {
    return found.error();
  }
  (*found)->pmtu_discovery = discovery;
  return {};
}

}  // namespace host::socket
