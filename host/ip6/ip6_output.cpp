// SPDX-License-Identifier: Apache-2.0
// A transport's packet gets its IPv6 header and goes to the link (Linux: ip6_xmit, ip6_finish_output2).
#include "host/ip6/ip6_output.hpp"

#include "host/headers/ethernet.hpp"
#include "host/headers/ipv6_extensions.hpp"
#include "host/ip/ip_control.hpp"
#include "host/ip6/addrconf.hpp"
#include "host/ip6/icmp6_send.hpp"
#include "host/ip6/ip6_fragment.hpp"
#include "host/ip6/ip6_hook.hpp"

namespace host::ip6 {

using base::DropReason;
using base::Errno;

namespace {

constexpr std::size_t kLeastTransportBytes = 8;

/// Headroom for everything that is still to be pushed, or no_memory with the packet gone.
base::Result<void> make_headroom(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb& skb, std::uint32_t bytes) {
  if (skb->headroom() >= bytes && !skb->shared()) {
    return {};
  }
  const auto made = skb->unshare(bytes);
  if (!made.ok()) {
    ++ip6.counters.out_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
  }
  return made;
}

/// Members on this host hear what they send to their group too (Linux: ip6_finish_output2, ip6_dev_loopback_xmit).
void loop_back6(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& packet, const OutputRoute6& route) {
  cpu.charge(kernel::Op::skb_clone);
  cpu.charge(kernel::Op::copy_per_byte, packet.len());
  skb::Skb twin = packet.copy(device::kEthernetHeaderBytes);
  if (twin == nullptr) {
    ++ip6.counters.out_discards;
    return;
  }
  headers::write_ethernet(twin->push(device::kEthernetHeaderBytes), {.destination = route.destination.multicast_mac(),
                                                                     .source = route.device->address(),
                                                                     .type = headers::EtherType::ipv6});
  const bool whole = device::eth_type_trans(*twin, *route.device);
  INVARIANT(whole, "a packet of ours has no Ethernet header");
  twin->packet_type = skb::PacketType::loopback;
  twin->ip_summed = skb::IpSummed::unnecessary;
  static_cast<void>(ip6.net.rps().enqueue(cpu, std::move(twin), cpu.id()));  // a full backlog is a counted drop
}

/// A group that somebody here belongs to, on a device that does not send everything back anyway.
bool loops(const Ip6Layer& ip6, const OutputRoute6& route, const Output6Options& options) {
  return options.multicast_loop && route.destination.is_multicast() && !route.device->address().is_zero() &&
         ip6.mld.is_member(*route.device, route.destination);
}

/// Linux: ip6_local_out, and ip6_route_me_harder for a packet that a hook has sent elsewhere.
base::Result<void> ip6_local_out(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute6& route,
                                 bool loops) {
  skb->dev = route.device;
  headers::Ipv6View header = headers::Ipv6View::parse_quoted(skb->bytes()).value();
  if (!nf_hook6(ip6, cpu, skb, header, {.hook = netfilter::Hook::output, .out = route.device})) {
    return Errno::not_permitted;
  }
  if (header.destination() == route.destination) {
    if (loops) {
      loop_back6(ip6, cpu, *skb, route);
    }
    return ip6_output(ip6, cpu, std::move(skb), route);
  }
  const auto elsewhere = ip6_route_output(ip6, cpu, {.destination = header.destination()});
  if (!elsewhere.ok()) {
    ++ip6.counters.out_no_routes;
    drop(cpu, std::move(skb), DropReason::ip_no_route);
    return elsewhere.error();
  }
  return ip6_output(ip6, cpu, std::move(skb), *elsewhere);
}

}  // namespace

base::Result<void> ip6_finish_output(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute6& route) {
  if (route.destination.is_multicast()) {
    ++ip6.counters.out_mcast_pkts;
    ip6.counters.out_mcast_octets += skb->len();
    return ip6.neighbours.output(cpu, *route.device, route.destination, std::move(skb));
  }
  if (route.type == Route6Type::local) {
    return transmit6(ip6, cpu, *route.device, route.device->address(), std::move(skb));
  }
  return ip6.neighbours.output(cpu, *route.device, route.next_hop, std::move(skb));
}

base::Result<void> ip6_output(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute6& route) {
  skb->dev = route.device;
  cpu.trace(kernel::JourneyStep::ip_output, skb->id());
  if (!ip6.ipv4.hooks6.pass(cpu, skb, {.hook = netfilter::Hook::postrouting, .out = route.device})) {
    return Errno::not_permitted;
  }
  const std::uint32_t came_in = ip::ip_control(*skb).frag_max_size;
  const std::uint32_t most = came_in != 0 ? std::min(came_in, mtu_of(route)) : mtu_of(route);
  if (skb->len() > most && !skb->is_gso()) {
    return ip6_fragment(ip6, cpu, std::move(skb), route);
  }
  return ip6_finish_output(ip6, cpu, std::move(skb), route);
}

std::uint32_t transport_room6(const OutputRoute6& route) {
  return mtu_of(route) - static_cast<std::uint32_t>(headers::kIpv6HeaderBytes);
}

base::Result<void> ip6_xmit(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute6& route,
                            const Output6Options& options) {
  cpu.charge(kernel::Op::ip_output);
  cpu.trace(kernel::JourneyStep::ip_queue_xmit, skb->id());
  ++ip6.counters.out_requests;
  const std::uint32_t payload = skb->len();
  const bool must_fit = options.size == Output6Options::Size::whole && !skb->is_gso();
  if (payload > UINT16_MAX || (must_fit && payload > transport_room6(route))) {
    ++ip6.counters.frag_fails;
    drop(cpu, std::move(skb), DropReason::ip_too_big);
    return Errno::message_size;
  }
  const auto room = make_headroom(ip6, cpu, skb, headers::kIpv6HeaderBytes + headers::kEthernetHeaderBytes);
  if (!room.ok()) {
    return room;
  }
  skb->reset_transport_header();
  const auto out = skb->push(headers::kIpv6HeaderBytes);
  headers::write_ipv6(out,
                      {.traffic_class = options.traffic_class,
                       .flow_label = 0,
                       .payload_length = static_cast<std::uint16_t>(payload),
                       .next_header = options.protocol,
                       .hop_limit = options.hop_limit != 0 ? options.hop_limit : ip6.addrconf->hop_limit(*route.device),
                       .source = route.source,
                       .destination = route.destination});
  skb->reset_network_header();
  skb->protocol = static_cast<std::uint16_t>(headers::EtherType::ipv6);
  ip6.counters.out_octets += skb->len();
  return ip6_local_out(ip6, cpu, std::move(skb), route, loops(ip6, route, options));
}

base::Result<void> transmit6(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const base::MacAddress& to,
                             skb::Skb skb) {
  const auto room = make_headroom(ip6, cpu, skb, headers::kEthernetHeaderBytes);
  if (!room.ok()) {
    return room;
  }
  headers::write_ethernet(skb->push(headers::kEthernetHeaderBytes),
                          {.destination = to, .source = device.address(), .type = headers::EtherType::ipv6});
  skb->reset_mac_header();
  skb->dev = &device;
  const auto sent = ip6.net.dev_queue_xmit(cpu, std::move(skb));
  if (!sent.ok()) ++ip6.counters.out_discards;
  return sent;
}

void link_failure6(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb) {
  const auto header = headers::Ipv6View::parse_quoted(skb->network_header());
  if (header && !ip6.addresses.is_local(header->source(), *skb->dev)) {
    icmp6_send(ip6, cpu, *skb,
               {.type = headers::Icmp6Type::destination_unreachable,
                .code = static_cast<std::uint8_t>(headers::Unreachable6::address)});
  } else if (header) {
    const auto upper = headers::find_upper_layer(*header);
    const auto* protocol = upper ? ip6.protocols.find(upper->protocol) : nullptr;
    if (protocol != nullptr && protocol->error && header->packet().size() - upper->at >= kLeastTransportBytes) {
      protocol->error(cpu, {.error = Errno::host_unreachable,
                            .fatal = false,
                            .source = header->source(),
                            .destination = header->destination(),
                            .transport = header->packet().subspan(upper->at),
                            .type = static_cast<std::uint8_t>(headers::Icmp6Type::destination_unreachable),
                            .code = static_cast<std::uint8_t>(headers::Unreachable6::address)});
    }
  }
  drop(cpu, std::move(skb), DropReason::nd_unresolved);
}

}  // namespace host::ip6
