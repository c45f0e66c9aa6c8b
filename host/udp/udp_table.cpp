// SPDX-License-Identifier: Apache-2.0
// One hash table over all sockets of both families.
#include "host/udp/udp_table.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "host/udp/udp_layer.hpp"

namespace host::udp {

using headers::AddressFamily;
using headers::IpAddress;

namespace {

constexpr std::size_t kFirstBuckets = 256;  // a power of two, as all sizes

/// A mixing step in which every input bit reaches every output bit (the finalizer of SplitMix64).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9U;
  x = (x ^ x >> 27) * 0x94d0'49bb'1331'11ebU;
  return x ^ x >> 31;
}

}  // namespace

UdpTable::UdpTable(std::uint64_t seed) : seed_(seed), buckets_(kFirstBuckets) {}

namespace {

/// The socket would get datagrams for the address, if it has no address itself.
bool covers(const UdpSocket& wildcard, const IpAddress& address) {
  return wildcard.hears(address.family());
}

/// Linux: inet_rcv_saddr_equal. Both would get the datagrams of one address.
bool same_address(const UdpSocket& a, const UdpSocket& b) {
  const IpAddress& here = a.endpoints.local;
  const IpAddress& there = b.endpoints.local;
  if (here.is_any() && there.is_any()) {
    return (a.hears_ipv4 && b.hears_ipv4) || (a.hears_ipv6 && b.hears_ipv6);
  }
  if (here.is_any()) {
    return covers(a, there);
  }
  return there.is_any() ? covers(b, here) : here == there;
}

/// Both would get the datagrams of one address and device.
bool overlap(const UdpSocket& a, const UdpSocket& b) {
  const bool devices = a.bound_ifindex == 0 || b.bound_ifindex == 0 || a.bound_ifindex == b.bound_ifindex;
  return devices && same_address(a, b);
}

bool may_share(const UdpSocket& a, const UdpSocket& b) {
  return (a.reuse_address && b.reuse_address) || (a.reuse_port && b.reuse_port);
}

}  // namespace

base::Result<void> UdpTable::insert(UdpSocket& socket) {
  auto& same_port = by_port_[socket.endpoints.local_port];
  for (const UdpSocket* other : same_port) {
    if (overlap(socket, *other) && !may_share(socket, *other)) {
      return base::Errno::address_in_use;
    }
  }
  same_port.push_back(&socket);
  if (++size_ > buckets_.size()) {
    grow();
  }
  place(socket);
  return {};
}

void UdpTable::remove(UdpSocket& socket) {
  displace(socket);
  --size_;
  const auto found = by_port_.find(socket.endpoints.local_port);
  std::erase(found->second, &socket);
  if (found->second.empty()) {
    by_port_.erase(found);
  }
}

void UdpTable::rename(UdpSocket& socket, const Endpoints& endpoints) {
  displace(socket);
  socket.endpoints = endpoints;
  place(socket);
}

void UdpTable::bind_device(UdpSocket& socket, unsigned ifindex) {
  if (!socket.is_bound()) {
    socket.bound_ifindex = ifindex;
    return;
  }
  displace(socket);
  socket.bound_ifindex = ifindex;
  place(socket);
}

void UdpTable::set_incoming_cpu(UdpSocket& socket, int cpu) {
  const bool wants = cpu >= 0;
  if (socket.group != nullptr && socket.wants_cpu != wants) {
    socket.group->count_choosy(wants ? 1 : -1);
  }
  socket.wants_cpu = wants;
  socket.incoming_cpu = cpu;
}

UdpSocket* UdpTable::lookup(const Endpoints& datagram, const LookupPacket& packet) {
  const AddressFamily family = datagram.local.family();
  const std::uint16_t port = datagram.local_port;
  UdpSocket* socket = connected_ == 0 ? nullptr : find(datagram, family, packet);
  if (socket == nullptr && named_ != 0) {
    socket = find({.local = datagram.local, .local_port = port, .peer = {}, .peer_port = 0}, family, packet);
  }
  if (socket == nullptr && wildcards_ != 0) {
    socket = find_wildcard(port, family, packet);
  }
  if (socket == nullptr || socket->group == nullptr || packet.packet == nullptr) {
    return socket;
  }
  return socket->group->size() > 1 ? &socket->group->select(*packet.packet, flow_hash(datagram)) : socket;
}

std::vector<UdpSocket*> UdpTable::sockets_of_port(std::uint16_t port) const {
  const auto found = by_port_.find(port);
  return found == by_port_.end() ? std::vector<UdpSocket*>{} : found->second;
}

std::vector<UdpSocket*> UdpTable::all() const {
  std::map<std::uint16_t, const std::vector<UdpSocket*>*> ordered;
  for (const auto& [port, sockets] : by_port_) ordered.emplace(port, &sockets);
  std::vector<UdpSocket*> everybody;
  for (const auto& [port, sockets] : ordered) everybody.insert(everybody.end(), sockets->begin(), sockets->end());
  return everybody;
}

namespace {

/// An address and a port into the state. IPv4's addresses have nothing in their upper half.
std::uint64_t mix(std::uint64_t state, const IpAddress& address, std::uint16_t port) {
  const auto [high, low] = address.value.numbers();
  return mix((high == 0 ? state : mix(state ^ high)) ^ std::rotl(low, 16) ^ port);
}

std::uint64_t mix(std::uint64_t seed, const Endpoints& endpoints) {
  return mix(mix(seed, endpoints.local, endpoints.local_port), endpoints.peer, endpoints.peer_port);
}

}  // namespace

/// Ports that follow each other have buckets that do: of as many wildcards as buckets none is in another's way. What
/// senders may choose beside the port is mixed.
UdpSocket*& UdpTable::wildcards_of(std::uint16_t port) {
  return buckets_[(seed_ + port) & (buckets_.size() - 1)];
}

UdpSocket*& UdpTable::bucket_of(const Endpoints& endpoints) {
  if (endpoints.peer_port == 0 && endpoints.local.is_any()) {
    return wildcards_of(endpoints.local_port);
  }
  const std::uint64_t own = mix(seed_, endpoints.local, endpoints.local_port);
  const std::uint64_t whole = endpoints.peer_port == 0 ? own : mix(own, endpoints.peer, endpoints.peer_port);
  return buckets_[whole & (buckets_.size() - 1)];
}

std::size_t& UdpTable::count_of_kind(const Endpoints& endpoints) {
  if (endpoints.peer_port != 0) {
    return connected_;
  }
  return endpoints.local.is_any() ? wildcards_ : named_;
}

namespace {

/// Linux: compute_score.
unsigned score(const UdpSocket& socket, AddressFamily family, int cpu) {
  constexpr unsigned kDevice = 4;
  constexpr unsigned kFamily = 1;
  constexpr unsigned kCpu = 1;
  const bool wants = socket.incoming_cpu >= 0 && socket.incoming_cpu == cpu;
  return (socket.bound_ifindex != 0 ? kDevice : 0) + (socket.family == family ? kFamily : 0) + (wants ? kCpu : 0);
}

}  // namespace

template <typename Match>
UdpSocket* UdpTable::best_of(UdpSocket* chain, AddressFamily family, const LookupPacket& packet, Match matches) {
  const unsigned ifindex = packet.ifindex;
  UdpSocket* best = nullptr;
  for (UdpSocket* socket = chain; socket != nullptr; socket = socket->hash_next) {
    ++probes_;
    const bool hears_device = socket->bound_ifindex == 0 || ifindex == 0 || socket->bound_ifindex == ifindex;
    if (!hears_device || !matches(*socket)) {
      continue;
    }
    if (best == nullptr || score(*socket, family, packet.cpu) > score(*best, family, packet.cpu)) {
      best = socket;
    }
  }
  return best;
}

UdpSocket* UdpTable::find(const Endpoints& endpoints, AddressFamily family, const LookupPacket& packet) {
  return best_of(bucket_of(endpoints), family, packet,
                 [&](const UdpSocket& socket) { return socket.endpoints == endpoints; });
}

UdpSocket* UdpTable::find_wildcard(std::uint16_t port, AddressFamily family, const LookupPacket& packet) {
  return best_of(wildcards_of(port), family, packet, [&](const UdpSocket& socket) {
    const Endpoints& name = socket.endpoints;
    return name.local_port == port && name.peer_port == 0 && name.local == IpAddress{} && socket.hears(family);
  });
}

std::uint32_t UdpTable::flow_hash(const Endpoints& datagram) const {
  return static_cast<std::uint32_t>(mix(~seed_, datagram) >> 32);
}

/// A connected socket has its datagrams for itself.
void UdpTable::join_group(UdpSocket& socket) {
  if (!socket.reuse_port || socket.is_connected()) {
    return;
  }
  for (const UdpSocket* other = bucket_of(socket.endpoints); other != nullptr; other = other->hash_next) {
    if (other != &socket && other->group != nullptr && other->endpoints == socket.endpoints &&
        other->bound_ifindex == socket.bound_ifindex && other->family == socket.family &&
        other->hears_ipv4 == socket.hears_ipv4 && other->hears_ipv6 == socket.hears_ipv6) {
      socket.group = other->group;
    }
  }
  if (socket.group == nullptr) {
    socket.group = std::make_shared<ReusePortGroup>();
  }
  socket.group->join(socket);
}

void UdpTable::place(UdpSocket& socket) {
  UdpSocket*& bucket = bucket_of(socket.endpoints);
  socket.hash_next = bucket;
  bucket = &socket;
  ++count_of_kind(socket.endpoints);
  join_group(socket);
}

void UdpTable::displace(UdpSocket& socket) {
  UdpSocket** link = &bucket_of(socket.endpoints);
  while (*link != &socket) link = &(*link)->hash_next;
  *link = socket.hash_next;
  --count_of_kind(socket.endpoints);
  if (socket.group != nullptr) {
    socket.group->leave(socket);
    socket.group.reset();
  }
}

/// Chains keep their order.
void UdpTable::grow() {
  std::vector<UdpSocket*> old(buckets_.size() * 2);
  old.swap(buckets_);
  for (UdpSocket* socket : old) {
    while (socket != nullptr) {
      UdpSocket** end = &bucket_of(socket->endpoints);
      while (*end != nullptr) end = &(*end)->hash_next;
      *end = socket;
      socket = std::exchange(socket->hash_next, nullptr);
    }
  }
}

}  // namespace host::udp
