// SPDX-License-Identifier: Apache-2.0
// ICMPv6 messages that reach this host (Linux: icmpv6_rcv).
#include "host/ip6/icmp6_input.hpp"

#include "host/headers/ipv6_extensions.hpp"
#include "host/ip6/icmp6_send.hpp"
#include "host/ip6/ndisc.hpp"
#include "host/ip6/redirect6.hpp"

namespace host::ip6 {

using base::DropReason;
using base::Errno;
using headers::Icmp6Type;
using headers::Icmp6View;
using headers::Ipv6View;
using headers::Unreachable6;

namespace {

/// An error quotes at least the ports.
constexpr std::size_t kQuotedTransportBytes = 8;

/// What a protocol makes of an error: its Errno, and whether a connection ends (Linux: icmpv6_err_convert).
struct Meaning {
  Errno error;
  bool fatal;
};

Meaning meaning_of(const Icmp6View& message) {
  switch (message.type()) {
    case Icmp6Type::destination_unreachable:
      break;
    case Icmp6Type::packet_too_big:
      return {Errno::message_size, false};
    case Icmp6Type::parameter_problem:
      return {Errno::protocol_not_supported, true};
    default:
      return {Errno::host_unreachable, false};
  }
  switch (Unreachable6{message.code()}) {
    case Unreachable6::no_route:
      return {Errno::network_unreachable, false};
    case Unreachable6::prohibited:
      return {Errno::access, true};
    case Unreachable6::port:
      return {Errno::connection_refused, true};
    case Unreachable6::beyond_scope:
    case Unreachable6::address:
      break;
  }
  return {Errno::host_unreachable, false};
}

/// Linux: icmpv6_notify. Tells the protocol of the packet that the message quotes.
void report_error(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const Ipv6View& header, const Icmp6View& message) {
  const auto quoted = Ipv6View::parse_quoted(message.payload());
  const auto upper = quoted ? headers::find_upper_layer(*quoted) : std::nullopt;
  if (!upper || quoted->packet().size() - upper->at < kQuotedTransportBytes) {
    ++ip6.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::icmp_too_short);
    return;
  }
  const bool ours = ip6.addresses.is_local(quoted->source(), *skb->dev);
  if (ours && message.type() == Icmp6Type::packet_too_big) {
    update_path_mtu6(ip6, cpu, *skb->dev, quoted->destination(), message.word());
  }
  const auto* protocol = ip6.protocols.find(upper->protocol);
  if (!ours || protocol == nullptr || !protocol->error) {
    drop(cpu, std::move(skb), DropReason::icmp_unhandled);
    return;
  }
  const Meaning meaning = meaning_of(message);
  protocol->error(cpu, {.error = meaning.error,
                        .fatal = meaning.fatal,
                        .source = quoted->source(),
                        .destination = quoted->destination(),
                        .transport = quoted->packet().subspan(upper->at),
                        .reporter = header.source(),
                        .type = static_cast<std::uint8_t>(message.type()),
                        .code = message.code(),
                        .info = message.word()});
}

/// Linux: the messages of MLD are freed where they were understood.
void take_mld(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const Ipv6View& header, const Icmp6View& message) {
  const bool query = message.type() == Icmp6Type::multicast_listener_query;
  const auto fault = query ? ip6.mld.query(cpu, *skb, header, message) : ip6.mld.report(cpu, *skb, header, message);
  if (fault) drop(cpu, std::move(skb), *fault);
}

void dispatch(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const Ipv6View& header, const Icmp6View& message) {
  switch (message.type()) {
    case Icmp6Type::echo_request:
      icmp6_echo_reply(ip6, cpu, *skb, header, message);
      return;
    case Icmp6Type::echo_reply:
      if (ip6.echo_reply) {
        ip6.echo_reply(cpu, std::move(skb), header);
        return;
      }
      break;
    case Icmp6Type::destination_unreachable:
    case Icmp6Type::packet_too_big:
    case Icmp6Type::time_exceeded:
    case Icmp6Type::parameter_problem:
      report_error(ip6, cpu, std::move(skb), header, message);
      return;
    case Icmp6Type::router_advertisement:
    case Icmp6Type::neighbor_solicitation:
    case Icmp6Type::neighbor_advertisement:
    case Icmp6Type::redirect:
      ndisc_rcv(ip6, cpu, std::move(skb), header, message);
      return;
    case Icmp6Type::multicast_listener_query:
    case Icmp6Type::multicast_listener_report:
      take_mld(ip6, cpu, std::move(skb), header, message);
      return;
    case Icmp6Type::router_solicitation:  // who advertises is a program's business
    case Icmp6Type::multicast_listener_done:
    case Icmp6Type::multicast_listener_report_v2:
      break;
  }
  drop(cpu, std::move(skb), DropReason::icmp_unhandled);
}

}  // namespace

void icmp6_rcv(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const Ipv6View& header) {
  cpu.charge(kernel::Op::icmp_rcv);
  cpu.charge(kernel::Op::checksum_per_byte, skb->len());
  cpu.trace(kernel::JourneyStep::icmp_rcv, skb->id());
  ++ip6.icmp_counters.in_msgs;
  if (!skb->linearize().ok()) {
    ++ip6.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return;
  }
  const auto message = Icmp6View::parse(skb->bytes());
  if (!message) {
    ++ip6.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::icmp_too_short);
    return;
  }
  if (!message->checksum_ok(header.source(), header.destination())) {
    ++ip6.icmp_counters.in_csum_errors;
    ++ip6.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::icmp_bad_checksum);
    return;
  }
  ++ip6.icmp_counters.in_types[static_cast<std::uint8_t>(message->type())];
  dispatch(ip6, cpu, std::move(skb), header, *message);
}

}  // namespace host::ip6
