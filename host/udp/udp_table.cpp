// SPDX-License-Identifier: Apache-2.0
// Which socket a datagram is for: one hash table over all sockets (Linux: udp_table, __udp4_lib_lookup).
#include "host/udp/udp_table.hpp"

#include <algorithm>
#include <map>

#include "host/udp/udp_layer.hpp"

namespace host::udp {
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

/// Both would get the datagrams of one address and device.
bool overlap(const UdpSocket& a, const UdpSocket& b) {
  const auto here = a.endpoints.local;
  const auto there = b.endpoints.local;
  const bool devices = a.bound_ifindex == 0 || b.bound_ifindex == 0 || a.bound_ifindex == b.bound_ifindex;
  return devices && (here.is_any() || there.is_any() || here == there);
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

UdpSocket* UdpTable::lookup(const Endpoints& datagram, const LookupPacket& packet) {
  const Endpoints bound{.local = datagram.local, .local_port = datagram.local_port, .peer = {}, .peer_port = 0};
  const Endpoints wildcard{.local = {}, .local_port = datagram.local_port, .peer = {}, .peer_port = 0};
  for (const Endpoints& name : {datagram, bound, wildcard}) {
    UdpSocket* socket = find(name, packet.ifindex);
    if (socket == nullptr) {
      continue;
    }
    const bool chooses = socket->group != nullptr && socket->group->size() > 1 && packet.packet != nullptr;
    return chooses ? &socket->group->select(*packet.packet, flow_hash(datagram)) : socket;
  }
  return nullptr;
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

std::size_t UdpTable::bucket_of(const Endpoints& endpoints) const {
  const std::uint64_t local = std::uint64_t{endpoints.local.value} << 16 | endpoints.local_port;
  const std::uint64_t peer = std::uint64_t{endpoints.peer.value} << 16 | endpoints.peer_port;
  return mix(mix(seed_ ^ local) ^ peer) & (buckets_.size() - 1);
}

UdpSocket* UdpTable::find(const Endpoints& endpoints, unsigned ifindex) {
  UdpSocket* best = nullptr;
  for (UdpSocket* socket : buckets_[bucket_of(endpoints)]) {
    ++probes_;
    const bool hears_device = socket->bound_ifindex == 0 || ifindex == 0 || socket->bound_ifindex == ifindex;
    if (!hears_device || socket->endpoints != endpoints) {
      continue;
    }
    if (best == nullptr || best->bound_ifindex == 0 || socket->bound_ifindex != 0) {
      best = socket;
    }
  }
  return best;
}

std::uint32_t UdpTable::flow_hash(const Endpoints& datagram) const {
  const std::uint64_t local = std::uint64_t{datagram.local.value} << 16 | datagram.local_port;
  const std::uint64_t peer = std::uint64_t{datagram.peer.value} << 16 | datagram.peer_port;
  return static_cast<std::uint32_t>(mix(mix(~seed_ ^ local) ^ peer) >> 32);
}

/// A connected socket has its datagrams for itself.
void UdpTable::join_group(UdpSocket& socket) {
  if (!socket.reuse_port || socket.is_connected()) {
    return;
  }
  for (const UdpSocket* other : buckets_[bucket_of(socket.endpoints)]) {
    if (other != &socket && other->group != nullptr && other->endpoints == socket.endpoints &&
        other->bound_ifindex == socket.bound_ifindex) {
      socket.group = other->group;
    }
  }
  if (socket.group == nullptr) {
    socket.group = std::make_shared<ReusePortGroup>();
  }
  socket.group->join(socket);
}

void UdpTable::place(UdpSocket& socket) {
  buckets_[bucket_of(socket.endpoints)].push_back(&socket);
  join_group(socket);
}

void UdpTable::displace(UdpSocket& socket) {
  std::erase(buckets_[bucket_of(socket.endpoints)], &socket);
  if (socket.group != nullptr) {
    socket.group->leave(socket);
    socket.group.reset();
  }
}

void UdpTable::grow() {
  std::vector<Bucket> old(buckets_.size() * 2);
  old.swap(buckets_);
  for (const Bucket& bucket : old) {
    for (UdpSocket* socket : bucket) {
      buckets_[bucket_of(socket->endpoints)].push_back(socket);
    }
  }
}

}  // namespace host::udp
