// SPDX-License-Identifier: Apache-2.0
// An IPv6 packet from below is checked, found to be for this host or not, and given to its protocol (Linux: ip6_rcv,
// ip6_input, ip6_protocol_deliver_rcu).
#include "host/ip6/ip6_input.hpp"

#include "host/headers/ipv6_extensions.hpp"
#include "host/ip6/addrconf.hpp"
#include "host/ip6/icmp6_send.hpp"
#include "host/ip6/ip6_hook.hpp"

namespace host::ip6 {

using base::DropReason;
using headers::ExtensionFault;
using headers::Ipv6Address;
using headers::Ipv6Error;
using headers::Ipv6View;
using headers::UpperLayer;

namespace {

DropReason count_error(Ip6Layer& ip6, Ipv6Error error) {
  if (error == Ipv6Error::truncated) {
    ++ip6.counters.in_truncated_pkts;
    return DropReason::ip_too_short;
  }
  ++ip6.counters.in_hdr_errors;
  return error == Ipv6Error::bad_version ? DropReason::ip_bad_version : DropReason::ip_too_short;
}

/// The loopback network lives on a device that talks to nobody.
bool loops_back(const device::NetDevice& device) {
  return device.address().is_zero();
}

/// Linux: the checks of ip6_rcv_core that need no table.
bool is_martian(const device::NetDevice& device, const Ipv6Address& source, const Ipv6Address& destination) {
  constexpr unsigned kReservedScope = 0;
  constexpr unsigned kInterfaceScope = 1;
  if (source.is_multicast() || source.is_mapped() || destination.is_mapped() || destination.is_unspecified()) {
    return true;
  }
  if (!loops_back(device) && (source.is_loopback() || destination.is_loopback())) {
    return true;
  }
  const bool narrow =
      destination.is_multicast() && (destination.multicast_scope() == kReservedScope ||
                                     (destination.multicast_scope() == kInterfaceScope && !loops_back(device)));
  return narrow;
}

bool is_for_us(Ip6Layer& ip6, const device::NetDevice& device, const Ipv6Address& destination) {
  if (destination.is_multicast()) return ip6.addresses.is_member(device, destination);
  if (loops_back(device)) {
    // What this host sent to itself: the address may be any device's.
    const Route6* route = ip6.routes.lookup(destination);
    return route != nullptr && route->type == Route6Type::local;
  }
  return ip6.addresses.is_local(destination, device) || ip6.addrconf->is_tentative(device, destination);
}

void report(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& skb, const ExtensionFault& fault, bool to_group) {
  const bool wanted = fault.report == ExtensionFault::Report::always ||
                      (fault.report == ExtensionFault::Report::unicast_only && !to_group);
  if (wanted) {
    icmp6_send(ip6, cpu, skb,
               {.type = headers::Icmp6Type::parameter_problem, .code = fault.code, .word = fault.pointer});
  }
}

/// Linux: ip6_protocol_deliver_rcu.
void deliver(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const Ipv6View& header, const UpperLayer& upper) {
  cpu.trace(kernel::JourneyStep::ip_local_deliver, skb->id());
  if (upper.fragment) {
    // Nobody reassembles here: each fragment is a request that fails at once.
    ++ip6.counters.reasm_reqds;
    ++ip6.counters.reasm_fails;
    drop(cpu, std::move(skb), DropReason::ip_fragment_failed);
    return;
  }
  const auto* protocol = ip6.protocols.find(upper.protocol);
  if (protocol == nullptr) {
    const bool silent = upper.protocol == headers::NextHeader::none;
    if (!silent) {
      ++ip6.counters.in_unknown_protos;
      report(ip6, cpu, *skb,
             {ExtensionFault::Report::always, static_cast<std::uint8_t>(1), static_cast<std::uint32_t>(upper.named_at)},
             false);
    }
    drop(cpu, std::move(skb), DropReason::ip_no_protocol);
    return;
  }
  ++ip6.counters.in_delivers;
  skb->pull(static_cast<std::uint32_t>(upper.at));
  skb->reset_transport_header();
  protocol->receive(cpu, std::move(skb), header);
}

void route_input(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, Ipv6View header) {
  cpu.charge(kernel::Op::ip_route);
  cpu.trace(kernel::JourneyStep::ip_route_input, skb->id());
  if (is_martian(*skb->dev, header.source(), header.destination())) {
    ++ip6.counters.in_hdr_errors;
    drop(cpu, std::move(skb), DropReason::ip_bad_source);
    return;
  }
  if (!nf_hook6(ip6, cpu, skb, header, {.hook = netfilter::Hook::prerouting, .in = skb->dev})) {
    return;
  }
  const Ipv6Address destination = header.destination();
  const bool to_group = destination.is_multicast();
  if (to_group) {
    ++ip6.counters.in_mcast_pkts;
    ip6.counters.in_mcast_octets += skb->len();
  }
  if (!is_for_us(ip6, *skb->dev, destination)) {
    if (!to_group) ++ip6.counters.in_addr_errors;
    drop(cpu, std::move(skb), DropReason::ip_not_local);
    return;
  }
  if (!nf_hook6(ip6, cpu, skb, header, {.hook = netfilter::Hook::input, .in = skb->dev})) {
    return;
  }
  const auto walked = headers::walk_extensions(header);
  if (const auto* fault = std::get_if<ExtensionFault>(&walked)) {
    ++ip6.counters.in_hdr_errors;
    report(ip6, cpu, *skb, *fault, to_group);
    drop(cpu, std::move(skb), DropReason::ip_bad_options);
    return;
  }
  deliver(ip6, cpu, std::move(skb), header, std::get<UpperLayer>(walked));
}

}  // namespace

void ip6_rcv(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb) {
  cpu.charge(kernel::Op::ip_rcv);
  cpu.trace(kernel::JourneyStep::ip_rcv, skb->id());
  if (skb->packet_type == skb::PacketType::otherhost) {
    drop(cpu, std::move(skb), DropReason::other_host);
    return;
  }
  ++ip6.counters.in_receives;
  ip6.counters.in_octets += skb->len();
  if (!ip6.addrconf->enabled(*skb->dev)) {
    ++ip6.counters.in_discards;
    drop(cpu, std::move(skb), DropReason::ip6_disabled);
    return;
  }
  if (!skb->linearize().ok()) {
    ++ip6.counters.in_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return;
  }
  const auto parsed = Ipv6View::parse(skb->bytes());
  if (const Ipv6Error* error = std::get_if<Ipv6Error>(&parsed)) {
    const DropReason reason = count_error(ip6, *error);
    drop(cpu, std::move(skb), reason);
    return;
  }
  const Ipv6View& header = std::get<Ipv6View>(parsed);
  skb->trim(static_cast<std::uint32_t>(header.packet().size()));
  skb->reset_network_header();
  route_input(ip6, cpu, std::move(skb), header);
}

}  // namespace host::ip6
