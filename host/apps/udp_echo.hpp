// SPDX-License-Identifier: Apache-2.0
// The echo server (RFC 862): sends every datagram back to its sender.
#pragma once

#include "host/socket/socket_calls.hpp"

namespace host::apps {

inline constexpr std::uint16_t kEchoPort = 7;

struct UdpEchoStats {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  /// Datagrams that could not go back: a queue was full, no route, too big.
  std::uint64_t send_failures = 0;
};

/// Serves for ever, or until the socket cannot be had (its Errno). `stats` outlives it. With SocketKind::udp6 it serves
/// both families.
[[nodiscard]] kernel::Task<base::Result<void>> udp_echo(kernel::Process& self, socket::SocketCalls& sockets,
                                                        UdpEchoStats& stats, std::uint16_t port = kEchoPort,
                                                        socket::SocketKind kind = socket::SocketKind::udp);

}  // namespace host::apps
