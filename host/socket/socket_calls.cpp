// SPDX-License-Identifier: Apache-2.0
// The calls that applications make (Linux: net/socket.c): descriptors and options. See socket_transfer.cpp for data.
#include "host/socket/socket_calls.hpp"

#include <algorithm>

#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;

namespace {

constexpr std::int64_t kMinimumReceiveBuffer = 2'304;  // Linux: SOCK_MIN_RCVBUF

void enter_kernel(kernel::Process& self) {
  self.cpu().charge(kernel::Op::syscall);
}

}  // namespace

SocketCalls::SocketCalls(udp::UdpLayer& udp, ip::PingTable& pings, ip6::Ping6Table& pings6,
                         packet::PacketLayer& packets, ip::RawTable& raws, ip6::Raw6Table& raws6)
    : udp_(udp), pings_(pings), pings6_(pings6), packets_(packets), raws_(raws), raws6_(raws6) {}

SocketCalls::~SocketCalls() {
  // What applications left open when the world ended: nobody runs any more, so nothing is charged or traced.
  descriptors_.close_all(udp_.ip.kernel().cpu(0));
}

std::unique_ptr<Datagram> SocketCalls::make(SocketKind kind) {
  switch (kind) {
    case SocketKind::udp:
      return make_udp(udp_, headers::AddressFamily::inet);
    case SocketKind::udp6:
      return make_udp(udp_, headers::AddressFamily::inet6);
    case SocketKind::ping:
      break;
    case SocketKind::ping6:
      return make_ping6(udp_.ip6, pings6_);
  }
  return make_ping(udp_.ip, pings_);
}

Result<int> SocketCalls::socket(Process& self, SocketKind kind) {
  enter_kernel(self);
  return descriptors_.install(std::make_unique<Socket>(make(kind), descriptors_.next_generation()));
}

Result<void> SocketCalls::bind(Process& self, int fd, SocketAddress local) {
  enter_kernel(self);
  Socket* entry = find(fd);
  return entry == nullptr ? Errno::bad_descriptor : entry->protocol->bind(local);
}

Result<void> SocketCalls::connect(Process& self, int fd, SocketAddress peer) {
  enter_kernel(self);
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  const InUse use(self.cpu(), *entry);
  return entry->protocol->connect(self.cpu(), peer);
}

Result<void> SocketCalls::disconnect(Process& self, int fd) {
  enter_kernel(self);
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  entry->protocol->disconnect();
  return {};
}

Result<void> SocketCalls::close(Process& self, int fd) {
  enter_kernel(self);
  return descriptors_.close(self.cpu(), fd);
}

Result<SocketAddress> SocketCalls::name(int fd) const {
  const Socket* entry = find(fd);
  return entry == nullptr ? Result<SocketAddress>(Errno::bad_descriptor) : entry->protocol->local();
}

Result<void> SocketCalls::set_blocking(int fd, Blocking blocking) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  entry->blocking = blocking;
  return {};
}

Result<void> SocketCalls::set_receive_timeout(int fd, std::optional<platform::Nanoseconds> timeout) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  entry->receive_timeout = timeout;
  return {};
}

Result<void> SocketCalls::set_receive_buffer(int fd, std::int64_t bytes) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  const std::int64_t allowed = std::clamp<std::int64_t>(bytes, 0, udp_.ip.settings.rmem_max.value);
  entry->protocol->queue().set_limit(std::max(allowed * 2, kMinimumReceiveBuffer));
  return {};
}

Result<std::int64_t> SocketCalls::receive_buffer(int fd) const {
  Socket* entry = find(fd);
  return entry == nullptr ? Result<std::int64_t>(Errno::bad_descriptor) : entry->protocol->queue().limit();
}

SocketCalls::Socket* SocketCalls::find(int fd) const {
  File* file = descriptors_.find(fd);
  return file != nullptr && file->is_socket() ? static_cast<Socket*>(file) : nullptr;
}

void SocketCalls::Socket::wake(kernel::Cpu& cpu) {
  const InUse use(cpu, *this);
  if (!readers.empty()) {
    if (const skb::SkBuff* oldest = queue.front()) {
      cpu.trace(kernel::JourneyStep::socket_wake, oldest->id());
    }
    readers.wake_one(cpu);
  }
  if (is_watched()) {
    notify(cpu, readable());
  }
}

}  // namespace host::socket
