// SPDX-License-Identifier: Apache-2.0
// ICMP messages that reach this host (Linux: icmp_rcv).
#include "host/ip/icmp_input.hpp"

#include "host/base/byte_order.hpp"
#include "host/ip/icmp_send.hpp"

namespace host::ip {

using base::DropReason;
using base::Errno;
using headers::IcmpFields;
using headers::IcmpType;
using headers::IcmpView;
using headers::Ipv4View;
using headers::Unreachable;

namespace {

constexpr std::size_t kTimestampBytes = 12;
constexpr platform::Nanoseconds kMillisecond = 1'000'000;
constexpr platform::Nanoseconds kMillisecondsADay = 86'400'000;
/// An error quotes at least the ports: RFC 792's 64 bits.
constexpr std::size_t kQuotedTransportBytes = 8;

std::uint64_t IcmpCounters::*in_counter(IcmpType type) {
  switch (type) {
    case IcmpType::echo_reply:
      return &IcmpCounters::in_echo_reps;
    case IcmpType::destination_unreachable:
      return &IcmpCounters::in_dest_unreachs;
    case IcmpType::source_quench:
      return &IcmpCounters::in_src_quenchs;
    case IcmpType::redirect:
      return &IcmpCounters::in_redirects;
    case IcmpType::echo_request:
      return &IcmpCounters::in_echos;
    case IcmpType::time_exceeded:
      return &IcmpCounters::in_time_excds;
    case IcmpType::parameter_problem:
      return &IcmpCounters::in_parm_probs;
    case IcmpType::timestamp_request:
      return &IcmpCounters::in_timestamps;
    case IcmpType::timestamp_reply:
      return &IcmpCounters::in_timestamp_reps;
  }
  return nullptr;
}

/// What a protocol makes of an error: its Errno, and whether a connection ends (Linux: icmp_err_convert).
struct Meaning {
  Errno error;
  bool fatal;
};

Meaning meaning_of(IcmpFields fields) {
  if (fields.type != IcmpType::destination_unreachable) {
    return {Errno::host_unreachable, false};
  }
  switch (Unreachable{fields.code}) {
    case Unreachable::net:
      return {Errno::network_unreachable, false};
    case Unreachable::protocol:
      return {Errno::protocol_not_supported, true};
    case Unreachable::port:
      return {Errno::connection_refused, true};
    case Unreachable::fragmentation_needed:
      return {Errno::message_size, false};
    case Unreachable::source_route_failed:
      return {Errno::not_supported, false};
    case Unreachable::filtered:
      return {Errno::host_unreachable, true};
    case Unreachable::host:
      break;
  }
  return {Errno::host_unreachable, false};
}

/// Nobody hears of it: ip_no_pmtu_disc says that routers are not believed (this stack has no protocol that could check
/// the packet that they quote), or it is about fragments of a datagram that somebody waited for in vain.
bool is_ignored(const IpLayer& ip, IcmpFields fields) {
  constexpr std::int64_t kBelieveNobody = 2;
  const bool too_big =
      fields.type == IcmpType::destination_unreachable && Unreachable{fields.code} == Unreachable::fragmentation_needed;
  const bool too_late =
      fields.type == IcmpType::time_exceeded && headers::TimeExceeded{fields.code} == headers::TimeExceeded::reassembly;
  return too_late || (too_big && ip.settings.ip_no_pmtu_disc.value >= kBelieveNobody);
}

/// Linux: icmp_unreach. Tells the protocol of the packet that the message quotes.
void report_error(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const Ipv4View& header, const IcmpView& message) {
  const auto quoted = Ipv4View::parse_quoted(message.payload());
  if (!quoted || quoted->payload().size() < kQuotedTransportBytes) {
    ++ip.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::icmp_too_short);
    return;
  }
  const ProtocolTable::Protocol* protocol = ip.protocols.find(quoted->protocol());
  if (!ip.addresses.is_local(quoted->source()) || protocol == nullptr || !protocol->error ||
      is_ignored(ip, message.fields())) {
    drop(cpu, std::move(skb), DropReason::icmp_unhandled);
    return;
  }
  const Meaning meaning = meaning_of(message.fields());
  protocol->error(cpu, {.error = meaning.error,
                        .fatal = meaning.fatal,
                        .source = quoted->source(),
                        .destination = quoted->destination(),
                        .tos = quoted->tos(),
                        .reporter = header.source(),
                        .is_redirect = message.type() == IcmpType::redirect,
                        .info = message.fields().info(),
                        .transport = quoted->payload(),
                        .type = static_cast<std::uint8_t>(message.type()),
                        .code = message.fields().code});
}

void answer_echo(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const Ipv4View& header, const IcmpView& message,
                 bool to_all) {
  const bool ignore =
      ip.settings.icmp_echo_ignore_all.value != 0 || (to_all && ip.settings.icmp_echo_ignore_broadcasts.value != 0);
  if (ignore) {
    drop(cpu, std::move(skb), DropReason::icmp_unhandled);
    return;
  }
  IcmpFields fields = message.fields();
  fields.type = IcmpType::echo_reply;
  icmp_reply(ip, cpu, *skb, header, fields, message.payload());
}

/// RFC 792: originate, receive and transmit times in milliseconds since midnight.
void answer_timestamp(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const Ipv4View& header, const IcmpView& message) {
  if (message.payload().size() < kTimestampBytes) {
    ++ip.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::icmp_too_short);
    return;
  }
  std::array<std::byte, kTimestampBytes> times{};
  const auto now = static_cast<std::uint32_t>(cpu.now() / kMillisecond % kMillisecondsADay);
  base::store_be32(times, 0, base::load_be32(message.payload(), 0));
  base::store_be32(times, 4, now);
  base::store_be32(times, 8, now);
  IcmpFields fields = message.fields();
  fields.type = IcmpType::timestamp_reply;
  icmp_reply(ip, cpu, *skb, header, fields, times);
}

void dispatch(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const Ipv4View& header, const IcmpView& message) {
  const RouteType type_of_destination = ip.routes.address_type(header.destination());
  const bool to_all = type_of_destination == RouteType::broadcast || type_of_destination == RouteType::multicast;
  switch (message.type()) {
    case IcmpType::echo_request:
      answer_echo(ip, cpu, std::move(skb), header, message, to_all);
      return;
    case IcmpType::timestamp_request:
      if (!to_all) {
        answer_timestamp(ip, cpu, std::move(skb), header, message);
        return;
      }
      break;
    case IcmpType::echo_reply:
      if (ip.echo_reply) {
        ip.echo_reply(cpu, std::move(skb), header);
        return;
      }
      break;
    case IcmpType::destination_unreachable:
    case IcmpType::time_exceeded:
    case IcmpType::parameter_problem:
    case IcmpType::redirect:
      report_error(ip, cpu, std::move(skb), header, message);
      return;
    case IcmpType::source_quench:  // RFC 6633: ignored
    case IcmpType::timestamp_reply:
      break;
  }
  drop(cpu, std::move(skb), DropReason::icmp_unhandled);
}

}  // namespace

void icmp_rcv(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const Ipv4View& header) {
  cpu.charge(kernel::Op::icmp_rcv);
  cpu.charge(kernel::Op::checksum_per_byte, skb->len());
  cpu.trace(kernel::JourneyStep::icmp_rcv, skb->id());
  ++ip.icmp_counters.in_msgs;
  if (!skb->linearize().ok()) {
    ++ip.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::ip_no_memory);
    return;
  }
  const auto message = IcmpView::parse(skb->bytes());
  if (!message) {
    ++ip.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::icmp_too_short);
    return;
  }
  if (!message->checksum_ok()) {
    ++ip.icmp_counters.in_csum_errors;
    ++ip.icmp_counters.in_errors;
    drop(cpu, std::move(skb), DropReason::icmp_bad_checksum);
    return;
  }
  ++ip.icmp_in_types[static_cast<unsigned>(message->type())];
  if (const auto counter = in_counter(message->type())) {
    ++(ip.icmp_counters.*counter);
  }
  dispatch(ip, cpu, std::move(skb), header, *message);
}

}  // namespace host::ip
