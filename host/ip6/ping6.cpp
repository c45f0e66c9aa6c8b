// SPDX-License-Identifier: Apache-2.0
// Echo requests of applications, and the replies to them.
#include "host/ip6/ping6.hpp"

#include <algorithm>

#include "host/headers/icmp6.hpp"
#include "host/ip6/icmp6_send.hpp"
#include "host/ip6/ip6_output.hpp"

namespace host::ip6 {

using base::DropReason;
using base::Errno;
using headers::Bytes;
using headers::Icmp6Fields;
using headers::Icmp6Type;
using headers::Icmp6View;
using headers::Ipv6Address;
using headers::Ipv6View;

namespace {

constexpr unsigned kIdShift = 16;  // of the word behind the checksum: identifier, then sequence
constexpr std::uint32_t kSequence = 0xffff;

std::uint16_t id_of(const Icmp6View& message) {
  return static_cast<std::uint16_t>(message.word() >> kIdShift);
}

bool is_ours(const Ip6Layer& ip6, const Ipv6Address& address) {
  return std::ranges::any_of(ip6.addresses.all(), [&](const InterfaceAddress6& each) {
    return each.usable() && each.prefix.address == address;
  });
}

}  // namespace

Ping6Table::Ping6Table(Ip6Layer& ip6) : ip6_(ip6) {
  ip6_.echo_reply = [this](kernel::Cpu& cpu, skb::Skb packet, const Ipv6View& header) {
    receive(cpu, std::move(packet), header);
  };
  ip6_.echo_error = [this](kernel::Cpu& cpu, const Icmp6Error& error) { hear_error(cpu, error); };
}

Ping6Table::~Ping6Table() {
  ip6_.echo_reply = nullptr;
  ip6_.echo_error = nullptr;
}

base::Result<void> Ping6Table::bind(Ping6Socket& socket, const Ipv6Address& local, std::uint16_t id) {
  if (socket.id != 0) {
    return Errno::invalid;
  }
  if (!local.is_unspecified() && !is_ours(ip6_, local)) {
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

void Ping6Table::unbind(Ping6Socket& socket) {
  by_id_.erase(socket.id);
  socket.id = 0;
}

base::Result<OutputRoute6> Ping6Table::route(kernel::Cpu& cpu, const Ping6Socket& socket, const Ipv6Address& to,
                                             unsigned scope) {
  const unsigned of_groups = to.is_multicast() ? socket.inet6.multicast_ifindex : 0;
  const unsigned ifindex = scope != 0 ? scope : of_groups;
  device::NetDevice* device = ip6_.net.device_by_index(ifindex);
  if (device == nullptr && ifindex != 0) {
    return Errno::no_device;
  }
  return ip6_route_output(ip6_, cpu, {.destination = to, .source = socket.local, .device = device});
}

base::Result<void> Ping6Table::send(kernel::Cpu& cpu, Ping6Socket& socket, const Ipv6Address& to, unsigned scope,
                                    Bytes message) {
  const auto written = Icmp6View::parse(message);
  if (!written || written->type() != Icmp6Type::echo_request || written->code() != 0) {
    return Errno::invalid;
  }
  if (message.size() > UINT16_MAX) {
    return Errno::message_size;
  }
  const auto way = route(cpu, socket, to, scope);
  if (!way.ok()) {
    ++ip6_.counters.out_no_routes;
    return way.error();
  }
  cpu.charge(kernel::Op::icmp_send);
  cpu.charge(kernel::Op::copy_per_byte, message.size());
  skb::Skb packet = ip6_.net.pool().allocate(static_cast<std::uint32_t>(message.size()));
  if (packet == nullptr) {
    return Errno::no_memory;
  }
  cpu.trace(kernel::JourneyStep::application_send, packet->id());
  std::ranges::copy(message, packet->put(static_cast<std::uint32_t>(message.size())).begin());
  Icmp6Fields fields = written->fields();
  fields.word = static_cast<std::uint32_t>(socket.id) << kIdShift | (fields.word & kSequence);
  const auto hops = to.is_multicast() ? socket.inet6.multicast_hops : socket.inet6.unicast_hops.value_or(0);
  return icmp6_push(ip6_, cpu, std::move(packet), fields, *way, hops);
}

void Ping6Table::receive(kernel::Cpu& cpu, skb::Skb skb, const Ipv6View& header) {
  cpu.charge(kernel::Op::socket_lookup);
  cpu.charge(kernel::Op::socket_queue);
  cpu.trace(kernel::JourneyStep::socket_lookup, skb->id());
  const auto message = Icmp6View::parse(skb->bytes());
  const auto found = message ? by_id_.find(id_of(*message)) : by_id_.end();
  const bool wanted = found != by_id_.end() &&
                      (found->second->local.is_unspecified() || found->second->local == header.destination()) &&
                      (found->second->peer.is_unspecified() || found->second->peer == header.source());
  if (!wanted) {
    drop(cpu, std::move(skb), DropReason::icmp_unhandled);
    return;
  }
  if (!found->second->queue.enqueue(cpu, skb)) {
    drop(cpu, std::move(skb), DropReason::socket_receive_buffer_full);
  }
}

/// As over IPv4: a socket hears of every error about its requests.
void Ping6Table::hear_error(kernel::Cpu& cpu, const Icmp6Error& error) {
  const auto request = Icmp6View::parse(error.transport);
  if (!request || request->type() != Icmp6Type::echo_request) {
    return;
  }
  const auto found = by_id_.find(id_of(*request));
  if (found == by_id_.end()) {
    return;
  }
  Ping6Socket& socket = *found->second;
  if (socket.inet6.receive_errors) {
    static_cast<void>(socket.queue.queue_error(cpu, {.error = error.error,
                                                     .origin = ip::ErrorOrigin::icmp6,
                                                     .type = error.type,
                                                     .code = error.code,
                                                     .info = error.error == Errno::message_size ? error.info : 0,
                                                     .offender = error.reporter,
                                                     .destination = error.destination,
                                                     .payload = {error.transport.begin(), error.transport.end()}}));
  }
  socket.queue.report_error(cpu, error.error);
}

}  // namespace host::ip6
