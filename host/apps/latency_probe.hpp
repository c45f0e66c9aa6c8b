// SPDX-License-Identifier: Apache-2.0
// The latency prober: asks an echo server at equal distances, whether answers come or not, and times those that do.
#pragma once

#include <cstdint>
#include <vector>

#include "host/socket/socket_calls.hpp"

namespace host::apps {

struct LatencyProbeOptions {
  socket::SocketAddress server;
  /// Payload bytes; the first 4 are a sequence number, so at least as many.
  std::size_t size = 64;
  std::uint32_t count = 100;
  /// From one question to the next; 0: the next follows the answer at once (ping-pong).
  platform::Nanoseconds interval = 0;
  /// An answer that takes longer is lost.
  platform::Nanoseconds timeout = 100'000'000;
  /// Set by somebody else: ends it.
  const bool* stop = nullptr;
};

struct LatencyProbeReport {
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  /// Answers to questions that had been given up, or answered before.
  std::uint64_t late = 0;
  std::uint64_t errors = 0;
  std::optional<base::Errno> last_error = {};
  /// Of each answer, in order.
  std::vector<platform::Nanoseconds> round_trips = {};
};

/// One question at a time. `report` outlives it. The socket's Errno.
[[nodiscard]] kernel::Task<base::Result<void>> latency_probe(kernel::Process& self, socket::SocketCalls& sockets,
                                                             LatencyProbeOptions options, LatencyProbeReport& report);

}  // namespace host::apps
