// SPDX-License-Identifier: Apache-2.0
// The ping command: echo requests over either family, verified replies, statistics.
#pragma once

#include <string>
#include <vector>

#include "host/socket/socket_calls.hpp"

namespace host::apps {

struct PingOptions {
  headers::IpAddress target;
  /// The device of a link-local target.
  unsigned scope = 0;
  unsigned count = 5;
  /// Payload bytes behind the ICMP header, as `ping -s`.
  std::size_t size = 56;
  /// From one request to the next; 0: the next follows the reply at once (`ping -A`).
  platform::Nanoseconds interval = 1'000'000'000;
  /// How long to wait for each reply (`ping -W`).
  platform::Nanoseconds timeout = 1'000'000'000;
};

struct PingReport {
  std::uint64_t transmitted = 0;
  std::uint64_t received = 0;
  /// Replies whose payload differs from the request's.
  std::uint64_t corrupted = 0;
  /// Calls that failed (unreachable, too big), and the last reason.
  std::uint64_t errors = 0;
  std::optional<base::Errno> last_error;
  /// Of each reply, in order.
  std::vector<platform::Nanoseconds> round_trips;
  bool finished = false;
};

/// Fills `report`, which outlives it, as it goes; `finished` is set last.
[[nodiscard]] kernel::Task<void> ping(kernel::Process& self, socket::SocketCalls& sockets, PingOptions options,
                                      PingReport& report);

/// The two closing lines that ping prints.
[[nodiscard]] std::string summary(const PingReport& report);

}  // namespace host::apps
