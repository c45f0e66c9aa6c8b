// SPDX-License-Identifier: Apache-2.0
// A packet for somebody else (Linux: net/ipv4/ip_forward.c, ip_error; RFC 1812).
#include "host/ip/ip_forward.hpp"

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/udp.hpp"
#include "host/ip/icmp_redirect.hpp"
#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_control.hpp"
#include "host/ip/ip_hook.hpp"
#include "host/ip/ip_output.hpp"
#include "host/ip/tos_priority.hpp"

namespace host::ip {

using base::DropReason;
using base::Errno;
using headers::Ipv4View;
using headers::Unreachable;

namespace {

constexpr std::size_t kChecksumAt = 10;

/// The largest packet that a merged one is made of. Linux: skb_gso_network_seglen.
std::size_t segment_bytes(const skb::SkBuff& skb, const Ipv4View& header) {
  constexpr std::size_t kTcpDataOffsetAt = 12;
  std::size_t transport = headers::kUdpHeaderBytes;
  if (skb.gso_type == skb::GsoType::tcpv4 && header.payload().size() > kTcpDataOffsetAt) {
    transport = (base::load_u8(header.payload(), kTcpDataOffsetAt) >> 4U) * std::size_t{4};
  }
  return header.header_bytes() + transport + skb.gso_size;
}

/// Linux: ip_exceeds_mtu. What the device merged goes out as the frames that it came in.
bool exceeds_mtu(const skb::SkBuff& skb, const Ipv4View& header, std::uint32_t mtu) {
  if (!header.dont_fragment()) {
    return false;
  }
  if (const std::uint32_t largest = ip_control(skb).frag_max_size; largest != 0) {
    return largest > mtu;
  }
  return (skb.is_gso() ? segment_bytes(skb, header) : skb.len()) > mtu;
}

/// One hop older, with the checksum as it has to be then (RFC 1624). Linux: ip_decrease_ttl.
void decrease_ttl(headers::MutableBytes header) {
  const std::uint16_t before = base::load_be16(header, headers::kIpv4TtlAt);
  const auto after = static_cast<std::uint16_t>(before - 0x100);
  base::store_be16(header, headers::kIpv4TtlAt, after);
  base::store_be16(header, kChecksumAt, base::checksum_update(base::load_be16(header, kChecksumAt), before, after));
}

/// The header as the next hop shall see it. Linux: the second half of ip_forward, ip_forward_options.
void rewrite(const IpLayer& ip, skb::SkBuff& skb, const InputRoute& route, std::size_t header_bytes,
             const IpOptions& options) {
  const headers::MutableBytes header = skb.writable().first(header_bytes);
  decrease_ttl(header);
  if (options.recorded_address != 0 || options.stamped_address != 0 || options.next_stop) {
    const auto leaves_as = ip.addresses.select(*route.out.device, route.out.next_hop);
    ip_forward_options(header, options, leaves_as.value_or(headers::kAnyAddress));
    ip_send_check(header);
  }
}

}  // namespace

void ip_forward(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, const Ipv4View& header, const InputRoute& route,
                const IpOptions& options) {
  cpu.charge(kernel::Op::ip_forward);
  cpu.trace(kernel::JourneyStep::ip_forward, skb->id());
  if (skb->packet_type != skb::PacketType::host) {
    drop(cpu, std::move(skb), DropReason::ip_not_local);
    return;
  }
  if (header.ttl() <= 1) {
    ++ip.counters.in_hdr_errors;
    icmp_send(ip, cpu, *skb, time_exceeded(headers::TimeExceeded::ttl));
    drop(cpu, std::move(skb), DropReason::ip_ttl_expired);
    return;
  }
  if (options.strict_route && route.out.next_hop != route.out.destination) {
    icmp_send(ip, cpu, *skb, unreachable(Unreachable::source_route_failed));
    drop(cpu, std::move(skb), DropReason::ip_source_route);
    return;
  }
  ++ip.counters.forw_datagrams;
  if (exceeds_mtu(*skb, header, route.out.mtu)) {
    ++ip.counters.frag_fails;
    icmp_send(ip, cpu, *skb, fragmentation_needed(route.out.mtu));
    drop(cpu, std::move(skb), DropReason::ip_too_big);
    return;
  }
  const std::size_t header_bytes = header.header_bytes();
  if (!skb->unshare(device::kEthernetHeaderBytes).ok()) {
    ++ip.counters.out_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return;
  }
  if (skb->ip_summed == skb::IpSummed::complete) {
    skb->ip_summed = skb::IpSummed::none;  // the sum was over bytes that change now
  }
  skb->priority = tos_priority(Ipv4View::parse_quoted(skb->bytes()).value().tos());
  rewrite(ip, *skb, route, header_bytes, options);
  if (route.redirect && options.source_route == 0) {
    send_redirect(ip, cpu, *skb, route.out.next_hop);
  }
  Ipv4View older = Ipv4View::parse_quoted(skb->bytes()).value();
  if (!nf_hook(ip, cpu, skb, older, {.hook = netfilter::Hook::forward, .in = skb->dev, .out = route.out.device})) {
    return;
  }
  // A failure is counted where the packet ends; its sender has to notice.
  static_cast<void>(ip_output(ip, cpu, std::move(skb), route.out));
}

void ip_error(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, Errno error) {
  const bool router = ip.conf.forwards(*skb->dev);
  ++ip.route_counters.in_no_route;
  if (error == Errno::network_unreachable) {
    ++ip.ext_counters.in_no_routes;
  }
  if (!router) {
    ip.counters.in_addr_errors += error == Errno::host_unreachable ? 1 : 0;
    drop(cpu, std::move(skb), DropReason::ip_not_local);
    return;
  }
  if (error == Errno::network_unreachable) {
    icmp_send(ip, cpu, *skb, unreachable(Unreachable::net));
  } else if (error == Errno::host_unreachable) {
    icmp_send(ip, cpu, *skb, unreachable(Unreachable::host));
  } else if (error == Errno::access) {
    icmp_send(ip, cpu, *skb, unreachable(Unreachable::filtered));
  }
  drop(cpu, std::move(skb), DropReason::ip_no_route);
}

}  // namespace host::ip
