// SPDX-License-Identifier: Apache-2.0
// One open socket, as the socket calls see it (Linux: struct socket).
#pragma once

#include "host/socket/socket_calls.hpp"

namespace host::socket {

struct SocketCalls::Socket {
  Socket(std::unique_ptr<Datagram> its_protocol, std::uint64_t its_generation)
      : protocol(std::move(its_protocol)), generation(its_generation) {}

  std::unique_ptr<Datagram> protocol;
  kernel::WaitQueue readers;
  Blocking blocking = Blocking::yes;
  std::optional<platform::Nanoseconds> receive_timeout;
  /// Tells a sleeper whether his descriptor still names this socket.
  std::uint64_t generation;
  /// Softirqs that are waking readers of this socket now.
  unsigned wakers = 0;
};

}  // namespace host::socket
