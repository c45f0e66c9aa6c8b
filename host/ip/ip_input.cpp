// SPDX-License-Identifier: Apache-2.0
// A packet from below is checked and routed (Linux: ip_rcv, ip_rcv_finish).
#include "host/ip/ip_input.hpp"

#include "host/ip/ip_deliver.hpp"
#include "host/ip/ip_forward.hpp"
#include "host/ip/ip_hook.hpp"
#include "host/ip/ip_route.hpp"

namespace host::ip {

using base::DropReason;
using headers::Ipv4Error;
using headers::Ipv4View;

namespace {

/// Counts a header that cannot be worked with and says why the packet ends.
DropReason count_error(IpLayer& ip, Ipv4Error error) {
  switch (error) {
    case Ipv4Error::truncated:
      ++ip.ext_counters.in_truncated_pkts;
      return DropReason::ip_too_short;
    case Ipv4Error::bad_checksum:
      ++ip.ext_counters.in_csum_errors;
      ++ip.counters.in_hdr_errors;
      return DropReason::ip_bad_checksum;
    case Ipv4Error::bad_version:
      ++ip.counters.in_hdr_errors;
      return DropReason::ip_bad_version;
    case Ipv4Error::too_short:
      ++ip.counters.in_hdr_errors;
      return DropReason::ip_too_short;
    case Ipv4Error::bad_header_length:
    case Ipv4Error::bad_total_length:
      break;
  }
  ++ip.counters.in_hdr_errors;
  return DropReason::ip_bad_length;
}

/// Linux: ip_rcv_finish_core. The route decides who takes the packet.
void ip_rcv_finish(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const Ipv4View& header) {
  if (header.has_options() && headers::check_ipv4_options(header.options()) != headers::Ipv4OptionsVerdict::fine) {
    ++ip.counters.in_hdr_errors;
    drop(cpu, std::move(skb), DropReason::ip_bad_options);
    return;
  }
  cpu.trace(kernel::JourneyStep::ip_route_input, skb->id());
  switch (ip_route_input(ip, cpu,
                         {.destination = header.destination(),
                          .source = header.source(),
                          .tos = header.tos(),
                          .mark = skb->mark,
                          .in = skb->dev})) {
    case InputDecision::broadcast:
      ++ip.ext_counters.in_bcast_pkts;
      ip_local_deliver(ip, cpu, std::move(skb), header);
      break;
    case InputDecision::local:
      ip_local_deliver(ip, cpu, std::move(skb), header);
      break;
    case InputDecision::not_local:
      ip_forward(ip, cpu, std::move(skb));
      break;
    case InputDecision::martian:
      drop(cpu, std::move(skb), DropReason::ip_bad_source);
      break;
  }
}

}  // namespace

void ip_rcv(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb) {
  cpu.charge(kernel::Op::ip_rcv);
  cpu.trace(kernel::JourneyStep::ip_rcv, skb->id());
  if (skb->packet_type == skb::PacketType::otherhost) {
    drop(cpu, std::move(skb), DropReason::other_host);
    return;
  }
  ++ip.counters.in_receives;
  ip.ext_counters.in_octets += skb->len();
  if (!skb->linearize().ok()) {
    ++ip.counters.in_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return;
  }
  const auto parsed = Ipv4View::parse(skb->bytes());
  if (const Ipv4Error* error = std::get_if<Ipv4Error>(&parsed)) {
    const DropReason reason = count_error(ip, *error);
    drop(cpu, std::move(skb), reason);
    return;
  }
  Ipv4View header = std::get<Ipv4View>(parsed);
  skb->trim(header.total_length());
  skb->reset_network_header();
  if (!nf_hook(ip, cpu, skb, header, {.hook = netfilter::Hook::prerouting, .in = skb->dev})) {
    return;
  }
  ip_rcv_finish(ip, cpu, std::move(skb), header);
}

}  // namespace host::ip
