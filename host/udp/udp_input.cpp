// SPDX-License-Identifier: Apache-2.0
// A datagram finds its socket (Linux: udp_rcv, udp_queue_rcv_skb, udp_err).
#include "host/udp/udp_input.hpp"

#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/device/net_device.hpp"
#include "host/headers/udp.hpp"
#include "host/ip/icmp_send.hpp"
#include "host/ip/multicast_sock.hpp"
#include "host/ip/path_mtu.hpp"
#include "host/udp/udp_offload.hpp"

namespace host::udp {

using base::DropReason;
using headers::Ipv4View;
using headers::UdpFields;
using headers::UdpView;

namespace {

constexpr std::size_t kIpv4SourceOffset = 12;

/// Nothing when the datagram is fine; its errors are counted here.
std::optional<DropReason> check(UdpLayer& udp, kernel::Cpu& cpu, const skb::SkBuff& skb, const Ipv4View& header,
                                const std::optional<UdpView>& datagram) {
  if (!datagram) {
    ++udp.counters.in_errors;
    return skb.len() < headers::kUdpHeaderBytes ? DropReason::udp_too_short : DropReason::udp_bad_length;
  }
  // partial: from a sender on this machine, or merged by the device; the bytes never were at risk.
  const bool trusted = skb.ip_summed == skb::IpSummed::unnecessary || skb.ip_summed == skb::IpSummed::partial ||
                       !datagram->has_checksum();
  if (trusted) {
    return std::nullopt;
  }
  cpu.charge(kernel::Op::checksum_per_byte, skb.len());
  if (datagram->checksum_ok(header.source(), header.destination())) {
    return std::nullopt;
  }
  ++udp.counters.in_csum_errors;
  ++udp.counters.in_errors;
  return DropReason::udp_bad_checksum;
}

/// Takes the packet and counts why.
void refuse(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, skb::Skb skb, DropReason reason) {
  ++udp.counters.in_errors;
  ++socket.drops;
  drop(cpu, std::move(skb), reason);
}

void queue_one(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, skb::Skb skb);

/// Who is connected has one flow, and knows where it comes from; others keep the first NAPI that they heard of (Linux:
/// sock_rps_save_rxhash, sk_mark_napi_id, sk_mark_napi_id_once).
void mark_flow(UdpSocket& socket, const skb::SkBuff& skb) {
  if (socket.is_connected() && skb.hash_valid) {
    socket.rxhash = skb.hash;
  }
  if (skb.napi_id != 0 && (socket.is_connected() || socket.napi_id == 0)) {
    socket.napi_id = skb.napi_id;
  }
}

/// Linux: udp_queue_rcv_skb. Who did not ask for merged datagrams gets them one by one.
void queue(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, skb::Skb skb) {
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
void queue_one(UdpLayer& udp, kernel::Cpu& cpu, UdpSocket& socket, skb::Skb skb) {
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
  mark_flow(socket, *skb);
  if (!socket.queue.enqueue(cpu, skb)) {
    ++udp.counters.rcvbuf_errors;
    refuse(udp, cpu, socket, std::move(skb), DropReason::socket_receive_buffer_full);
  }
}

bool hears(const UdpSocket& socket, const Endpoints& datagram, unsigned ifindex) {
  const Endpoints& name = socket.endpoints;
  const bool address = name.local.is_any() || name.local == datagram.local;
  const bool peer = !socket.is_connected() || (name.peer == datagram.peer && name.peer_port == datagram.peer_port);
  const bool device = socket.bound_ifindex == 0 || socket.bound_ifindex == ifindex;
  return address && peer && device && hears_group(socket.inet, datagram.local, ifindex);
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
        ++udp.counters.in_errors;
        cpu.count_drop(DropReason::socket_no_memory, skb->id());
      }
    }
    last = socket;
  }
  if (last == nullptr) {
    ++udp.counters.ignored_multi;
    drop(cpu, std::move(skb), DropReason::udp_no_port);
    return;
  }
  queue(udp, cpu, *last, std::move(skb));
}

}  // namespace

void udp_rcv(UdpLayer& udp, kernel::Cpu& cpu, skb::Skb skb, const Ipv4View& header) {
  cpu.charge(kernel::Op::udp_rcv);
  cpu.charge(kernel::Op::socket_lookup);
  cpu.charge(kernel::Op::socket_queue);
  cpu.trace(kernel::JourneyStep::udp_rcv, skb->id());
  const auto datagram = UdpView::parse(skb->bytes());
  if (const auto reason = check(udp, cpu, *skb, header, datagram)) {
    drop(cpu, std::move(skb), *reason);
    return;
  }
  const UdpFields fields = datagram->fields();
  const Endpoints name{.local = header.destination(),
                       .local_port = fields.destination_port,
                       .peer = header.source(),
                       .peer_port = fields.source_port};
  skb->trim(fields.length);
  skb->reset_transport_header();
  cpu.trace(kernel::JourneyStep::socket_lookup, skb->id());

  if (name.local.is_multicast() || udp.ip.routes.address_type(name.local) == ip::RouteType::broadcast) {
    deliver_to_all(udp, cpu, std::move(skb), name);
    return;
  }
  const device::BpfContext packet{*skb, cpu.id(), &udp.random};
  UdpSocket* socket = udp.table.lookup(name, {skb->dev->ifindex(), &packet});
  if (socket == nullptr) {
    ++udp.counters.no_ports;
    icmp_send(udp.ip, cpu, *skb, ip::unreachable(headers::Unreachable::port));
    drop(cpu, std::move(skb), DropReason::udp_no_port);
    return;
  }
  queue(udp, cpu, *socket, std::move(skb));
}

void udp_err(UdpLayer& udp, kernel::Cpu& cpu, const ip::IcmpError& error) {
  const Endpoints name{.local = error.source,
                       .local_port = base::load_be16(error.transport, 0),
                       .peer = error.destination,
                       .peer_port = base::load_be16(error.transport, 2)};
  UdpSocket* socket = udp.table.lookup(name);
  if (socket == nullptr) {
    return;
  }
  if (error.is_redirect) {
    accept_redirect(udp.ip, cpu, error);
    return;
  }
  bool fatal = error.fatal;
  if (error.error == base::Errno::message_size) {
    update_path_mtu(udp.ip, cpu, error);
    fatal = socket->inet.pmtu_discovery != ip::PmtuDiscovery::dont;
  }
  if (!socket->is_connected() || !fatal) {
    return;
  }
  socket->queue.report_error(cpu, error.error);
}

Sender udp_sender(const skb::SkBuff& skb) {
  return {.address = {base::load_be32(skb.network_header(), kIpv4SourceOffset)},
          .port = base::load_be16(skb.transport_header(), 0)};
}

}  // namespace host::udp
