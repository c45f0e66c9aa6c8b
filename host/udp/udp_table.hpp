// SPDX-License-Identifier: Apache-2.0
// Which socket a datagram is for: one hash table over all sockets of both families (Linux: udp_table,
// __udp4_lib_lookup, __udp6_lib_lookup).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "host/base/result.hpp"
#include "host/device/bpf.hpp"
#include "host/headers/ip_address.hpp"
#include "host/udp/reuse_port.hpp"

namespace host::udp {

struct UdpSocket;

/// A socket's name, or a datagram's from the receiver's side. Unset parts are 0: a bound socket has no peer, a
/// wildcard socket no local address, of whichever family it is.
struct Endpoints {
  headers::IpAddress local;
  std::uint16_t local_port = 0;
  headers::IpAddress peer;
  std::uint16_t peer_port = 0;

  friend bool operator==(const Endpoints&, const Endpoints&) = default;
};

/// What a lookup knows beside the name.
struct LookupPacket {
  /// The device that the datagram came by; 0: sockets of every device are good.
  unsigned ifindex = 0;
  /// For groups' programs: data at the UDP header. None: the flow's hash decides.
  const device::BpfContext* packet = nullptr;
  /// That has the datagram; -1: it does not matter.
  int cpu = -1;
};

/// Every lookup looks into at most three buckets, and buckets hold about one socket each, however many there are. A
/// bucket is a chain through its sockets, the last placed first.
class UdpTable {
 public:
  /// `seed` keeps senders from choosing which bucket their datagrams fall into.
  explicit UdpTable(std::uint64_t seed);

  /// address_in_use when another socket of the port would get the same datagrams, unless both said SO_REUSEADDR or
  /// both said SO_REUSEPORT, or they are bound to different devices (Linux: inet_rcv_saddr_equal's callers).
  [[nodiscard]] base::Result<void> insert(UdpSocket& socket);
  void remove(UdpSocket& socket);
  /// The socket is known by other endpoints of the same port from now on (it connected or disconnected).
  void rename(UdpSocket& socket, const Endpoints& endpoints);

  /// The socket's SO_BINDTODEVICE changes.
  void bind_device(UdpSocket& socket, unsigned ifindex);

  /// The socket's SO_INCOMING_CPU is set; negative: it wants none. Linux: reuseport_update_incoming_cpu.
  static void set_incoming_cpu(UdpSocket& socket, int cpu);

  /// The connected socket, else the one bound to the address, else the wildcard; null when there is none. Of several,
  /// one that is bound to the device; of those one that is of the datagram's own family and wants its CPU, or else is
  /// either; of those the last that was bound; of its group the one that is selected. A wildcard socket of IPv6 may
  /// hear both families (UdpSocket::hears).
  [[nodiscard]] UdpSocket* lookup(const Endpoints& datagram, const LookupPacket& packet = {});
  /// All sockets of a port, in the order in which they were bound: who hears a broadcast.
  [[nodiscard]] std::vector<UdpSocket*> sockets_of_port(std::uint16_t port) const;

  /// Everybody, by port, then in the order in which they were bound.
  [[nodiscard]] std::vector<UdpSocket*> all() const;

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Sockets that lookups have compared, since the beginning: what shows that a lookup stays O(1).
  [[nodiscard]] std::uint64_t probes() const { return probes_; }

 private:
  [[nodiscard]] UdpSocket*& bucket_of(const Endpoints& endpoints);
  /// Where the wildcards of a port are, among others.
  [[nodiscard]] UdpSocket*& wildcards_of(std::uint16_t port);
  [[nodiscard]] UdpSocket* find(const Endpoints& endpoints, headers::AddressFamily family, const LookupPacket& packet);
  [[nodiscard]] UdpSocket* find_wildcard(std::uint16_t port, headers::AddressFamily family, const LookupPacket& packet);
  /// Of those in the chain that match, the one that fits best; null when there is none.
  template <typename Match>
  [[nodiscard]] UdpSocket* best_of(UdpSocket* chain, headers::AddressFamily family, const LookupPacket& packet,
                                   Match matches);
  [[nodiscard]] std::uint32_t flow_hash(const Endpoints& datagram) const;
  void join_group(UdpSocket& socket);
  void place(UdpSocket& socket);
  void displace(UdpSocket& socket);
  void grow();

  /// How many sockets have a name of the kind; the rest are wildcards.
  [[nodiscard]] std::size_t& count_of_kind(const Endpoints& endpoints);

  std::uint64_t seed_;
  std::vector<UdpSocket*> buckets_;
  std::size_t size_ = 0;
  std::size_t connected_ = 0;
  std::size_t named_ = 0;
  std::size_t wildcards_ = 0;
  std::uint64_t probes_ = 0;
  std::unordered_map<std::uint16_t, std::vector<UdpSocket*>> by_port_;
};

}  // namespace host::udp
