// SPDX-License-Identifier: Apache-2.0
// One host's UDP: its sockets and counters, over IPv4 and IPv6 alike (RFC 768; Linux: net/ipv4/udp.c, net/ipv6/udp.c).
#pragma once

#include <random>

#include "host/ip/ip_layer.hpp"
#include "host/ip/sock.hpp"
#include "host/ip6/inet6_sock.hpp"
#include "host/ip6/ip6_layer.hpp"
#include "host/udp/udp_counters.hpp"
#include "host/udp/udp_table.hpp"

namespace host::udp {

using headers::AddressFamily;
using headers::IpAddress;

/// The protocol's half of a socket (Linux: struct udp_sock, struct udp6_sock).
struct UdpSocket : ip::Sock {
  explicit UdpSocket(std::int64_t receive_limit, AddressFamily its_family = AddressFamily::inet)
      : Sock(receive_limit),
        family(its_family),
        hears_ipv4(its_family == AddressFamily::inet),
        hears_ipv6(!hears_ipv4) {}

  /// As long as no local address says it: whether it is for datagrams of the family.
  [[nodiscard]] bool hears(AddressFamily of) const { return of == AddressFamily::inet ? hears_ipv4 : hears_ipv6; }
  [[nodiscard]] bool is_bound() const { return endpoints.local_port != 0; }
  [[nodiscard]] bool is_connected() const { return endpoints.peer_port != 0; }

  // What a lookup asks for, beside what every packet does.
  AddressFamily family;
  bool hears_ipv4;  // an IPv6 socket may speak with IPv4, whose addresses are mapped ones then
  bool hears_ipv6;
  bool gro = false;  // UDP_GRO: see udp_set_gro
  Endpoints endpoints;
  UdpSocket* hash_next = nullptr;  // in UdpTable's chain
  /// Those with whom it shares its name; null: it shares it with nobody.
  std::shared_ptr<ReusePortGroup> group;
  /// The application chose the address: disconnecting keeps it.
  bool address_bound = false;
  bool wants_cpu = false;     // SO_INCOMING_CPU was set: see UdpTable::set_incoming_cpu
  std::uint16_t segment = 0;  // UDP_SEGMENT: bytes of each datagram of a call; 0: it is one
  ip6::Inet6Sock inet6;
};

/// The state; `udp_rcv`, `udp_send` and the calls below are functions that take it. Registers itself with IPv6 and the
/// IPv4 beside it, which outlive it; is outlived by no bound socket.
struct UdpLayer {
  explicit UdpLayer(ip6::Ip6Layer& below);
  ~UdpLayer();
  UdpLayer(const UdpLayer&) = delete;
  UdpLayer& operator=(const UdpLayer&) = delete;

  /// A datagram counts in the family that it travels in, whichever its socket's is.
  [[nodiscard]] UdpCounters& counters_of(AddressFamily of) { return of == AddressFamily::inet ? counters : counters6; }

  ip::IpLayer& ip;
  ip6::Ip6Layer& ip6;
  const kernel::Sysctl& bindv6only;
  UdpTable table;
  UdpCounters counters;
  UdpCounters counters6;
  std::uint32_t next_ephemeral;
  unsigned gro_sockets = 0;  // that asked for UDP_GRO; without any, no datagram is looked up twice
  /// For filters and group programs that ask for a random number.
  std::minstd_rand random;
};

/// Port 0 asks for an ephemeral one; `scope` is the device of a link-local address (sin6_scope_id), to which the socket
/// is bound then. Errors: invalid bound already, an address of a family that the socket does not speak, or a link-local
/// one without its device; address_not_available the address is not ours; address_in_use (also: no ephemeral port is
/// free).
[[nodiscard]] base::Result<void> udp_bind(UdpLayer& udp, UdpSocket& socket, const IpAddress& local, std::uint16_t port,
                                          unsigned scope = 0);
/// From now on it hears this peer only, and hears of ICMP errors. Binds first if need be. Errors: routing's, and as
/// above; network_unreachable an IPv4 peer of a socket for IPv6 only.
[[nodiscard]] base::Result<void> udp_connect(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, const IpAddress& peer,
                                             std::uint16_t port, unsigned scope = 0);
void udp_disconnect(UdpLayer& udp, UdpSocket& socket);
/// UDP_GRO: datagrams of one sender that came together may be read in one call.
void udp_set_gro(UdpLayer& udp, UdpSocket& socket, bool on);
/// Forgets the socket; what it had not read is dropped.
void udp_close(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket);

}  // namespace host::udp
