// SPDX-License-Identifier: Apache-2.0
// A packet from below is checked and routed (Linux: ip_rcv, ip_rcv_finish).
#include "host/ip/ip_input.hpp"

#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_control.hpp"
#include "host/ip/ip_deliver.hpp"
#include "host/ip/ip_forward.hpp"
#include "host/ip/ip_hook.hpp"
#include "host/ip/ip_multicast.hpp"
#include "host/ip/ip_options.hpp"
#include "host/ip/ip_route.hpp"
#include "host/ip/option_stamp.hpp"
#include "host/ip/source_route.hpp"

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

/// What this host writes into the packet's options. Linux: fib_compute_spec_dst.
OptionStamp stamp_for(IpLayer& ip, const skb::SkBuff& skb, const Ipv4View& header, bool local) {
  const auto here = ip.addresses.select(*skb.dev, header.source());
  return option_stamp(ip, local ? header.destination() : here.value_or(headers::kAnyAddress));
}

/// Linux: ip_rcv_options. False: the packet is gone. The view is of the header as it is afterwards.
bool ip_rcv_options(IpLayer& ip, kernel::Cpu& cpu, skb::Skb& skb, Ipv4View& header, InputRoute& route,
                    IpOptions& options) {
  if (!header.has_options()) {
    return true;
  }
  if (!skb->unshare().ok()) {
    ++ip.counters.in_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return false;
  }
  const headers::MutableBytes bytes = skb->writable().first(header.header_bytes());
  const bool local = route.decision == InputDecision::local;
  const auto error = ip_options_compile(bytes, stamp_for(ip, *skb, header, local), options);
  if (error) {
    ++ip.counters.in_hdr_errors;
    icmp_send(ip, cpu, *skb, parameter_problem(error->at));
    drop(cpu, std::move(skb), DropReason::ip_bad_options);
    return false;
  }
  IpControl control = ip_control(*skb);
  control.options_accepted = options.source_route == 0 || ip.conf.both(*skb->dev, Conf::accept_source_route);
  set_ip_control(*skb, control);
  const bool led = options.source_route == 0 ||
                   (control.options_accepted && ip_options_rcv_srr(ip, cpu, *skb, bytes, route, options));
  if (!led) {
    drop(cpu, std::move(skb), DropReason::ip_source_route);
    return false;
  }
  if (options.changed) {
    ip_send_check(bytes);
  }
  header = Ipv4View::parse_quoted(skb->bytes()).value();
  return true;
}

/// Linux: ip_rcv_finish_core, ip_handle_martian_source.
void refuse(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, InputDecision why) {
  switch (why) {
    case InputDecision::not_member:
      drop(cpu, std::move(skb), DropReason::ip_not_member);
      return;
    case InputDecision::martian_source:
      ++ip.route_counters.in_martian_src;
      drop(cpu, std::move(skb), DropReason::ip_bad_source);
      return;
    case InputDecision::reverse_path:
      ++ip.route_counters.in_martian_src;
      ++ip.route_counters.reverse_path_filter;
      drop(cpu, std::move(skb), DropReason::ip_reverse_path);
      return;
    default:
      ++ip.route_counters.in_martian_dst;
      drop(cpu, std::move(skb), DropReason::ip_bad_destination);
  }
}

InputRoute decide(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& skb, const Ipv4View& header, const Flow& flow) {
  const bool group = header.destination().is_multicast();
  if (skb.packet_type == skb::PacketType::loopback) {
    return {.decision = group ? InputDecision::multicast : InputDecision::broadcast};  // our own packet
  }
  return group ? ip_route_input_multicast(ip, cpu, flow, header.protocol()) : ip_route_input(ip, cpu, flow);
}

bool is_refused(InputDecision decision) {
  switch (decision) {
    case InputDecision::not_member:
    case InputDecision::martian_source:
    case InputDecision::martian_destination:
    case InputDecision::reverse_path:
      return true;
    default:
      return false;
  }
}

/// Counts what is for many.
void count_many(IpLayer& ip, InputDecision decision, std::uint64_t bytes) {
  if (decision == InputDecision::broadcast) {
    ++ip.route_counters.in_brd;
    ++ip.ext_counters.in_bcast_pkts;
    ip.ext_counters.in_bcast_octets += bytes;
  } else if (decision == InputDecision::multicast) {
    ++ip.ext_counters.in_mcast_pkts;
    ip.ext_counters.in_mcast_octets += bytes;
  }
}

/// Linux: ip_rcv_finish_core. The route decides who takes the packet.
void ip_rcv_finish(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, Ipv4View& header) {
  cpu.trace(kernel::JourneyStep::ip_route_input, skb->id());
  const Flow flow{.destination = header.destination(),
                  .source = header.source(),
                  .tos = header.tos(),
                  .mark = skb->mark,
                  .in = skb->dev};
  if (!header.has_options() && ip.local_flows.has(flow, ip.generation())) {
    cpu.charge(kernel::Op::ip_route);
    ip_local_deliver(ip, cpu, std::move(skb), header);
    return;
  }
  InputRoute route = decide(ip, cpu, *skb, header, flow);
  if (is_refused(route.decision)) {
    refuse(ip, cpu, std::move(skb), route.decision);
    return;
  }
  IpOptions options;
  if (!ip_rcv_options(ip, cpu, skb, header, route, options)) {
    return;
  }
  if (route.decision == InputDecision::forward) {
    ip_forward(ip, cpu, std::move(skb), header, route, options);
  } else if (route.decision == InputDecision::unreachable) {
    ip_error(ip, cpu, std::move(skb), route.error);
  } else {
    count_many(ip, route.decision, skb->len());
    ip_local_deliver(ip, cpu, std::move(skb), header);
  }
}

}  // namespace

void ip_rcv(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb) {
  cpu.charge(kernel::Op::ip_rcv);
  cpu.trace(kernel::JourneyStep::ip_rcv, skb->id());
  if (skb->packet_type == skb::PacketType::otherhost) {
    drop(cpu, std::move(skb), DropReason::other_host);
    return;
  }
  ++ip.counters.in_receives;
  ip.ext_counters.in_octets += skb->len();
  if (!skb->may_pull(std::min(skb->len(), kHeadersInOnePiece)).ok()) {
    ++ip.counters.in_discards;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return;
  }
  if (const auto error = Ipv4View::fault(skb->bytes(), skb->len())) {
    const DropReason reason = count_error(ip, *error);
    drop(cpu, std::move(skb), reason);
    return;
  }
  Ipv4View header = Ipv4View::checked(skb->bytes());
  skb->trim(header.total_length());
  skb->reset_network_header();
  set_ip_control(*skb, {});
  if (!nf_defrag(ip, cpu, skb, header, DefragUser::conntrack_in) ||
      !nf_hook(ip, cpu, skb, header, {.hook = netfilter::Hook::prerouting, .in = skb->dev})) {
    return;
  }
  ip_rcv_finish(ip, cpu, std::move(skb), header);
}

}  // namespace host::ip
