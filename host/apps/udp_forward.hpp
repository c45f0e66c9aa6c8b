// SPDX-License-Identifier: Apache-2.0
// A relay: what clients send to a port goes on to a server, and its answers go back to whoever asked.
#pragma once

#include <cstdint>

#include "host/socket/socket_calls.hpp"

namespace host::apps {

struct UdpForwardOptions {
  std::uint16_t port = 0;
  socket::SocketAddress server;
  /// Each client has a socket of its own toward the server; the one that was quiet for longest gives way.
  std::size_t clients = 256;
};

struct UdpForwardStats {
  std::uint64_t to_server = 0;
  std::uint64_t to_clients = 0;
  std::uint64_t clients = 0;   // that ever came
  std::uint64_t evicted = 0;   // clients that gave way
  std::uint64_t failures = 0;  // of sockets and of sending
};

/// Serves for ever, or until its sockets cannot be had (their Errno). `stats` outlives it.
[[nodiscard]] kernel::Task<base::Result<void>> udp_forward(kernel::Process& self, socket::SocketCalls& sockets,
                                                           UdpForwardOptions options, UdpForwardStats& stats);

}  // namespace host::apps
