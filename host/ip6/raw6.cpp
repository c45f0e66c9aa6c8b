// SPDX-License-Identifier: Apache-2.0
// Copies of what comes in, behind its headers; packets out, behind a header of ours.
#include "host/ip6/raw6.hpp"

#include <algorithm>
#include <cstring>

#include "host/base/byte_order.hpp"
#include "host/ip6/ip6_output.hpp"
#include "host/ip6/multicast_sock6.hpp"
#include "host/skb/skb_runs.hpp"

namespace host::ip6 {

using base::DropReason;
using base::Errno;
using headers::Ipv6Address;
using headers::Ipv6View;
using headers::NextHeader;

namespace {

constexpr std::uint16_t kIcmp6ChecksumAt = 2;

std::uint16_t checksum_of(const skb::SkBuff& skb, const Ipv6Address& source, const Ipv6Address& destination,
                          std::uint8_t protocol) {
  auto sum = headers::pseudo_header(source, destination, NextHeader{protocol}, skb.len());
  skb::add_sum(sum, skb, 0, skb.len());
  return sum.checksum();
}

/// Linux: rawv6_rcv's checksum, icmpv6_filter. Data behind all headers.
bool refused(const Raw6Socket& socket, const skb::SkBuff& skb, const Ipv6View& header) {
  if (socket.checksum_at && checksum_of(skb, header.source(), header.destination(), socket.protocol) != 0) {
    return true;
  }
  const bool icmp = NextHeader{socket.protocol} == NextHeader::icmp6;
  return icmp && skb.headlen() > 0 && socket.icmp_filter.test(base::load_u8(skb.bytes(), 0));
}

/// Linux: raw_v6_match.
bool wants(const Raw6Socket& socket, const skb::SkBuff& skb, const Ipv6View& header, NextHeader protocol) {
  const Ipv6Address destination = header.destination();
  return NextHeader{socket.protocol} == protocol && (socket.peer.is_unspecified() || socket.peer == header.source()) &&
         (socket.local.is_unspecified() || socket.local == destination) &&
         (socket.bound_ifindex == 0 || socket.bound_ifindex == skb.dev->ifindex()) &&
         hears_group(socket.inet6, destination);
}

}  // namespace

Raw6Socket::Raw6Socket(std::uint8_t its_protocol, std::int64_t receive_limit, std::int64_t send_limit)
    : Sock(receive_limit, send_limit), protocol(its_protocol) {
  if (NextHeader{protocol} == NextHeader::icmp6) {
    checksum_at = kIcmp6ChecksumAt;
  }
}

Raw6Table::Raw6Table(Ip6Layer& ip6) : ip6_(ip6), random_(static_cast<std::minstd_rand::result_type>(ip6.ipv4.seed)) {
  INVARIANT(!ip6.raw, "a second table of raw sockets over one IPv6 layer");
}

Raw6Table::~Raw6Table() {
  INVARIANT(sockets_.empty(), "a raw socket outlives its table");
}

void Raw6Table::add(Raw6Socket& socket) {
  sockets_.push_back(&socket);
  if (!ip6_.raw) {
    ip6_.raw = [this](kernel::Cpu& cpu, const skb::SkBuff& skb, const Ipv6View& header, NextHeader protocol) {
      return receive(cpu, skb, header, protocol);
    };
  }
}

void Raw6Table::remove(Raw6Socket& socket) {
  std::erase(sockets_, &socket);
  if (sockets_.empty()) {
    ip6_.raw = nullptr;
  }
}

bool Raw6Table::receive(kernel::Cpu& cpu, const skb::SkBuff& skb, const Ipv6View& header, NextHeader protocol) {
  bool any = false;
  const std::vector<Raw6Socket*> sockets = sockets_;  // cloning takes time, in which some may close
  for (Raw6Socket* socket : sockets) {
    const auto still_there = [&] { return std::ranges::find(sockets_, socket) != sockets_.end(); };
    if (!still_there() || !wants(*socket, skb, header, protocol)) {
      continue;
    }
    any = true;
    if (refused(*socket, skb, header)) {
      continue;
    }
    cpu.charge(kernel::Op::skb_clone);
    if (still_there()) {
      queue(cpu, *socket, skb);
    }
  }
  return any;
}

void Raw6Table::queue(kernel::Cpu& cpu, Raw6Socket& socket, const skb::SkBuff& skb) {
  skb::Skb twin = skb.clone();
  if (twin == nullptr) {
    ++socket.drops;
    cpu.count_drop(DropReason::tap_no_memory, skb.id());
    return;
  }
  const unsigned ifindex = skb.dev->ifindex();
  std::memcpy(twin->control.data(), &ifindex, sizeof(ifindex));
  if (socket.filter) {
    const std::uint32_t wanted = socket.filter->run({*twin, cpu.id(), &random_});
    if (wanted == 0) {
      ++socket.drops;
      return;
    }
    twin->trim(wanted);
  }
  if (!socket.queue.enqueue(cpu, twin)) {
    ++socket.drops;
    cpu.count_drop(DropReason::tap_buffer_full, twin->id());
  }
}

base::Result<OutputRoute6> Raw6Table::route(kernel::Cpu& cpu, const Raw6Socket& socket, const Ipv6Address& to,
                                            unsigned scope) {
  const unsigned by_option = to.is_multicast() ? socket.inet6.multicast_ifindex : 0;
  const unsigned bound = socket.bound_ifindex != 0 ? socket.bound_ifindex : by_option;
  const unsigned ifindex = scope != 0 ? scope : bound;
  device::NetDevice* device = ip6_.net.device_by_index(ifindex);
  if (ifindex != 0 && device == nullptr) {
    return Errno::no_device;
  }
  return ip6_route_output(ip6_, cpu, {.destination = to, .source = socket.local, .device = device});
}

base::Result<void> Raw6Table::send(kernel::Cpu& cpu, Raw6Socket& socket, const Ipv6Address& to, unsigned scope,
                                   headers::Bytes bytes) {
  const auto way = route(cpu, socket, to, scope);
  if (!way.ok()) {
    ++ip6_.counters.out_no_routes;
    return way.error();
  }
  const bool whole = !ip::may_fragment(socket.inet6.pmtu_discovery);
  if (bytes.size() > UINT16_MAX || (whole && bytes.size() > transport_room6(*way))) {
    return Errno::message_size;
  }
  const auto checksum_at = socket.checksum_at;
  if (checksum_at && *checksum_at + sizeof(std::uint16_t) > bytes.size()) {
    return Errno::invalid;
  }
  cpu.charge(kernel::Op::skb_alloc);
  cpu.charge(kernel::Op::copy_per_byte, bytes.size());
  skb::Skb packet = ip6_.net.pool().allocate(static_cast<std::uint32_t>(bytes.size()));
  if (packet == nullptr) {
    return Errno::no_memory;
  }
  const auto out = packet->put(static_cast<std::uint32_t>(bytes.size()));
  std::ranges::copy(bytes, out.begin());
  if (checksum_at) {
    cpu.charge(kernel::Op::checksum_per_byte, bytes.size());
    base::store_be16(out, *checksum_at, 0);
    base::store_be16(out, *checksum_at, checksum_of(*packet, way->source, way->destination, socket.protocol));
  }
  packet->mark = socket.mark;
  packet->priority = socket.priority;
  socket.send.own(cpu, *packet);
  cpu.trace(kernel::JourneyStep::application_send, packet->id());
  const auto hops = to.is_multicast() ? socket.inet6.multicast_hops : socket.inet6.unicast_hops.value_or(0);
  return ip6_xmit(ip6_, cpu, std::move(packet), *way,
                  {.protocol = NextHeader{socket.protocol},
                   .hop_limit = hops,
                   .traffic_class = socket.inet6.traffic_class,
                   .multicast_loop = socket.inet6.multicast_loop});
}

}  // namespace host::ip6
