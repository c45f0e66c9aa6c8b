// SPDX-License-Identifier: Apache-2.0
// The load generator: datagrams of one size at a rate, evenly, by chance or in bursts; and the sink that counts them.
#pragma once

#include <cstdint>

#include "host/socket/socket_calls.hpp"

namespace host::apps {

/// How the moments of sending lie: `constant` at equal distances, `poisson` with exponential ones, `burst` many at
/// once and then nothing.
enum class Distribution : std::uint8_t { constant, poisson, burst };

struct UdpBlastOptions {
  socket::SocketAddress to;
  /// Payload bytes; the first 4 are a sequence number, so at least as many.
  std::size_t size = 64;
  /// Datagrams a second, on average; above 0.
  double rate = 1000;
  Distribution distribution = Distribution::constant;
  /// Datagrams of one burst.
  unsigned burst = 16;
  /// 0: until `stop`.
  std::uint64_t count = 0;
  std::uint64_t seed = 1;
  /// Set by somebody else: ends it.
  const bool* stop = nullptr;
};

struct UdpBlastReport {
  std::uint64_t sent = 0;
  /// A queue on the way out was full: no_buffers, again.
  std::uint64_t refused = 0;
  std::uint64_t errors = 0;
  std::optional<base::Errno> last_error = {};
};

/// Keeps to its schedule: who comes late sends what is due at once. `report` outlives it. The socket's Errno.
[[nodiscard]] kernel::Task<base::Result<void>> udp_blast(kernel::Process& self, socket::SocketCalls& sockets,
                                                         UdpBlastOptions options, UdpBlastReport& report);

struct UdpSinkOptions {
  std::uint16_t port = 9;  // discard, RFC 863
  /// SO_REUSEPORT: several sinks share the port.
  bool reuse_port = false;
  /// SO_RCVBUF; 0: the default.
  std::int64_t receive_buffer = 0;
  /// What the application does with each datagram: so much user time.
  platform::Nanoseconds work = 0;
  /// A group of either family to join; any: none.
  headers::IpAddress group = {};
};

struct UdpSinkReport {
  std::uint64_t received = 0;
  std::uint64_t bytes = 0;
  /// Sequence numbers lower than one that came before.
  std::uint64_t late = 0;
  std::uint32_t highest = 0;
  platform::Nanoseconds first = 0;
  platform::Nanoseconds last = 0;
};

/// Reads for ever, or until the socket cannot be had (its Errno). A multicast receiver when it has a group.
[[nodiscard]] kernel::Task<base::Result<void>> udp_sink(kernel::Process& self, socket::SocketCalls& sockets,
                                                        UdpSinkOptions options, UdpSinkReport& report);

}  // namespace host::apps
