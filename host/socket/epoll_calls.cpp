// SPDX-License-Identifier: Apache-2.0
// The epoll calls (Linux: epoll_create1, epoll_ctl, epoll_wait).
#include "host/kernel/busy_poll.hpp"
#include "host/socket/epoll.hpp"
#include "host/socket/socket_calls.hpp"

namespace host::socket {

using base::Errno;
using base::Result;
using kernel::Task;

Result<int> SocketCalls::epoll_create(Process& self) {
  self.cpu().charge(kernel::Op::syscall);
  return descriptors_.install(std::make_unique<Epoll>(descriptors_.next_generation()));
}

Result<void> SocketCalls::epoll_ctl(Process& self, int epfd, EpollControl control, int fd, EpollEvent event) {
  kernel::Cpu& cpu = self.cpu();
  cpu.charge(kernel::Op::syscall);
  File* file = descriptors_.find(fd);
  File* held = descriptors_.find(epfd);
  if (file == nullptr || held == nullptr) return Errno::bad_descriptor;
  auto* epoll = dynamic_cast<Epoll*>(held);
  if (epoll == nullptr) return Errno::invalid;
  const InUse use(cpu, *epoll);
  switch (control) {
    case EpollControl::add:
      return epoll->add(cpu, fd, *file, event);
    case EpollControl::modify:
      return epoll->modify(cpu, fd, event);
    case EpollControl::remove:
      return epoll->remove(fd);
  }
  return Errno::invalid;
}

/// Polls the NAPI by which packets came lately, until an entry is ready or net.core.busy_poll is over (Linux:
/// ep_busy_loop).
bool SocketCalls::busy_loop(kernel::Cpu& cpu, Epoll& epoll) {
  device::NetCore& net = udp_.ip.net;
  kernel::Napi* napi = net.busy_poll() == 0 ? nullptr : net.napi(epoll.busy_napi_id());
  if (napi == nullptr) return false;
  constexpr platform::Nanoseconds kMicrosecond = 1'000;
  const InUse use(cpu, epoll);
  const auto done = [&] { return epoll.has_ready() || epoll.closed(); };
  net.busy_poll_rx_packets += napi_busy_loop(cpu, *napi, done, cpu.now() + net.busy_poll() * kMicrosecond);
  if (!epoll.has_ready()) epoll.forget_busy_napi();
  return true;
}

Task<Result<std::size_t>> SocketCalls::epoll_wait(Process& self, int epfd, std::span<EpollEvent> events,
                                                  std::optional<platform::Nanoseconds> timeout) {
  self.cpu().charge(kernel::Op::syscall);
  const File* file = descriptors_.find(epfd);
  if (file == nullptr) co_return Errno::bad_descriptor;
  if (events.empty()) co_return Errno::invalid;
  const std::uint64_t generation = file->generation();
  std::optional<platform::Nanoseconds> deadline;
  if (timeout) deadline = self.cpu().now() + *timeout;
  while (true) {
    auto* epoll = dynamic_cast<Epoll*>(descriptors_.find(epfd));
    if (epoll == nullptr) co_return Errno::invalid;
    if (epoll->generation() != generation) co_return Errno::bad_descriptor;
    {
      const InUse use(self.cpu(), *epoll);
      const std::size_t taken = epoll->collect(self.cpu(), events);
      if (taken != 0) co_return taken;
    }
    if (deadline && self.cpu().now() >= *deadline) co_return std::size_t{0};
    if (busy_loop(self.cpu(), *epoll)) {
      if (descriptors_.find(epfd) == nullptr) co_return Errno::bad_descriptor;
      continue;
    }
    if (deadline) {
      co_await epoll->waiters().wait_until(self, *deadline);
    } else {
      co_await epoll->waiters().wait(self);
    }
    if (descriptors_.find(epfd) == nullptr) co_return Errno::bad_descriptor;
  }
}

}  // namespace host::socket
