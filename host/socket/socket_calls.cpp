// SPDX-License-Identifier: Apache-2.0
// The calls that applications make (Linux: net/socket.c): descriptors and options. See socket_transfer.cpp for data.
#include "host/socket/socket_calls.hpp"

#include <algorithm>

#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;

namespace {

constexpr int kFirstDescriptor = 3;                    // 0, 1 and 2 are what they always are
constexpr std::int64_t kMinimumReceiveBuffer = 2'304;  // Linux: SOCK_MIN_RCVBUF

void enter_kernel(kernel::Process& self) {
  self.cpu().charge(kernel::Op::syscall);
}

}  // namespace

SocketCalls::SocketCalls(udp::UdpLayer& udp, ip::PingTable& pings) : udp_(udp), pings_(pings) {}

SocketCalls::~SocketCalls() {
  // What applications left open when the world ended: nobody runs any more, so nothing is charged or traced.
  kernel::Cpu& cpu = udp_.ip.kernel().cpu(0);
  for (auto& [fd, entry] : sockets_) {
    entry->protocol->close(cpu);
  }
}

Result<int> SocketCalls::socket(Process& self, SocketKind kind) {
  enter_kernel(self);
  if (sockets_.size() >= kMaxDescriptors) {
    return Errno::too_many_open;
  }
  int fd = kFirstDescriptor;
  for (const auto& [taken, entry] : sockets_) {
    if (taken != fd) {
      break;
    }
    ++fd;
  }
  auto protocol = kind == SocketKind::udp ? make_udp(udp_) : make_ping(udp_.ip, pings_);
  auto entry = std::make_unique<Socket>(std::move(protocol), ++last_generation_);
  entry->protocol->queue().on_ready([this, raw = entry.get()](kernel::Cpu& cpu) { wake(cpu, *raw); });
  sockets_.emplace(fd, std::move(entry));
  return fd;
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
  const auto found = sockets_.find(fd);
  if (found == sockets_.end()) {
    return Errno::bad_descriptor;
  }
  std::unique_ptr<Socket> entry = std::move(found->second);
  sockets_.erase(found);
  entry->closed = true;
  entry->protocol->close(self.cpu());
  entry->readers.wake_all(self.cpu());
  std::erase_if(closing_, [](const auto& gone) { return gone->users == 0; });
  if (entry->users != 0) {
    closing_.push_back(std::move(entry));
  }
  return {};
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
  const auto found = sockets_.find(fd);
  return found == sockets_.end() ? nullptr : found->second.get();
}

/// Softirq context.
void SocketCalls::wake(kernel::Cpu& cpu, Socket& socket) {
  if (socket.readers.empty()) {
    return;
  }
  const InUse use(cpu, socket);
  if (const skb::SkBuff* oldest = socket.protocol->queue().front()) {
    cpu.trace(kernel::JourneyStep::socket_wake, oldest->id());
  }
  socket.readers.wake_one(cpu);
}

}  // namespace host::socket
