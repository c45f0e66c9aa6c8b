// SPDX-License-Identifier: Apache-2.0
// The echo client: sends a datagram of each size and verifies what comes back.
#pragma once

#include <vector>

#include "host/socket/socket_calls.hpp"

namespace host::apps {

struct UdpClientOptions {
  socket::SocketAddress server;
  /// Payload bytes of each datagram, in order.
  std::vector<std::size_t> sizes;
  /// How long to wait for each echo.
  platform::Nanoseconds timeout = 1'000'000'000;
  /// From one datagram to the next; 0: the next follows the echo at once.
  platform::Nanoseconds interval = 0;
};

struct UdpClientReport {
  std::uint64_t sent = 0;
  std::uint64_t echoed = 0;
  std::uint64_t timeouts = 0;
  /// Came back with other bytes or another length.
  std::uint64_t corrupted = 0;
  /// Calls that failed, and the last reason.
  std::uint64_t errors = 0;
  std::optional<base::Errno> last_error;
  platform::Nanoseconds shortest = 0;
  platform::Nanoseconds longest = 0;
  bool finished = false;
};

/// Sizes first, first + step, ... up to last.
[[nodiscard]] std::vector<std::size_t> size_range(std::size_t first, std::size_t last, std::size_t step = 1);

/// Fills `report`, which outlives it, as it goes; `finished` is set last.
[[nodiscard]] kernel::Task<void> udp_client(kernel::Process& self, socket::SocketCalls& sockets,
                                            UdpClientOptions options, UdpClientReport& report);

}  // namespace host::apps
