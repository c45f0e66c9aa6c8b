// SPDX-License-Identifier: Apache-2.0
#include "sim/stack/receive_case.hpp"

namespace sim::stack {
namespace {

using namespace host;
using kernel::Process;
using kernel::Task;

constexpr headers::Ipv4Address kOurs = headers::Ipv4Address::of(10, 0, 0, 1);

std::uint16_t port(unsigned number) {
  return static_cast<std::uint16_t>(kFirstPort + number);
}

}  // namespace

Receive::Receive(const ReceiveOptions& options)
    : Case({.cpus = options.cpus, .pairs = options.pairs, .checksum_offload = options.checksum_offload}),
      options_(options) {
  for (unsigned i = 0; i < options.sockets; ++i) {
    frames_.push_back(
        udp_frame({.destination = kOurs, .destination_port = port(i), .payload_bytes = options.payload_bytes}));
  }
  world.kernel().spawn(options.cpus - 1, "reader",
                       [this](Process& self) { return options_.sockets == 1 ? read_one(self) : read_many(self); });
  world.settle();
}

void Receive::offer() {
  for (unsigned i = 0; i < kBurst; ++i) {
    next_ = (next_ + kStride) % frames_.size();
    INVARIANT(world.nic().deliver(frames_[next_], pair_), "the driver left no buffers");
  }
  world.nic().signal(pair_);
  pair_ = (pair_ + 1) % options_.pairs;
}

int Receive::open(Process& self, unsigned number) {
  auto& calls = world.host().sockets();
  const int fd = calls.socket(self, socket::SocketKind::udp).value();
  INVARIANT(calls.bind(self, fd, {.address = {}, .port = port(number)}).ok(), "a port of the bench is taken");
  return fd;
}

Task<void> Receive::read_one(Process& self) {
  auto& calls = world.host().sockets();
  const int fd = open(self, 0);
  while ((co_await calls.recvfrom(self, fd, buffer_)).ok()) ++read_;
}

Task<void> Receive::read_many(Process& self) {
  auto& calls = world.host().sockets();
  const int epoll = calls.epoll_create(self).value();
  for (unsigned i = 0; i < options_.sockets; ++i) {
    const int fd = open(self, i);
    const auto added = calls.epoll_ctl(self, epoll, socket::EpollControl::add, fd,
                                       {.events = socket::kPollIn, .data = static_cast<std::uint64_t>(fd)});
    INVARIANT(added.ok(), "epoll refuses a socket");
  }
  std::array<socket::EpollEvent, kBurst> events;
  while (true) {
    const auto ready = co_await calls.epoll_wait(self, epoll, events);
    if (!ready.ok()) co_return;
    for (std::size_t i = 0; i < *ready; ++i) {
      const int fd = static_cast<int>(events[i].data);
      const auto message = co_await calls.recvfrom(self, fd, buffer_, {.dont_wait = true});
      read_ += message.ok() ? 1 : 0;
    }
  }
}

}  // namespace sim::stack
