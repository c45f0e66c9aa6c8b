// SPDX-License-Identifier: Apache-2.0
// Copies of what comes in, before its protocol has it; packets out, with headers of ours or of the application's.
#include "host/ip/raw.hpp"

#include <algorithm>
#include <cstring>

#include "host/base/byte_order.hpp"
#include "host/headers/ethernet.hpp"
#include "host/ip/ip_options.hpp"
#include "host/ip/ip_output.hpp"
#include "host/ip/multicast_sock.hpp"

namespace host::ip {

using base::DropReason;
using base::Errno;
using headers::Ipv4Address;
using headers::Ipv4View;

namespace {

constexpr std::uint8_t kIcmp = 1;
constexpr unsigned kIcmpFilterTypes = 32;
constexpr std::size_t kTotalLengthAt = 2;
constexpr std::size_t kIdentifierAt = 4;
constexpr std::size_t kSourceAt = 12;

/// Linux: icmp_filter. Data at the ICMP header.
bool filtered(const RawSocket& socket, const skb::SkBuff& skb) {
  if (socket.protocol != kIcmp || skb.headlen() == 0) {
    return false;
  }
  const unsigned type = base::load_u8(skb.bytes(), 0);
  return type < kIcmpFilterTypes && (socket.icmp_filter >> type & 1) != 0;
}

}  // namespace

RawTable::RawTable(IpLayer& ip) : ip_(ip), random_(static_cast<std::minstd_rand::result_type>(ip.seed)) {
  INVARIANT(!ip.raw, "a second table of raw sockets over one IP layer");
}

RawTable::~RawTable() {
  INVARIANT(sockets_.empty(), "a raw socket outlives its table");
}

void RawTable::add(RawSocket& socket) {
  sockets_.push_back(&socket);
  if (!ip_.raw) {
    ip_.raw = [this](kernel::Cpu& cpu, const skb::SkBuff& skb, const Ipv4View& header) {
      return receive(cpu, skb, header);
    };
  }
}

void RawTable::remove(RawSocket& socket) {
  std::erase(sockets_, &socket);
  if (sockets_.empty()) {
    ip_.raw = nullptr;
  }
}

bool RawTable::receive(kernel::Cpu& cpu, const skb::SkBuff& skb, const Ipv4View& header) {
  bool any = false;
  const std::vector<RawSocket*> sockets = sockets_;  // cloning takes time, in which some may close
  for (RawSocket* socket : sockets) {
    const auto still_there = [&] { return std::ranges::find(sockets_, socket) != sockets_.end(); };
    if (!still_there() || !wants(cpu, *socket, skb, header)) {
      continue;
    }
    any = true;
    if (filtered(*socket, skb)) {
      continue;
    }
    cpu.charge(kernel::Op::skb_clone);
    if (still_there()) {
      queue(cpu, *socket, skb, header);
    }
  }
  return any;
}

/// Linux: raw_v4_match.
bool RawTable::wants(kernel::Cpu&, RawSocket& socket, const skb::SkBuff& skb, const Ipv4View& header) {
  return socket.protocol == static_cast<std::uint8_t>(header.protocol()) &&
         (socket.peer.is_any() || socket.peer == header.source()) &&
         (socket.local.is_any() || socket.local == header.destination()) &&
         (socket.bound_ifindex == 0 || socket.bound_ifindex == skb.dev->ifindex()) &&
         hears_group(socket.inet, header.destination(), skb.dev->ifindex());
}

void RawTable::queue(kernel::Cpu& cpu, RawSocket& socket, const skb::SkBuff& skb, const Ipv4View& header) {
  skb::Skb twin = skb.clone();
  if (twin == nullptr) {
    ++socket.drops;
    cpu.count_drop(DropReason::tap_no_memory, skb.id());
    return;
  }
  twin->restore(static_cast<std::uint32_t>(header.header_bytes()));
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

base::Result<void> RawTable::send(kernel::Cpu& cpu, RawSocket& socket, Ipv4Address to, headers::Bytes bytes) {
  Flow flow = flow_of(ip_, socket.inet, to, socket.local, socket.bound_ifindex);
  flow.mark = socket.mark;
  auto route = ip_route_output(ip_, cpu, flow);
  if (!route.ok()) {
    ++ip_.counters.out_no_routes;
    return route.error();
  }
  if (route->type == RouteType::broadcast && !socket.broadcast) {
    return Errno::access;
  }
  if (socket.header_included) {
    return send_with_header(cpu, socket, *route, bytes);
  }
  const FragmentPlan plan = plan_fragments(*route, socket.inet.pmtu_discovery, bytes.size());
  if (plan.refused) {
    return Errno::message_size;
  }
  cpu.charge(kernel::Op::skb_alloc);
  cpu.charge(kernel::Op::copy_per_byte, bytes.size());
  skb::Skb packet = ip_.net.pool().allocate(static_cast<std::uint32_t>(bytes.size()));
  if (packet == nullptr) {
    return Errno::no_memory;
  }
  std::ranges::copy(bytes, packet->put(static_cast<std::uint32_t>(bytes.size())).begin());
  packet->mark = socket.mark;
  socket.send.own(cpu, *packet);
  cpu.trace(kernel::JourneyStep::application_send, packet->id());
  return ip_queue_xmit(ip_, cpu, std::move(packet), *route,
                       {.protocol = headers::IpProtocol{socket.protocol},
                        .ttl = ttl_of(socket.inet, to),
                        .tos = socket.tos,
                        .priority = socket.priority,
                        .dont_fragment = plan.dont_fragment,
                        .multicast_loop = socket.inet.multicast_loop});
}

/// Linux: raw_send_hdrinc.
base::Result<void> RawTable::send_with_header(kernel::Cpu& cpu, RawSocket& socket, const OutputRoute& route,
                                              headers::Bytes packet) {
  if (packet.size() > route.mtu) {
    return Errno::message_size;
  }
  const std::size_t header_bytes = packet.empty() ? 0 : (base::load_u8(packet, 0) & 0xfU) * 4U;
  if (header_bytes < headers::kIpv4HeaderBytes || header_bytes > packet.size()) {
    return Errno::invalid;
  }
  cpu.charge(kernel::Op::skb_alloc);
  cpu.charge(kernel::Op::copy_per_byte, packet.size());
  skb::Skb skb = ip_.net.pool().allocate(static_cast<std::uint32_t>(packet.size()));
  if (skb == nullptr) {
    return Errno::no_memory;
  }
  const auto out = skb->put(static_cast<std::uint32_t>(packet.size()));
  std::ranges::copy(packet, out.begin());
  base::store_be16(out, kTotalLengthAt, static_cast<std::uint16_t>(packet.size()));
  if (base::load_be32(out, kSourceAt) == 0) {
    base::store_be32(out, kSourceAt, route.source.value);
  }
  if (base::load_be16(out, kIdentifierAt) == 0) {
    base::store_be16(out, kIdentifierAt, ip_.next_id++);
  }
  ip_send_check(out.first(header_bytes));
  skb->reset_network_header();
  skb->protocol = static_cast<std::uint16_t>(headers::EtherType::ipv4);
  skb->dev = route.device;
  skb->priority = socket.priority;
  skb->mark = socket.mark;
  socket.send.own(cpu, *skb);
  cpu.charge(kernel::Op::ip_output);
  cpu.trace(kernel::JourneyStep::application_send, skb->id());
  ++ip_.counters.out_requests;
  return ip_local_out(ip_, cpu, std::move(skb), route);
}

}  // namespace host::ip
