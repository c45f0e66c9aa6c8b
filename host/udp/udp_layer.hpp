// SPDX-License-Identifier: Apache-2.0
// One host's UDP: its sockets and counters (RFC 768; Linux: net/ipv4/udp.c).
#pragma once

#include <random>

#include "host/ip/ip_layer.hpp"
#include "host/ip/sock.hpp"
#include "host/udp/udp_counters.hpp"
#include "host/udp/udp_table.hpp"

namespace host::udp {

/// The protocol's half of a socket (Linux: struct udp_sock).
struct UdpSocket : ip::Sock {
  explicit UdpSocket(std::int64_t receive_limit) : Sock(receive_limit) {}

  [[nodiscard]] bool is_bound() const { return endpoints.local_port != 0; }
  [[nodiscard]] bool is_connected() const { return endpoints.peer_port != 0; }

  Endpoints endpoints;
  /// The application chose the address: disconnecting keeps it.
  bool address_bound = false;
  bool gro = false;  // UDP_GRO: see udp_set_gro
  /// Those with whom it shares its name; null: it shares it with nobody.
  std::shared_ptr<ReusePortGroup> group;
};

/// The state; `udp_rcv`, `udp_send` and the calls below are functions that take it. Registers itself with IP, which
/// outlives it; is outlived by no bound socket.
struct UdpLayer {
  explicit UdpLayer(ip::IpLayer& below);
  ~UdpLayer();
  UdpLayer(const UdpLayer&) = delete;
  UdpLayer& operator=(const UdpLayer&) = delete;

  ip::IpLayer& ip;
  UdpTable table;
  UdpCounters counters;
  std::uint32_t next_ephemeral;
  unsigned gro_sockets = 0;  // that asked for UDP_GRO; without any, no datagram is looked up twice
  /// For filters and group programs that ask for a random number.
  std::minstd_rand random;
};

/// Port 0 asks for an ephemeral one. Errors: invalid bound already, address_not_available the address is not ours,
/// address_in_use (also: no ephemeral port is free).
[[nodiscard]] base::Result<void> udp_bind(UdpLayer& udp, UdpSocket& socket, headers::Ipv4Address local,
                                          std::uint16_t port);
/// From now on it hears this peer only, and hears of ICMP errors. Binds first if need be. Errors: routing's.
[[nodiscard]] base::Result<void> udp_connect(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket,
                                             headers::Ipv4Address peer, std::uint16_t port);
void udp_disconnect(UdpLayer& udp, UdpSocket& socket);
/// UDP_GRO: datagrams of one sender that came together may be read in one call.
void udp_set_gro(UdpLayer& udp, UdpSocket& socket, bool on);
/// Forgets the socket; what it had not read is dropped.
void udp_close(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket);

}  // namespace host::udp
