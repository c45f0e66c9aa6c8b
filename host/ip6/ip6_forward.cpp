// SPDX-License-Identifier: Apache-2.0
// A packet for somebody else (Linux: ip6_forward, ip6_pkt_discard; RFC 8200 section 3, RFC 4443 section 3).
#include "host/ip6/ip6_forward.hpp"

#include <algorithm>

#include "host/headers/ethernet.hpp"
#include "host/headers/ipv6_extensions.hpp"
#include "host/ip/ip_control.hpp"
#include "host/ip6/addrconf.hpp"
#include "host/ip6/icmp6_send.hpp"
#include "host/ip6/ip6_hook.hpp"
#include "host/ip6/ip6_output.hpp"
#include "host/ip6/redirect6.hpp"

namespace host::ip6 {

using base::DropReason;
using headers::Icmp6Type;
using headers::Ipv6Address;
using headers::Ipv6View;
using headers::Unreachable6;

namespace {

constexpr std::size_t kHopLimitAt = 7;

void refuse(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const headers::Icmp6Fields& report, DropReason reason) {
  icmp6_send(ip6, cpu, *skb, report);
  drop(cpu, std::move(skb), reason);
}

headers::Icmp6Fields unreachable(Unreachable6 code) {
  return {.type = Icmp6Type::destination_unreachable, .code = static_cast<std::uint8_t>(code)};
}

/// The way on: an address of a link leads back to that link. Nothing: there is none.
std::optional<OutputRoute6> way_of(const Ip6Layer& ip6, const device::NetDevice& in, const Ipv6View& header) {
  const Ipv6Address destination = header.destination();
  const Route6* route = ip6.routes.lookup(destination, destination.is_link_local() ? &in : nullptr);
  if (route == nullptr || !route->device->is_up()) {
    return std::nullopt;
  }
  return OutputRoute6{.device = route->device,
                      .type = route->type,
                      .source = header.source(),
                      .destination = destination,
                      .next_hop = route->gateway.is_unspecified() ? destination : route->gateway};
}

/// Linux: ip6_pkt_too_big. What the device merged, or this host put together, goes out as it came in.
bool exceeds_mtu(const skb::SkBuff& skb, std::uint32_t mtu) {
  const std::uint32_t largest = ip::ip_control(skb).frag_max_size;
  return skb.len() > mtu && (largest != 0 ? largest > mtu : !skb.is_gso());
}

/// What may be said against sending it on by the way; the packet is gone then.
bool may_pass(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb& skb, const Ipv6View& header, const OutputRoute6& way) {
  if (header.hop_limit() <= 1) {
    ++ip6.counters.in_hdr_errors;
    refuse(ip6, cpu, std::move(skb), {.type = Icmp6Type::time_exceeded}, DropReason::ip_ttl_expired);
    return false;
  }
  const Ipv6Address source = header.source();
  const bool leaves_link = way.device != skb->dev;
  if (leaves_link && (source.is_unspecified() || source.is_link_local())) {
    ++ip6.counters.in_addr_errors;
    refuse(ip6, cpu, std::move(skb), unreachable(Unreachable6::beyond_scope), DropReason::ip_bad_source);
    return false;
  }
  const std::uint32_t mtu = std::max(mtu_of(way), headers::kIpv6MinimumMtu);
  if (exceeds_mtu(*skb, mtu)) {
    ++ip6.counters.in_too_big_errors;
    ++ip6.counters.frag_fails;
    refuse(ip6, cpu, std::move(skb), {.type = Icmp6Type::packet_too_big, .code = 0, .word = mtu},
           DropReason::ip_too_big);
    return false;
  }
  return true;
}

}  // namespace

void ip6_forward(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb, const Ipv6View& header) {
  cpu.charge(kernel::Op::ip_forward);
  cpu.trace(kernel::JourneyStep::ip_forward, skb->id());
  if (const auto fault = headers::check_hop_by_hop(header)) {
    ++ip6.counters.in_hdr_errors;
    icmp6_report_fault(ip6, cpu, *skb, *fault);
    drop(cpu, std::move(skb), DropReason::ip_bad_options);
    return;
  }
  const auto way = way_of(ip6, *skb->dev, header);
  if (!way) {
    ++ip6.counters.in_no_routes;
    refuse(ip6, cpu, std::move(skb), unreachable(Unreachable6::no_route), DropReason::ip_no_route);
    return;
  }
  if (!ip6.addrconf->is_router() || way->type == Route6Type::local || skb->packet_type != skb::PacketType::host) {
    ++ip6.counters.in_addr_errors;
    drop(cpu, std::move(skb), DropReason::ip_not_local);
    return;
  }
  if (!may_pass(ip6, cpu, skb, header, *way)) {
    return;
  }
  if (way->device == skb->dev) {
    send_redirect6(ip6, cpu, *skb, header, way->next_hop);
  }
  ++ip6.counters.out_forw_datagrams;
  ip6.counters.out_octets += skb->len();
  if (!skb->unshare(headers::kEthernetHeaderBytes).ok()) {
    ++ip6.counters.out_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return;
  }
  if (skb->ip_summed == skb::IpSummed::complete) {
    skb->ip_summed = skb::IpSummed::none;  // the sum was over bytes that change now
  }
  base::store_u8(skb->writable(), kHopLimitAt, static_cast<std::uint8_t>(header.hop_limit() - 1));
  Ipv6View older = Ipv6View::parse_quoted(skb->bytes()).value();
  if (!nf_hook6(ip6, cpu, skb, older, {.hook = netfilter::Hook::forward, .in = skb->dev, .out = way->device})) {
    return;
  }
  // A failure is counted where the packet ends; its sender has to notice.
  static_cast<void>(ip6_output(ip6, cpu, std::move(skb), *way));
}

}  // namespace host::ip6
