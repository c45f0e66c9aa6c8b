// SPDX-License-Identifier: Apache-2.0
// Datagrams that come, of both families, and errors about those that went.
#include "host/udp/udp_input.hpp"

#include <algorithm>
#include <cstring>

#include "host/base/byte_order.hpp"
#include "host/device/net_device.hpp"
#include "host/headers/udp.hpp"
#include "host/ip/icmp_send.hpp"
#include "host/ip/multicast_sock.hpp"
#include "host/ip6/icmp6_send.hpp"
#include "host/ip6/multicast_sock6.hpp"
#include "host/skb/skb_runs.hpp"
#include "host/udp/udp_offload.hpp"

namespace host::udp {

using base::DropReason;
using headers::UdpFields;
using headers::UdpView;

namespace {

constexpr std::size_t kIpv4SourceOffset = 12;
constexpr std::size_t kIpv6SourceOffset = 8;
constexpr std::uint8_t kVersion6 = 6;

UdpCounters& counters_of(UdpLayer& udp, const skb::SkBuff& skb) {
  return udp.counters_of(udp_family(skb));
}

/// What stands in a queued datagram's control block: the device that it came by, which may be gone when it is read, and
/// what its socket had lost until then (Linux: sock_skb_set_dropcount).
void note(skb::SkBuff& skb, const UdpSocket& socket) {
  const QueueNote words{skb.dev->ifindex(), static_cast<std::uint32_t>(socket.drops)};
  std::memcpy(skb.control.data(), &words, sizeof(words));
}

/// Linux: udp_lib_checksum_complete.
bool checksum_ok(const skb::SkBuff& skb, const Endpoints& name, const UdpView& datagram) {
  if (!datagram.has_checksum()) {
    return false;
  }
  const std::uint16_t length = datagram.fields().length;
  auto sum = headers::udp_pseudo_header(name.peer, name.local, length);
  skb::add_sum(sum, skb, 0, length);
  return sum.checksum() == 0;
}

/// Nothing when the datagram is fine; its errors are counted here.
std::optional<DropReason> check(UdpCounters& counters, kernel::Cpu& cpu, const skb::SkBuff& skb, const Endpoints& name,
                                const std::optional<UdpView>& datagram) {
  if (!datagram) {
    ++counters.in_errors;
    return skb.len() < headers::kUdpHeaderBytes ? DropReason::udp_too_short : DropReason::udp_bad_length;
  }
  // partial: from a sender on this machine, or merged by the device; the bytes never were at risk.
  const bool computed = skb.ip_summed == skb::IpSummed::unnecessary || skb.ip_summed == skb::IpSummed::partial;
  if (datagram->has_checksum() ? computed : name.local.is_ipv4()) {
    return std::nullopt;
  }
  if (datagram->has_checksum()) {
    cpu.charge(kernel::Op::checksum_per_byte, skb.len());
  }
  if (checksum_ok(skb, name, *datagram)) {
    return std::nullopt;
  }
  ++counters.in_csum_errors;
  ++counters.in_errors;
  return DropReason::udp_bad_checksum;
}

/// Takes the packet and counts why.
void refuse(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, skb::Skb skb, DropReason reason) {
  ++counters_of(udp, *skb).in_errors;
  ++socket.drops;
  drop(cpu, std::move(skb), reason);
}

void queue_one(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, skb::Skb&& skb);

/// Who is connected has one flow, and knows where it comes from; others keep the first NAPI that they heard of (Linux:
/// sock_rps_save_rxhash, sk_mark_napi_id, sk_mark_napi_id_once, sk_incoming_cpu_update).
void mark_flow(const kernel::Cpu& cpu, UdpSocket& socket, const skb::SkBuff& skb) {
  if (socket.is_connected()) {
    socket.rxhash = skb.hash_valid ? skb.hash : socket.rxhash;
    socket.incoming_cpu = static_cast<int>(cpu.id());
  }
  if (skb.napi_id != 0 && (socket.is_connected() || socket.napi_id == 0)) {
    socket.napi_id = skb.napi_id;
  }
}

/// Linux: udp_queue_rcv_skb. Who did not ask for merged datagrams gets them one by one.
void queue(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, skb::Skb&& skb) {
  if (!skb->is_gso() || socket.gro) {
    queue_one(udp, cpu, socket, std::move(skb));
    return;
  }
  cpu.charge(kernel::Op::copy_per_byte, skb->len());
  auto datagrams = udp_rcv_segment(*skb);
  if (!datagrams.ok()) {
    refuse(udp, cpu, socket, std::move(skb), DropReason::socket_no_memory);
    return;
  }
  skb.reset();
  for (skb::Skb& datagram : *datagrams) {
    queue_one(udp, cpu, socket, std::move(datagram));
  }
}

/// Linux: udp_queue_rcv_one_skb. Data at the UDP header, where a socket's filter begins to read.
void queue_one(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, skb::Skb&& skb) {
  if (socket.filter) {
    cpu.charge(kernel::Op::socket_filter);
    const std::uint32_t wanted = socket.filter->run({*skb, cpu.id(), &udp.random});
    if (wanted == 0) {
      refuse(udp, cpu, socket, std::move(skb), DropReason::socket_filter);
      return;
    }
    skb->trim(std::max<std::uint32_t>(wanted, headers::kUdpHeaderBytes));
  }
  skb->pull(headers::kUdpHeaderBytes);
  mark_flow(cpu, socket, *skb);
  note(*skb, socket);
  if (!socket.queue.enqueue(cpu, skb)) {
    ++counters_of(udp, *skb).rcvbuf_errors;
    refuse(udp, cpu, socket, std::move(skb), DropReason::socket_receive_buffer_full);
  }
}

bool hears(const UdpSocket& socket, const Endpoints& datagram, unsigned ifindex) {
  const Endpoints& name = socket.endpoints;
  const AddressFamily family = datagram.local.family();
  const bool address = name.local.is_any() ? socket.hears(family) : name.local == datagram.local;
  const bool peer = !socket.is_connected() || (name.peer == datagram.peer && name.peer_port == datagram.peer_port);
  const bool device = socket.bound_ifindex == 0 || socket.bound_ifindex == ifindex;
  const bool group = family == AddressFamily::inet ? hears_group(socket.inet, datagram.local.ipv4(), ifindex)
                                                   : hears_group(socket.inet6, datagram.local.value);
  return address && peer && device && group;
}

/// Linux: __udp4_lib_mcast_deliver. Every socket of the port gets the datagram, the last one the packet itself.
void deliver_to_all(UdpLayer& udp, kernel::Cpu& cpu, skb::Skb skb, const Endpoints& datagram) {
  UdpSocket* last = nullptr;
  const std::vector<UdpSocket*> sockets = udp.table.sockets_of_port(datagram.local_port);
  for (UdpSocket* socket : sockets) {
    if (!hears(*socket, datagram, skb->dev->ifindex())) {
      continue;
    }
    if (last != nullptr) {
      if (skb::Skb twin = skb->clone()) {
        queue(udp, cpu, *last, std::move(twin));
      } else {
        ++counters_of(udp, *skb).in_errors;
        cpu.count_drop(DropReason::socket_no_memory, skb->id());
      }
    }
    last = socket;
  }
  if (last == nullptr) {
    ++counters_of(udp, *skb).ignored_multi;
    drop(cpu, std::move(skb), DropReason::udp_no_port);
    return;
  }
  queue(udp, cpu, *last, std::move(skb));
}

/// More than one socket may be meant.
bool is_for_many(UdpLayer& udp, const IpAddress& destination) {
  return destination.is_multicast() ||
         (destination.is_ipv4() && udp.ip.routes.address_type(destination.ipv4()) == ip::RouteType::broadcast);
}

void answer_closed_port(UdpLayer& udp, kernel::Cpu& cpu, const skb::SkBuff& skb) {
  if (udp_family(skb) == AddressFamily::inet) {
    icmp_send(udp.ip, cpu, skb, ip::unreachable(headers::Unreachable::port));
    return;
  }
  icmp6_send(udp.ip6, cpu, skb,
             {.type = headers::Icmp6Type::destination_unreachable,
              .code = static_cast<std::uint8_t>(headers::Unreachable6::port),
              .word = 0});
}

}  // namespace

void udp_rcv(UdpLayer& udp, kernel::Cpu& cpu, skb::Skb&& skb, Endpoints& name) {
  cpu.charge(kernel::Op::udp_rcv);
  cpu.charge(kernel::Op::socket_lookup);
  cpu.charge(kernel::Op::socket_queue);
  cpu.trace(kernel::JourneyStep::udp_rcv, skb->id());
  UdpCounters& counters = udp.counters_of(name.local.family());
  const auto datagram = UdpView::parse(skb->bytes(), skb->len());
  if (const auto reason = check(counters, cpu, *skb, name, datagram)) {
    drop(cpu, std::move(skb), *reason);
    return;
  }
  const UdpFields fields = datagram->fields();
  name.local_port = fields.destination_port;
  name.peer_port = fields.source_port;
  skb->trim(fields.length);
  skb->reset_transport_header();
  cpu.trace(kernel::JourneyStep::socket_lookup, skb->id());

  if (is_for_many(udp, name.local)) {
    deliver_to_all(udp, cpu, std::move(skb), name);
    return;
  }
  const device::BpfContext packet{*skb, cpu.id(), &udp.random};
  UdpSocket* socket = udp.table.lookup(name, {skb->dev->ifindex(), &packet, static_cast<int>(cpu.id())});
  if (socket == nullptr) {
    ++counters.no_ports;
    answer_closed_port(udp, cpu, *skb);
    drop(cpu, std::move(skb), DropReason::udp_no_port);
    return;
  }
  queue(udp, cpu, *socket, std::move(skb));
}

AddressFamily udp_family(const skb::SkBuff& skb) {
  return base::load_u8(skb.network_header(), 0) >> 4 == kVersion6 ? AddressFamily::inet6 : AddressFamily::inet;
}

QueueNote udp_note(const skb::SkBuff& skb) {
  QueueNote words;
  std::memcpy(&words, skb.control.data(), sizeof(words));
  return words;
}

void udp_sender(const skb::SkBuff& skb, IpAddress& address, std::uint16_t& port, unsigned& scope) {
  const headers::Bytes network = skb.network_header();
  port = base::load_be16(skb.transport_header(), 0);
  scope = 0;
  if (base::load_u8(network, 0) >> 4 != kVersion6) {
    address = headers::Ipv4Address{base::load_be32(network, kIpv4SourceOffset)};
    return;
  }
  address = headers::Ipv6Address::load(network, kIpv6SourceOffset);
  if (address.value.is_link_local()) {
    scope = udp_note(skb).ifindex;
  }
}

}  // namespace host::udp
