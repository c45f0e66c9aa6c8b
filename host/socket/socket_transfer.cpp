// SPDX-License-Identifier: Apache-2.0
// Data between applications and sockets (Linux: __sys_sendto, __sys_recvfrom, __skb_wait_for_more_packets).
#include <algorithm>
#include <new>

#include "host/headers/ipv4.hpp"
#include "host/headers/ipv6.hpp"
#include "host/kernel/busy_poll.hpp"
#include "host/socket/socket_calls.hpp"
#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;
using kernel::Task;

namespace {

/// The hop limit of IPv6; 0 for what is neither.
[[gnu::always_inline]] inline std::uint8_t ttl_of(const skb::SkBuff& packet) {
  if (!packet.has_network_header()) return 0;
  if (const auto header = headers::Ipv4View::parse_quoted(packet.network_header())) return header->ttl();
  const auto header6 = headers::Ipv6View::parse_quoted(packet.network_header());
  return header6 ? header6->hop_limit() : std::uint8_t{0};
}

}  // namespace

/// The application is here: RFS has the flow's packets follow it (Linux: sock_rps_record_flow).
void SocketCalls::record_flow(const kernel::Cpu& cpu, Socket& socket) {
  if (const ip::Sock* sock = socket.sock) {
    udp_.ip.net.rps().sock_flows().record(cpu, sock->rxhash);
  }
}

/// Polls the NAPI by which the socket's packets come, in the hope of one (Linux: sk_busy_loop).
void SocketCalls::busy_loop(kernel::Cpu& cpu, Socket& socket, bool once) {
  const ip::Sock* sock = socket.protocol->sock();
  if (sock == nullptr || sock->busy_poll_usecs == 0) {
    return;
  }
  device::NetCore& net = udp_.ip.net;
  kernel::Napi* napi = net.napi(sock->napi_id);
  if (napi == nullptr) {
    return;
  }
  constexpr platform::Nanoseconds kMicrosecond = 1'000;
  const InUse use(cpu, socket);
  const auto done = [&] { return once || !socket.protocol->queue().empty() || socket.closed(); };
  net.busy_poll_rx_packets += napi_busy_loop(cpu, *napi, done, cpu.now() + sock->busy_poll_usecs * kMicrosecond);
}

Result<std::size_t> SocketCalls::send_now(kernel::Cpu& cpu, Socket& socket, headers::Bytes payload,
                                          const std::optional<SocketAddress>& to, const SendOptions& options) {
  record_flow(cpu, socket);
  const InUse use(cpu, socket);
  const bool plain = !options.segment_bytes && !options.source;
  const auto sent = plain ? socket.protocol->send(cpu, to, payload)
                          : socket.protocol->send_with(cpu, to, payload, {options.segment_bytes, options.source});
  return sent.ok() ? Result<std::size_t>(payload.size()) : sent.error();
}

/// There is a coroutine only for who has to wait.
Task<Result<std::size_t>> SocketCalls::sendto(Process& self, int fd, headers::Bytes payload,
                                              std::optional<SocketAddress> to, SendOptions options) {
  self.cpu().charge(kernel::Op::syscall);
  Socket* entry = find(fd);
  const bool at_once = entry != nullptr && !entry->queue.has_error() && entry->has_room();
  if (!at_once) {
    return wait_and_send(self, fd, payload, to, options);
  }
  return Task<Result<std::size_t>>(std::in_place, send_now(self.cpu(), *entry, payload, to, options));
}

Task<Result<std::size_t>> SocketCalls::wait_and_send(Process& self, int fd, headers::Bytes payload,
                                                     std::optional<SocketAddress> to, SendOptions options) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    co_return Errno::bad_descriptor;
  }
  if (const auto error = entry->protocol->queue().take_error()) {
    co_return *error;
  }
  if (!has_room(fd)) {
    const auto room = co_await wait_for_room(self, fd, options.dont_wait);
    if (!room.ok()) {
      co_return room.error();
    }
    entry = find(fd);
  }
  co_return send_now(self.cpu(), *entry, payload, to, options);
}

/// Where the caller's task will be: with one way out the compiler makes it there.
[[gnu::always_inline]] inline Task<Result<Message>> SocketCalls::receive_now(kernel::Cpu& cpu, Socket& socket,
                                                                             headers::MutableBytes out,
                                                                             ReceiveFlags flags) {
  Task<Result<Message>> ended(std::in_place, std::in_place);
  copy_out(cpu, socket, out, flags, *ended.ready_value());
  return ended;
}

/// There is a coroutine only for who has to wait.
Task<Result<Message>> SocketCalls::recvfrom(Process& self, int fd, headers::MutableBytes out, ReceiveFlags flags) {
  self.cpu().charge(kernel::Op::syscall);
  Socket* entry = find(fd);
  if (entry == nullptr || entry->queue.empty() || entry->queue.has_error()) {
    return wait_and_receive(self, fd, out, flags);
  }
  record_flow(self.cpu(), *entry);
  return receive_now(self.cpu(), *entry, out, flags);
}

Task<Result<Message>> SocketCalls::wait_and_receive(Process& self, int fd, headers::MutableBytes out,
                                                    ReceiveFlags flags) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    co_return Errno::bad_descriptor;
  }
  record_flow(self.cpu(), *entry);
  const std::uint64_t generation = entry->generation();
  std::optional<platform::Nanoseconds> deadline;
  if (entry->receive_timeout) {
    deadline = self.cpu().now() + *entry->receive_timeout;
  }
  while (true) {
    if (const auto error = entry->queue.take_error()) {
      co_return *error;
    }
    if (!entry->queue.empty()) {
      Message message;
      copy_out(self.cpu(), *entry, out, flags, message);
      co_return message;
    }
    busy_loop(self.cpu(), *entry, entry->blocking == Blocking::no || flags.dont_wait);
    entry = find(fd);
    if (entry == nullptr || entry->generation() != generation) {
      co_return Errno::bad_descriptor;
    }
    if (!entry->queue.empty()) {
      continue;
    }
    const bool may_sleep = entry->blocking == Blocking::yes && !flags.dont_wait;
    if (!may_sleep || (deadline && self.cpu().now() >= *deadline)) {
      co_return Errno::again;
    }
    if (deadline) {
      co_await entry->readers.wait_until(self, *deadline);
    } else {
      co_await entry->readers.wait(self);
    }
    entry = find(fd);
    if (entry == nullptr || entry->generation() != generation) {
      co_return Errno::bad_descriptor;
    }
  }
}

/// The one copy that the stack makes of received data. The packet is taken out first: copying costs time, in which
/// others may read.
void SocketCalls::copy_out(kernel::Cpu& cpu, Socket& socket, headers::MutableBytes out, ReceiveFlags flags,
                           Message& message) {
  const InUse use(cpu, socket);
  Datagram& protocol = *socket.protocol;
  skb::Skb taken = flags.peek ? nullptr : socket.queue.pop();
  const skb::SkBuff& packet = flags.peek ? *socket.queue.front() : *taken;
  const std::size_t copied = std::min<std::size_t>(packet.len(), out.size());
  INVARIANT(packet.copy_bits(0, out.first(copied)), "a packet is shorter than it says");
  message.bytes = flags.truncate ? packet.len() : copied;
  ::new (static_cast<void*>(&message.from)) SocketAddress(protocol.sender(packet));  // in place: not by a copy
  message.segment_bytes = packet.gso_size;
  message.truncated = copied < packet.len();
  message.ttl = ttl_of(packet);
  message.timestamp = packet.timestamp != 0 ? packet.timestamp : cpu.now();
  if (socket.is_packet) {
    const packet::FrameNote note = packet::note_of(packet);
    message.link = note.from;
    message.original_bytes = note.original_bytes;
  }
  if (socket.sock != nullptr && socket.sock->packet_info) {
    message.info = protocol.info(packet);
  }
  if (!flags.peek) {
    protocol.count_read(packet);
    cpu.trace(kernel::JourneyStep::application_read, packet.id());
  }
  cpu.charge(kernel::Op::copy_per_byte, copied);
}

}  // namespace host::socket
