// SPDX-License-Identifier: Apache-2.0
// Sockets of one station that share a port.
#pragma once

#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"

namespace host_test {

constexpr std::uint16_t kPort = 5000;

/// A station with sockets that nobody reads.
struct Shared : Lone {
  host::socket::SocketCalls& calls() { return station().host.sockets(); }
  host::kernel::Process& self() {
    if (process == nullptr) {
      process =
          &station().start("test", [](host::kernel::Process& me) -> host::kernel::Task<void> { co_await me.yield(); });
    }
    return *process;
  }
  int open(const std::vector<host::socket::SocketOption>& options = {}) {
    const int fd = *calls().socket(self(), host::socket::SocketKind::udp);
    for (const auto option : options) REQUIRE(calls().set_option(fd, option, true).ok());
    return fd;
  }
  host::base::Result<void> bind(int fd, host::headers::Ipv4Address address = {}) {
    return calls().bind(self(), fd, {address, kPort});
  }
  int bound(const std::vector<host::socket::SocketOption>& options = {}, host::headers::Ipv4Address address = {}) {
    const int fd = open(options);
    REQUIRE(bind(fd, address).ok());
    return fd;
  }
  /// Datagrams that wait in a socket; takes them.
  int waiting(int fd) {
    int count = 0;
    static_cast<void>(station().start("reader", [&, fd](host::kernel::Process& me) -> host::kernel::Task<void> {
      std::array<std::byte, 2048> buffer{};
      while (true) {
        const auto message = co_await calls().recvfrom(me, fd, buffer, {.dont_wait = true});
        if (!message.ok()) break;
        last_bytes = message->bytes;
        ++count;
      }
    }));
    run_for(kMillisecond);
    return count;
  }
  void flows(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      station().nic.deliver(udp_frame(static_cast<std::uint16_t>(10'000 + i), kPort, 20));
    }
    run_for(kMillisecond);
  }

  host::kernel::Process* process = nullptr;
  std::size_t last_bytes = 0;
};

}  // namespace host_test
