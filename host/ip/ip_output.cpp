// SPDX-License-Identifier: Apache-2.0
// A transport's packet gets its IPv4 header and goes to the link (Linux: ip_queue_xmit, ip_output, ip_finish_output2).
#include "host/ip/ip_output.hpp"

#include <algorithm>

#include "host/headers/ethernet.hpp"
#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_control.hpp"
#include "host/ip/ip_fragment.hpp"
#include "host/ip/ip_hook.hpp"
#include "host/ip/ip_multicast.hpp"
#include "host/ip/option_stamp.hpp"

namespace host::ip {

using base::DropReason;
using base::Errno;

namespace {

/// Headroom for everything that is still to be pushed, or no_memory with the packet gone.
base::Result<void> make_headroom(IpLayer& ip, kernel::Cpu& cpu, skb::Skb& skb, std::uint32_t bytes) {
  if (skb->headroom() >= bytes && !skb->shared()) {
    return {};
  }
  const auto made = skb->unshare(bytes);
  if (!made.ok()) {
    ++ip.counters.out_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
  }
  return made;
}

/// Behind a header that has none yet: the host's address and time go where they ask for them. Linux: ip_options_build.
void put_options(IpLayer& ip, headers::MutableBytes header, headers::Bytes options, headers::Ipv4Address from) {
  constexpr unsigned kVersion = 4;
  base::store_u8(header, 0, static_cast<std::uint8_t>(kVersion << 4 | header.size() / sizeof(std::uint32_t)));
  std::ranges::copy(options, header.begin() + headers::kIpv4HeaderBytes);
  ip_options_build(header, option_stamp(ip, from));
  ip_send_check(header);
}

base::Result<void> send_on_link(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute& route) {
  if (route.type == RouteType::local) {
    return transmit(ip, cpu, *route.device, route.device->address(), std::move(skb));
  }
  const bool many = route.type == RouteType::broadcast || route.type == RouteType::multicast;
  return ip.neighbours.output(cpu, *route.device, many ? route.destination : route.next_hop, std::move(skb));
}

}  // namespace

/// Linux: __ip_local_out, and ip_route_me_harder for a packet that a hook has sent elsewhere.
base::Result<void> ip_local_out(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute& route) {
  if (!ip.hooks.any(netfilter::Hook::output)) {
    return ip_output(ip, cpu, std::move(skb), route);
  }
  headers::Ipv4View header = headers::Ipv4View::parse_quoted(skb->bytes()).value();
  if (!nf_defrag(ip, cpu, skb, header, DefragUser::conntrack_out)) {
    return {};  // sent with the rest of its datagram, or counted
  }
  if (!nf_hook(ip, cpu, skb, header, {.hook = netfilter::Hook::output, .out = route.device})) {
    return Errno::not_permitted;
  }
  const auto destination = header.destination();
  if (destination == route.destination) {
    return ip_output(ip, cpu, std::move(skb), route);
  }
  const auto elsewhere = ip_route_output(ip, cpu, destination);
  if (!elsewhere.ok()) {
    ++ip.counters.out_no_routes;
    drop(cpu, std::move(skb), DropReason::ip_no_route);
    return elsewhere.error();
  }
  return ip_output(ip, cpu, std::move(skb), *elsewhere);
}

std::uint32_t transport_room(const OutputRoute& route) {
  return route.mtu - static_cast<std::uint32_t>(headers::kIpv4HeaderBytes);
}

FragmentPlan plan_fragments(OutputRoute& route, PmtuDiscovery discovery, std::size_t transport_bytes) {
  if (!uses_path_mtu(discovery)) {
    route.mtu = route.device->mtu();
    route.mtu_locked = false;
  }
  const bool fits = transport_bytes <= transport_room(route);
  const bool whole = sets_dont_fragment(discovery, fits);
  return {.refused = transport_bytes > kTransportMost || (!fits && !may_fragment(discovery)),
          .fits = fits,
          .dont_fragment = whole && !(discovery == PmtuDiscovery::want && route.mtu_locked)};
}

base::Result<void> ip_queue_xmit(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute& route,
                                 const OutputOptions& options) {
  cpu.charge(kernel::Op::ip_output);
  cpu.trace(kernel::JourneyStep::ip_queue_xmit, skb->id());
  ++ip.counters.out_requests;
  const auto options_bytes = static_cast<std::uint32_t>(options.ip_options.size());
  const std::uint32_t behind_header = skb->len() + options_bytes;
  if (behind_header > kTransportMost ||
      (options.dont_fragment && !skb->is_gso() && behind_header > transport_room(route))) {
    ++ip.counters.frag_fails;
    drop(cpu, std::move(skb), DropReason::ip_too_big);
    return Errno::message_size;
  }
  const std::uint32_t header_bytes = headers::kIpv4HeaderBytes + options_bytes;
  const auto room = make_headroom(ip, cpu, skb, header_bytes + headers::kEthernetHeaderBytes);
  if (!room.ok()) {
    return room;
  }
  skb->reset_transport_header();
  const auto out = skb->push(header_bytes);
  const auto ttl = options.ttl.value_or(static_cast<std::uint8_t>(ip.settings.ip_default_ttl.value));
  headers::write_ipv4(out, {.tos = options.tos,
                            .total_length = static_cast<std::uint16_t>(skb->len()),
                            .id = ip.next_id++,
                            .dont_fragment = options.dont_fragment,
                            .ttl = ttl,
                            .protocol = options.protocol,
                            .source = route.source,
                            .destination = route.destination});
  if (options_bytes != 0) {
    put_options(ip, out, options.ip_options, route.source);
  }
  if (skb->is_gso()) {
    ip.next_id = static_cast<std::uint16_t>(ip.next_id + skb->gso_segs - 1);  // each frame has its own
  }
  skb->reset_network_header();
  skb->protocol = static_cast<std::uint16_t>(headers::EtherType::ipv4);
  skb->priority = options.priority;
  set_ip_control(*skb, {});
  OutputRoute way = route;
  way.loops = route.loops && (route.type != RouteType::multicast || options.multicast_loop);
  return ip_local_out(ip, cpu, std::move(skb), way);
}

base::Result<void> ip_output(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute& route) {
  skb->dev = route.device;
  cpu.trace(kernel::JourneyStep::ip_output, skb->id());
  if (!ip.hooks.pass(cpu, skb, {.hook = netfilter::Hook::postrouting, .out = route.device})) {
    return Errno::not_permitted;
  }
  if (route.loops) {
    loop_back(ip, cpu, *skb, route);
  }
  if (route.type == RouteType::multicast && headers::Ipv4View::parse_quoted(skb->bytes()).value().ttl() == 0) {
    return {};  // not beyond this host
  }
  if ((skb->len() > route.mtu && !skb->is_gso()) || ip_control(*skb).frag_max_size != 0) {
    return ip_fragment(ip, cpu, std::move(skb), route);
  }
  return ip_finish_output(ip, cpu, std::move(skb), route);
}

base::Result<void> ip_finish_output(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const OutputRoute& route) {
  ++ip.counters.out_transmits;
  ip.ext_counters.out_octets += skb->len();
  if (route.type == RouteType::broadcast) {
    ++ip.ext_counters.out_bcast_pkts;
    ip.ext_counters.out_bcast_octets += skb->len();
  } else if (route.type == RouteType::multicast) {
    ++ip.ext_counters.out_mcast_pkts;
    ip.ext_counters.out_mcast_octets += skb->len();
  }
  return send_on_link(ip, cpu, std::move(skb), route);
}

base::Result<void> transmit(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device, const base::MacAddress& to,
                            skb::Skb&& skb) {
  const std::uint16_t type = skb->protocol;
  const auto room = make_headroom(ip, cpu, skb, headers::kEthernetHeaderBytes);
  if (!room.ok()) {
    return room;
  }
  const auto out = skb->push(headers::kEthernetHeaderBytes);
  headers::write_ethernet(
      out, {.destination = to, .source = device.address(), .type = static_cast<headers::EtherType>(type)});
  skb->reset_mac_header();
  skb->dev = &device;
  const auto sent = ip.net.dev_queue_xmit(cpu, std::move(skb));
  if (!sent.ok() && type == static_cast<std::uint16_t>(headers::EtherType::ipv4)) {
    ++ip.counters.out_discards;
  }
  return sent;
}

void link_failure(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb) {
  const auto header = headers::Ipv4View::parse_quoted(skb->network_header());
  const bool ours = header && ip.addresses.is_local(header->source());
  const ProtocolTable::Protocol* protocol = ours ? ip.protocols.find(header->protocol()) : nullptr;
  if (!ours) {
    icmp_send(ip, cpu, *skb, unreachable(headers::Unreachable::host));
  } else if (protocol != nullptr && protocol->error) {
    protocol->error(cpu, {.error = Errno::host_unreachable,
                          .fatal = false,
                          .source = header->source(),
                          .destination = header->destination(),
                          .transport = header->payload(),
                          .type = static_cast<std::uint8_t>(headers::IcmpType::destination_unreachable),
                          .code = static_cast<std::uint8_t>(headers::Unreachable::host)});
  }
  drop(cpu, std::move(skb), DropReason::arp_unresolved);
}

}  // namespace host::ip
