// SPDX-License-Identifier: Apache-2.0
// One run of an experiment: the machine, what comes to it, what it does, and for how long.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/apps/host.hpp"
#include "host/device/net_device.hpp"
#include "sim/board/config.hpp"
#include "sim/pcie/ports.hpp"

namespace sim::experiment {

inline constexpr Picoseconds kMicrosecond = 1'000'000;
inline constexpr Picoseconds kMillisecond = 1'000 * kMicrosecond;
inline constexpr std::uint16_t kPort = 9;  // discard

enum class Transport : std::uint8_t { udp, tcp };

/// Datagrams, or segments of TCP streams without an end, that come to the NIC, from source ports in turn.
struct Stream {
  unsigned length = 64;      ///< of the frame on the wire, FCS included
  Picoseconds interval = 0;  ///< from one burst to the next, on average; 0: back to back
  unsigned burst = 1;        ///< frames back to back
  bool random = false;       ///< intervals are exponentially distributed
  unsigned flows = 1;
  std::uint16_t first_port = 1024;  ///< of the source
  std::uint16_t port = kPort;       ///< of the destination
  bool timed = true;                ///< its datagrams count for the latency
  bool elsewhere = false;           ///< to kElsewhere, which the host may forward to
  Transport transport = Transport::udp;
};

/// A process that reads datagrams and forgets them.
struct Reader {
  unsigned cpu = 0;
  std::uint16_t port = kPort;
  std::int64_t busy_poll_usecs = 0;
  bool gro = false;
  bool reads = true;  ///< false: he only holds his socket, which fills
  std::optional<host::device::BpfProgram> filter = {};
};

/// A process that sends datagrams to the host at the other end of the wire.
struct Sender {
  unsigned cpu = 0;
  unsigned bytes = 1472;       ///< of payload
  Picoseconds interval = 0;    ///< 0: as fast as the socket takes them
  std::uint16_t port = kPort;  ///< of the destination
  bool timed = false;          ///< its datagrams count for the latency, from the call to the first bit on the wire
  std::uint8_t tos = 0;
  std::uint16_t segment = 0;  ///< UDP_SEGMENT: the payload is several datagrams of so many bytes; 0: it is one
  std::int64_t send_buffer = 64 << 20;  ///< SO_SNDBUF; so much that queues below overflow before the sender waits
};

/// The time begins with the traffic, when the setup is done.
struct Trial {
  board::BoardConfig machine;
  std::vector<std::string> setup = {};  ///< console commands; each must succeed
  std::function<void(host::apps::Host&, host::device::NetDevice&)> prepare = {};
  std::vector<Stream> streams = {};
  std::vector<Reader> readers = {};
  std::vector<Sender> senders = {};
  Picoseconds warm_up = kMillisecond / 4;   ///< not measured
  Picoseconds duration = 2 * kMillisecond;  ///< measured
};

}  // namespace sim::experiment
