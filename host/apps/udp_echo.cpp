// SPDX-License-Identifier: Apache-2.0
// The echo server (RFC 862): sends every datagram back to its sender.
#include "host/apps/udp_echo.hpp"

#include <vector>

namespace host::apps {
namespace {

constexpr std::size_t kLargestDatagram = 65'507;

}  // namespace

kernel::Task<base::Result<void>> udp_echo(kernel::Process& self, socket::SocketCalls& sockets, UdpEchoStats& stats,
                                          std::uint16_t port, socket::SocketKind kind) {
  const auto fd = sockets.socket(self, kind);
  if (!fd.ok()) {
    co_return fd.error();
  }
  const auto bound = sockets.bind(self, *fd, {.address = {}, .port = port});
  if (!bound.ok()) {
    co_return bound.error();
  }
  std::vector<std::byte> buffer(kLargestDatagram);
  while (true) {
    const auto message = co_await sockets.recvfrom(self, *fd, buffer);
    if (!message.ok()) {
      co_return message.error();
    }
    ++stats.received;
    const headers::Bytes payload = headers::Bytes(buffer).first(message->bytes);
    const auto sent = co_await sockets.sendto(self, *fd, payload, message->from);
    ++(sent.ok() ? stats.sent : stats.send_failures);
  }
}

}  // namespace host::apps
