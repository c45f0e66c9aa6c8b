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
  /// Calls and wake-ups that are under way on it: they take time, in which another CPU may close it.
  unsigned users = 0;
  bool closed = false;
};

/// Keeps a socket from being freed under a call. The last one out of a closed socket closes its protocol again: the
/// call may have bound it meanwhile.
class SocketCalls::InUse {
 public:
  InUse(kernel::Cpu& cpu, Socket& socket) : cpu_(cpu), socket_(socket) { ++socket_.users; }
  ~InUse() {
    if (--socket_.users == 0 && socket_.closed) {
      socket_.protocol->close(cpu_);
    }
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  kernel::Cpu& cpu_;
  Socket& socket_;
};

}  // namespace host::socket
