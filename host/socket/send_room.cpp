// SPDX-License-Identifier: Apache-2.0
// Senders wait for their own packets to go (Linux: sock_alloc_send_pskb, sock_wait_for_wmem, sock_setsockopt).
#include <algorithm>

#include "host/socket/socket_calls.hpp"
#include "host/socket/socket_entry.hpp"

namespace host::socket {

using base::Errno;
using base::Result;
using kernel::Task;

bool SocketCalls::has_room(int fd) const {
  const Socket* entry = find(fd);
  return entry == nullptr || entry->has_room();
}

Task<Result<void>> SocketCalls::wait_for_room(Process& self, int fd, bool dont_wait) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    co_return Errno::bad_descriptor;
  }
  const std::uint64_t generation = entry->generation();
  std::optional<platform::Nanoseconds> deadline;
  if (entry->send_timeout) {
    deadline = self.cpu().now() + *entry->send_timeout;
  }
  while (!has_room(fd)) {
    entry->protocol->sock()->send.want_space();
    const bool may_sleep = entry->blocking == Blocking::yes && !dont_wait;
    if (!may_sleep || (deadline && self.cpu().now() >= *deadline)) {
      co_return Errno::again;
    }
    if (deadline) {
      co_await entry->writers.wait_until(self, *deadline);
    } else {
      co_await entry->writers.wait(self);
    }
    entry = find(fd);
    if (entry == nullptr || entry->generation() != generation) {
      co_return Errno::bad_descriptor;
    }
  }
  co_return Result<void>{};
}

/// Linux: sock_def_write_space.
void SocketCalls::Socket::wake_writers(kernel::Cpu& cpu) {
  const InUse use(cpu, *this);
  writers.wake_all(cpu);
  notify(cpu, kPollOut);
}

Result<void> SocketCalls::set_send_timeout(int fd, std::optional<platform::Nanoseconds> timeout) {
  Socket* entry = find(fd);
  if (entry == nullptr) {
    return Errno::bad_descriptor;
  }
  entry->send_timeout = timeout;
  return {};
}

Result<void> SocketCalls::set_send_buffer(int fd, std::int64_t bytes) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  const std::int64_t allowed = std::clamp<std::int64_t>(bytes, 0, udp_.ip.settings.wmem_max.value);
  (*found)->send.set_limit(std::max(allowed * 2, ip::kMinimumSendBuffer));
  return {};
}

Result<std::int64_t> SocketCalls::send_buffer(int fd) const {
  const auto found = sock(fd);
  return found ? Result<std::int64_t>((*found)->send.limit()) : found.error();
}

Result<std::int64_t> SocketCalls::send_queue(int fd) const {
  const auto found = sock(fd);
  return found ? Result<std::int64_t>((*found)->send.charged()) : found.error();
}

Result<void> SocketCalls::set_udp_segment(int fd, std::uint16_t bytes) {
  Socket* entry = find(fd);
  return entry == nullptr ? Errno::bad_descriptor : entry->protocol->set_segment(bytes);
}

Result<void> SocketCalls::set_mark(int fd, std::uint32_t mark) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  (*found)->mark = mark;
  return {};
}

Result<void> SocketCalls::set_max_pacing_rate(int fd, std::uint64_t rate) {
  const auto found = sock(fd);
  if (!found) {
    return found.error();
  }
  (*found)->send.set_pacing_rate(rate);
  return {};
}

}  // namespace host::socket
