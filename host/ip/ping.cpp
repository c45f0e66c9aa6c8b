// SPDX-License-Identifier: Apache-2.0
// Ping sockets: ICMP echo without privileges (Linux: net/ipv4/ping.c).
#include "host/ip/ping.hpp"

#include <algorithm>

#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_output.hpp"
#include "host/ip/multicast_sock.hpp"

namespace host::ip {

using base::DropReason;
using base::Errno;
using headers::Bytes;
using headers::IcmpFields;
using headers::IcmpType;
using headers::IcmpView;
using headers::Ipv4Address;
using headers::Ipv4View;

namespace {}  // namespace

PingTable::PingTable(IpLayer& ip) : ip_(ip) {
  ip_.echo_reply = [this](kernel::Cpu& cpu, skb::Skb packet, const Ipv4View& header) {
    receive(cpu, std::move(packet), header);
  };
  ip_.echo_error = [this](kernel::Cpu& cpu, const IcmpError& error) { hear_error(error, cpu); };
}

PingTable::~PingTable() {
  ip_.echo_reply = nullptr;
  ip_.echo_error = nullptr;
}

base::Result<void> PingTable::bind(PingSocket& socket, Ipv4Address local, std::uint16_t id) {
  if (socket.id != 0) {
    return Errno::invalid;
  }
  if (!local.is_any() && !ip_.addresses.is_local(local)) {
    return Errno::address_not_available;
  }
  if (id == 0) {
    if (by_id_.size() >= UINT16_MAX) {
      return Errno::address_not_available;
    }
    do {
      ++last_id_;
    } while (last_id_ == 0 || by_id_.contains(last_id_));
    id = last_id_;
  }
  if (!by_id_.emplace(id, &socket).second) {
    return Errno::address_in_use;
  }
  socket.id = id;
  socket.local = local;
  return {};
}

void PingTable::unbind(PingSocket& socket) {
  by_id_.erase(socket.id);
  socket.id = 0;
}

base::Result<void> PingTable::send(kernel::Cpu& cpu, PingSocket& socket, Ipv4Address to, Bytes message) {
  const auto written = IcmpView::parse(message);
  if (!written || written->type() != IcmpType::echo_request || written->fields().code != 0) {
    return Errno::invalid;
  }
  IcmpFields fields = written->fields();
  fields.id = socket.id;
  auto route = ip_route_output(ip_, cpu, flow_of(ip_, socket.inet, to, socket.local, 0));
  if (!route.ok()) {
    ++ip_.counters.out_no_routes;
    return route.error();
  }
  const FragmentPlan plan = plan_fragments(*route, socket.inet.pmtu_discovery, message.size());
  if (plan.refused) {
    return Errno::message_size;
  }
  cpu.charge(kernel::Op::icmp_send);
  cpu.charge(kernel::Op::copy_per_byte, message.size());
  cpu.charge(kernel::Op::checksum_per_byte, message.size());
  skb::Skb packet = ip_.net.pool().allocate(static_cast<std::uint32_t>(message.size()));
  if (packet == nullptr) {
    return Errno::no_memory;
  }
  cpu.trace(kernel::JourneyStep::application_send, packet->id());
  const auto out = packet->put(static_cast<std::uint32_t>(message.size()));
  std::copy(message.begin(), message.end(), out.begin());
  headers::write_icmp(out, fields);
  return icmp_push(ip_, cpu, std::move(packet), *route,
                   {.protocol = headers::IpProtocol::icmp,
                    .ttl = ttl_of(socket.inet, to),
                    .dont_fragment = plan.dont_fragment,
                    .multicast_loop = socket.inet.multicast_loop});
}

void PingTable::receive(kernel::Cpu& cpu, skb::Skb skb, const Ipv4View& header) {
  cpu.charge(kernel::Op::socket_lookup);
  cpu.charge(kernel::Op::socket_queue);
  cpu.trace(kernel::JourneyStep::socket_lookup, skb->id());
  const auto message = IcmpView::parse(skb->bytes());
  const auto found = message ? by_id_.find(message->fields().id) : by_id_.end();
  const bool wanted = found != by_id_.end() &&
                      (found->second->local.is_any() || found->second->local == header.destination()) &&
                      (found->second->peer.is_any() || found->second->peer == header.source());
  if (!wanted) {
    drop(cpu, std::move(skb), DropReason::icmp_unhandled);
    return;
  }
  if (!found->second->queue.enqueue(cpu, skb)) {
    drop(cpu, std::move(skb), DropReason::socket_receive_buffer_full);
  }
}

/// A socket hears of every error about its requests that nothing but patience can cure.
void PingTable::hear_error(const IcmpError& error, kernel::Cpu& cpu) {
  const auto request = IcmpView::parse(error.transport);
  if (!request || request->type() != IcmpType::echo_request) {
    return;
  }
  const auto found = by_id_.find(request->fields().id);
  if (found == by_id_.end()) {
    return;
  }
  PingSocket& socket = *found->second;
  const bool about_size = error.error == Errno::message_size;
  if (about_size && socket.inet.pmtu_discovery == PmtuDiscovery::dont) {
    return;
  }
  if (socket.inet.receive_errors) {
    static_cast<void>(socket.queue.queue_error(cpu, {.error = error.error,
                                                     .origin = ErrorOrigin::icmp,
                                                     .type = error.type,
                                                     .code = error.code,
                                                     .info = about_size ? error.mtu() : 0,
                                                     .offender = error.reporter,
                                                     .destination = error.destination,
                                                     .payload = {error.transport.begin(), error.transport.end()}}));
  }
  socket.queue.report_error(cpu, error.error);
}

}  // namespace host::ip
