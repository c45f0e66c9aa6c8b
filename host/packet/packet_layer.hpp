// SPDX-License-Identifier: Apache-2.0
// Packet sockets: whole frames, past the protocols (Linux: net/packet/af_packet.c; packet(7)).
#pragma once

#include <optional>
#include <random>
#include <vector>

#include "host/device/net_core.hpp"
#include "host/headers/bytes.hpp"
#include "host/ip/sock.hpp"
#include "host/packet/link_address.hpp"

namespace host::packet {

/// SOCK_RAW: frames begin at the Ethernet header. SOCK_DGRAM: behind it.
enum class PacketKind : std::uint8_t { raw = 3, datagram = 2 };

/// PACKET_MR_*; a promiscuous device shows the frames of others.
enum class Membership : std::uint8_t { multicast, promiscuous, all_multicast };

/// PACKET_STATISTICS, since they were read last.
struct PacketStatistics {
  std::uint64_t packets = 0;  // that the filter let through, dropped ones too
  std::uint64_t drops = 0;    // for want of room
};

/// The protocol's half of a socket (Linux: struct packet_sock). Its filter reads from where its frames begin.
struct PacketSocket : ip::Sock {
  struct Member {
    unsigned ifindex = 0;
    Membership kind{};
    unsigned count = 0;
  };

  PacketSocket(PacketKind its_kind, std::int64_t receive_limit, std::int64_t send_limit)
      : Sock(receive_limit, send_limit), kind(its_kind) {}

  PacketKind kind;
  std::uint16_t protocol = 0;  // 0: it only sends
  unsigned ifindex = 0;        // 0: every device
  unsigned tap = 0;            // while it runs
  std::vector<Member> members;
  PacketStatistics statistics;

  [[nodiscard]] bool running() const { return tap != 0; }
};

/// The sockets of one host, in the order in which they were made. The core outlives it; no socket does.
struct PacketLayer {
  explicit PacketLayer(device::NetCore& core);
  ~PacketLayer();
  PacketLayer(const PacketLayer&) = delete;
  PacketLayer& operator=(const PacketLayer&) = delete;

  device::NetCore& net;
  std::vector<PacketSocket*> sockets;
  std::minstd_rand random;  // for filters that ask for a random number
  unsigned notifier = 0;
};

/// A new socket receives from every device at once, unless `protocol` is 0.
void packet_create(PacketLayer& layer, PacketSocket& socket, std::uint16_t protocol);
/// Frames of that device (0: all) and that protocol (0: as before) from now on. no_device; network_down: it is bound,
/// but the device is down.
[[nodiscard]] base::Result<void> packet_bind(PacketLayer& layer, PacketSocket& socket, unsigned ifindex,
                                             std::uint16_t protocol);
/// To where it is bound when `to` is nothing. Errors: no_address neither names a device, network_down, message_size
/// more than the MTU, invalid shorter than an Ethernet header (raw), no_buffers a queue is full, no_memory.
[[nodiscard]] base::Result<void> packet_send(PacketLayer& layer, kernel::Cpu& cpu, PacketSocket& socket,
                                             const std::optional<LinkAddress>& to, headers::Bytes bytes);
/// PACKET_ADD_MEMBERSHIP, counted. no_device.
[[nodiscard]] base::Result<void> packet_join(PacketLayer& layer, PacketSocket& socket, unsigned ifindex,
                                             Membership kind);
/// PACKET_DROP_MEMBERSHIP. address_not_available: it has none.
[[nodiscard]] base::Result<void> packet_leave(PacketLayer& layer, PacketSocket& socket, unsigned ifindex,
                                              Membership kind);
/// Reading sets them back.
[[nodiscard]] PacketStatistics packet_statistics(PacketSocket& socket);
void packet_close(PacketLayer& layer, PacketSocket& socket);

}  // namespace host::packet
