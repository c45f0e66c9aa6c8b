// SPDX-License-Identifier: Apache-2.0
// Neighbour discovery: who has an address on the link, and which routers are there (Linux: net/ipv6/ndisc.c; RFC 4861).
#include "host/ip6/ndisc.hpp"

#include "host/headers/ndisc.hpp"
#include "host/ip6/addrconf.hpp"
#include "host/ip6/icmp6_send.hpp"
#include "host/ip6/ip6_output.hpp"
#include "host/ip6/redirect6.hpp"

namespace host::ip6 {

using base::DropReason;
using base::MacAddress;
using headers::Icmp6Fields;
using headers::Icmp6Type;
using headers::Icmp6View;
using headers::Ipv6Address;
using headers::Ipv6View;
using headers::NdOption;
using headers::NeighborMessage;

namespace {

constexpr std::uint32_t kOptionBytes = 8;

/// Which way a message of neighbour discovery goes: on this link, to this station if it is known.
struct Way {
  device::NetDevice& device;
  Ipv6Address source;
  Ipv6Address destination;
};

/// An empty message of that many bytes behind the ICMPv6 header, or null, counted.
skb::Skb make_message(Ip6Layer& ip6, kernel::Cpu& cpu, std::uint32_t body) {
  cpu.charge(kernel::Op::skb_alloc);
  skb::Skb message = ip6.net.pool().allocate(static_cast<std::uint32_t>(headers::kIcmp6HeaderBytes) + body);
  if (message == nullptr) {
    ++ip6.icmp_counters.out_errors;
    return nullptr;
  }
  static_cast<void>(message->put(static_cast<std::uint32_t>(headers::kIcmp6HeaderBytes) + body));
  return message;
}

void send(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb message, const Icmp6Fields& fields, const Way& way) {
  const OutputRoute6 route{.device = &way.device,
                           .type = Route6Type::unicast,
                           .source = way.source,
                           .destination = way.destination,
                           .next_hop = way.destination};
  // A failure is counted where the packet ends; the protocol itself is the retry.
  static_cast<void>(icmp6_push(ip6, cpu, std::move(message), fields, route, headers::kNdHopLimit));
}

/// A question or an answer about `target`; without a station it has no option.
void send_about(Ip6Layer& ip6, kernel::Cpu& cpu, const Way& way, const Icmp6Fields& fields, const Ipv6Address& target,
                std::optional<MacAddress> station) {
  const std::uint32_t body = Ipv6Address::kBytes + (station ? kOptionBytes : 0);
  if (auto message = make_message(ip6, cpu, body)) {
    const auto kind =
        fields.type == Icmp6Type::neighbor_solicitation ? NdOption::source_link_layer : NdOption::target_link_layer;
    headers::write_neighbor_body(message->writable(), target, kind, station);
    send(ip6, cpu, std::move(message), fields, way);
  }
}

/// What an advertisement says of whether this host is a router there.
std::uint32_t role(const Ip6Layer& ip6, const device::NetDevice& device) {
  return ip6.addrconf->routes_for(device) ? headers::kNaRouter : 0;
}

bool is_solicited_node(const Ipv6Address& address) {
  return Ipv6Address::of(0xff02, 0, 0, 0, 0, 1, 0xff00U | address.octets[13], address.group(7)) == address;
}

/// RFC 4861 section 7.1.1. False: the message is not valid.
bool receive_solicitation(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const Ipv6View& header,
                          const NeighborMessage& message) {
  const Ipv6Address source = header.source();
  const bool probe = source.is_unspecified();
  if (probe && (!is_solicited_node(header.destination()) || message.options.source_link_layer)) {
    return false;
  }
  if (ip6.addrconf->is_tentative(device, message.target)) {
    if (probe) ip6.addrconf->duplicate_found(device, message.target);
    return true;
  }
  if (!ip6.addresses.is_local(message.target, device)) {
    return true;
  }
  ip6.neighbours.count_probe(cpu,
                             header.destination().is_multicast() ? skb::PacketType::multicast : skb::PacketType::host);
  if (!probe && message.options.source_link_layer) {
    ip6.neighbours.update(cpu, device, source,
                          {.mac = *message.options.source_link_layer, .override_mac = true, .create = true});
  }
  const std::uint32_t flags = headers::kNaOverride | (probe ? 0 : headers::kNaSolicited) | role(ip6, device);
  send_about(ip6, cpu, {device, message.target, probe ? headers::kAllNodes : source},
             {.type = Icmp6Type::neighbor_advertisement, .code = 0, .word = flags}, message.target, device.address());
  return true;
}

/// RFC 4861 sections 7.1.2 and 7.2.5. False: the message is not valid.
bool receive_advertisement(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const Ipv6View& header,
                           std::uint32_t flags, const NeighborMessage& message) {
  const bool solicited = (flags & headers::kNaSolicited) != 0;
  if (solicited && header.destination().is_multicast()) {
    return false;
  }
  if (ip6.addrconf->is_tentative(device, message.target)) {
    ip6.addrconf->duplicate_found(device, message.target);
    return true;
  }
  const auto known = ip6.neighbours.find(device, message.target);
  if (!known || ip6.addresses.is_local(message.target, device)) {
    return true;  // nobody asked
  }
  if (!message.options.target_link_layer && !has_station(known->state)) {
    return true;  // says nothing that helps
  }
  ip6.neighbours.update(cpu, device, message.target,
                        {.mac = message.options.target_link_layer.value_or(known->mac),
                         .solicited = solicited,
                         .override_mac = (flags & headers::kNaOverride) != 0,
                         .weak = true});
  return true;
}

/// RFC 4861 section 6.1.2. False: the message is not valid.
bool receive_router(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const Ipv6View& header,
                    const Icmp6View& message) {
  const auto advertisement = headers::parse_router_advertisement(message);
  if (!advertisement || !header.source().is_link_local()) {
    return false;
  }
  if (advertisement->options.source_link_layer) {
    ip6.neighbours.update(cpu, device, header.source(),
                          {.mac = *advertisement->options.source_link_layer, .override_mac = true, .create = true});
  }
  ip6.addrconf->router_advertised(cpu, device, header.source(), *advertisement);
  return true;
}

bool receive(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const Ipv6View& header,
             const Icmp6View& message) {
  if (header.hop_limit() != headers::kNdHopLimit || message.code() != 0) {
    return false;
  }
  if (message.type() == Icmp6Type::router_advertisement) {
    return receive_router(ip6, cpu, device, header, message);
  }
  if (message.type() == Icmp6Type::redirect) {
    const auto redirect = headers::parse_redirect(message);
    if (!redirect || !header.source().is_link_local()) {
      return false;
    }
    accept_redirect6(ip6, cpu, device, header.source(), *redirect);
    return true;
  }
  const auto about = headers::parse_neighbor_message(message);
  if (!about) {
    return false;
  }
  return message.type() == Icmp6Type::neighbor_solicitation
             ? receive_solicitation(ip6, cpu, device, header, *about)
             : receive_advertisement(ip6, cpu, device, header, message.word(), *about);
}

}  // namespace

void ndisc_rcv(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const Ipv6View& header, const Icmp6View& message) {
  cpu.charge(kernel::Op::arp_input);
  if (!receive(ip6, cpu, *skb->dev, header, message)) {
    ++ip6.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::nd_malformed);
  }
}

void ndisc_solicit(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& target,
                   std::optional<MacAddress> known, std::optional<Ipv6Address> speaker) {
  const bool speaker_is_ours = speaker && ip6.addresses.is_local(*speaker, device);
  const auto selected = speaker_is_ours ? speaker : ip6.addresses.select(device, target);
  if (!selected) {
    return;  // the device lost its addresses meanwhile: the probes run out
  }
  send_about(ip6, cpu, {device, *selected, known ? target : target.solicited_node()},
             {.type = Icmp6Type::neighbor_solicitation}, target, device.address());
}

void ndisc_probe(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& target) {
  send_about(ip6, cpu, {device, {}, target.solicited_node()}, {.type = Icmp6Type::neighbor_solicitation}, target, {});
}

void ndisc_announce(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& address) {
  send_about(ip6, cpu, {device, address, headers::kAllNodes},
             {.type = Icmp6Type::neighbor_advertisement, .code = 0, .word = headers::kNaOverride | role(ip6, device)},
             address, device.address());
}

void ndisc_solicit_routers(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device) {
  const auto source = ip6.addresses.select(device, headers::kAllRouters);
  if (auto message = make_message(ip6, cpu, source ? kOptionBytes : 0)) {
    if (source) {
      headers::write_link_layer_option(message->writable().subspan(headers::kIcmp6HeaderBytes),
                                       NdOption::source_link_layer, device.address());
    }
    send(ip6, cpu, std::move(message), {.type = Icmp6Type::router_solicitation},
         {device, source.value_or(Ipv6Address{}), headers::kAllRouters});
  }
}

}  // namespace host::ip6
