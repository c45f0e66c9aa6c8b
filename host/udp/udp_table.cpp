// SPDX-License-Identifier: Apache-2.0
// Which socket a datagram is for: one hash table over all sockets (Linux: udp_table, __udp4_lib_lookup).
#include "host/udp/udp_table.hpp"

#include <algorithm>

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

base::Result<void> UdpTable::insert(UdpSocket& socket) {
  auto& same_port = by_port_[socket.endpoints.local_port];
  for (const UdpSocket* other : same_port) {
    const auto mine = socket.endpoints.local;
    const auto theirs = other->endpoints.local;
    if (mine.is_any() || theirs.is_any() || mine == theirs) {
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

UdpSocket* UdpTable::lookup(const Endpoints& datagram) {
  const Endpoints bound{.local = datagram.local, .local_port = datagram.local_port, .peer = {}, .peer_port = 0};
  const Endpoints wildcard{.local = {}, .local_port = datagram.local_port, .peer = {}, .peer_port = 0};
  for (const Endpoints& name : {datagram, bound, wildcard}) {
    if (UdpSocket* socket = find(name)) {
      return socket;
    }
  }
  return nullptr;
}

std::vector<UdpSocket*> UdpTable::sockets_of_port(std::uint16_t port) const {
  const auto found = by_port_.find(port);
  return found == by_port_.end() ? std::vector<UdpSocket*>{} : found->second;
}

std::size_t UdpTable::bucket_of(const Endpoints& endpoints) const {
  const std::uint64_t local = std::uint64_t{endpoints.local.value} << 16 | endpoints.local_port;
  const std::uint64_t peer = std::uint64_t{endpoints.peer.value} << 16 | endpoints.peer_port;
  return mix(mix(seed_ ^ local) ^ peer) & (buckets_.size() - 1);
}

UdpSocket* UdpTable::find(const Endpoints& endpoints) {
  for (UdpSocket* socket : buckets_[bucket_of(endpoints)]) {
    ++probes_;
    if (socket->endpoints == endpoints) {
      return socket;
    }
  }
  return nullptr;
}

void UdpTable::place(UdpSocket& socket) {
  buckets_[bucket_of(socket.endpoints)].push_back(&socket);
}

void UdpTable::displace(UdpSocket& socket) {
  std::erase(buckets_[bucket_of(socket.endpoints)], &socket);
}

void UdpTable::grow() {
  std::vector<Bucket> old(buckets_.size() * 2);
  old.swap(buckets_);
  for (const Bucket& bucket : old) {
    for (UdpSocket* socket : bucket) {
      place(*socket);
    }
  }
}

}  // namespace host::udp
