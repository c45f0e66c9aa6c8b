// SPDX-License-Identifier: Apache-2.0
// An IPv6 packet from below is checked, found to be for this host or not, and given to its protocol (Linux: ip6_rcv,
// ip6_input, ip6_protocol_deliver_rcu).
#include "host/ip6/ip6_input.hpp"

#include "host/headers/ipv6_extensions.hpp"
#include "host/ip/ip_control.hpp"
#include "host/ip/ip_input.hpp"
#include "host/ip6/addrconf.hpp"
#include "host/ip6/icmp6_send.hpp"
#include "host/ip6/ip6_forward.hpp"
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
  if (destination.is_multicast()) return ip6.mld.is_member(device, destination);
  if (loops_back(device)) {
    // What this host sent to itself: the address may be any device's.
    const Route6* route = ip6.routes.lookup(destination);
    return route != nullptr && route->type == Route6Type::local;
  }
  return ip6.addresses.is_local(destination, device) || ip6.addrconf->is_tentative(device, destination);
}

/// Linux: ip6_protocol_deliver_rcu.
void deliver(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const Ipv6View& header, const UpperLayer& upper) {
  constexpr std::uint8_t kUnknownNextHeader = 1;
  cpu.trace(kernel::JourneyStep::ip_local_deliver, skb->id());
  const auto* protocol = ip6.protocols.find(upper.protocol);
  const auto header_bytes = static_cast<std::uint32_t>(upper.at);
  bool raw = false;
  if (ip6.raw) {
    skb->pull(header_bytes);
    raw = ip6.raw(cpu, *skb, header, upper.protocol);
    skb->restore(header_bytes);
  }
  if (protocol == nullptr && raw) {
    ++ip6.counters.in_delivers;
    return;
  }
  if (protocol == nullptr) {
    const bool silent = upper.protocol == headers::NextHeader::none;
    if (!silent) {
      ++ip6.counters.in_unknown_protos;
      icmp6_report_fault(
          ip6, cpu, *skb,
          {ExtensionFault::Report::always, kUnknownNextHeader, static_cast<std::uint32_t>(upper.named_at)});
    }
    drop(cpu, std::move(skb), DropReason::ip_no_protocol);
    return;
  }
  ++ip6.counters.in_delivers;
  skb->pull(header_bytes);
  skb->reset_transport_header();
  protocol->receive(cpu, std::move(skb), header);
}

void refuse(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const ExtensionFault& fault) {
  ++ip6.counters.in_hdr_errors;
  icmp6_report_fault(ip6, cpu, *skb, fault);
  drop(cpu, std::move(skb), DropReason::ip_bad_options);
}

/// What the layers read of headers is in one piece afterwards; of extension headers, which are rare, the whole packet.
base::Result<void> pull_headers(skb::SkBuff& skb) {
  const auto header = Ipv6View::parse_quoted(skb.bytes());
  return header && headers::is_extension(header->next_header())
             ? skb.linearize()
             : skb.may_pull(std::min(skb.len(), ip::kHeadersInOnePiece));
}

/// Puts a fragment to the others of its packet. False: it waits, or is gone, counted; else `header` is the whole's.
bool defragment(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb& skb, Ipv6View& header,
                const headers::FragmentHeader& fragment, ip::DefragUser user) {
  skb = ip6.defrag.add(cpu, std::move(skb), header, fragment, user);
  if (skb == nullptr) {
    return false;
  }
  if (!pull_headers(*skb).ok()) {
    ++ip6.counters.in_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return false;
  }
  header = Ipv6View::parse_quoted(skb->bytes()).value();
  return true;
}

/// Connections are of whole packets: where they are tracked, fragments wait here for each other, before the hook. What
/// is wrong with a fragment is for its receiver to say. Linux: ipv6_defrag.
bool nf_defrag6(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb& skb, Ipv6View& header) {
  if (!headers::is_extension(header.next_header()) || !ip6.ipv4.conntrack.in_use6() || skb->nfct) {
    return true;
  }
  const auto walked = headers::walk_extensions(header);
  const auto* upper = std::get_if<UpperLayer>(&walked);
  if (upper == nullptr || !upper->fragment || is_atomic(*upper->fragment) || fragment_fault(header, *upper->fragment)) {
    return true;
  }
  ++ip6.counters.reasm_reqds;
  return defragment(ip6, cpu, skb, header, *upper->fragment, ip::DefragUser::conntrack_in);
}

/// Walks the extension headers up to who takes the packet; behind a fragment header the walk goes on in the whole.
/// Linux: ip6_input_finish.
void open(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, Ipv6View header) {
  auto walked = headers::walk_extensions(header);
  for (unsigned fragments = 0;; ++fragments) {
    if (const auto* fault = std::get_if<ExtensionFault>(&walked)) {
      refuse(ip6, cpu, std::move(skb), *fault);
      return;
    }
    const auto& upper = std::get<UpperLayer>(walked);
    if (!upper.fragment) {
      break;
    }
    ++ip6.counters.reasm_reqds;
    if (fragments == headers::kMaxExtensionHeaders) {
      walked = ExtensionFault{};
      continue;
    }
    if (is_atomic(*upper.fragment)) {
      ++ip6.counters.reasm_oks;
      walked = headers::walk_behind(header, upper);
      continue;
    }
    if (const auto fault = fragment_fault(header, *upper.fragment)) {
      walked = *fault;
      continue;
    }
    if (!defragment(ip6, cpu, skb, header, *upper.fragment, ip::DefragUser::local_deliver)) {
      return;
    }
    walked = headers::walk_extensions(header);
  }
  deliver(ip6, cpu, std::move(skb), header, std::get<UpperLayer>(walked));
}

void route_input(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, Ipv6View header) {
  cpu.charge(kernel::Op::ip_route);
  cpu.trace(kernel::JourneyStep::ip_route_input, skb->id());
  if (is_martian(*skb->dev, header.source(), header.destination())) {
    ++ip6.counters.in_hdr_errors;
    drop(cpu, std::move(skb), DropReason::ip_bad_source);
    return;
  }
  if (!nf_defrag6(ip6, cpu, skb, header) ||
      !nf_hook6(ip6, cpu, skb, header, {.hook = netfilter::Hook::prerouting, .in = skb->dev})) {
    return;
  }
  const Ipv6Address destination = header.destination();
  const bool to_group = destination.is_multicast();
  if (to_group) {
    ++ip6.counters.in_mcast_pkts;
    ip6.counters.in_mcast_octets += skb->len();
  }
  if (is_for_us(ip6, *skb->dev, destination)) {
    if (!nf_hook6(ip6, cpu, skb, header, {.hook = netfilter::Hook::input, .in = skb->dev})) {
      return;
    }
    open(ip6, cpu, std::move(skb), header);
    return;
  }
  if (!to_group && !loops_back(*skb->dev)) {
    ip6_forward(ip6, cpu, std::move(skb), header);
    return;
  }
  if (!to_group) ++ip6.counters.in_addr_errors;
  drop(cpu, std::move(skb), to_group ? DropReason::ip_not_member : DropReason::ip_not_local);
}

}  // namespace

void ip6_rcv(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb&& skb) {
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
  if (!pull_headers(*skb).ok()) {
    ++ip6.counters.in_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return;
  }
  const auto parsed = Ipv6View::parse(skb->bytes(), skb->len());
  if (const Ipv6Error* error = std::get_if<Ipv6Error>(&parsed)) {
    const DropReason reason = count_error(ip6, *error);
    drop(cpu, std::move(skb), reason);
    return;
  }
  const Ipv6View& header = std::get<Ipv6View>(parsed);
  skb->trim(static_cast<std::uint32_t>(header.total_bytes()));
  skb->reset_network_header();
  ip::set_ip_control(*skb, {});
  route_input(ip6, cpu, std::move(skb), header);
}

}  // namespace host::ip6
