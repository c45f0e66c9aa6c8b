// SPDX-License-Identifier: Apache-2.0
// ICMP messages that this host sends: errors about packets, and answers (Linux: icmp_send, icmp_reply).
#include "host/ip/icmp_send.hpp"

#include <algorithm>
#include <array>

#include "host/ip/ip_control.hpp"
#include "host/ip/ip_options_echo.hpp"
#include "host/ip/ip_output.hpp"
#include "host/skb/skb_runs.hpp"

namespace host::ip {

using headers::Bytes;
using headers::IcmpFields;
using headers::IcmpType;
using headers::IcmpView;
using headers::Ipv4Address;
using headers::Ipv4View;

namespace {

/// RFC 1812 section 4.3.2.3: an error quotes as much as fits this, IP header included.
constexpr std::size_t kErrorBytes = 576;
/// RFC 1812 section 4.3.2.5: an error is as urgent as routing is, and keeps the service that the packet asked for.
constexpr unsigned kTosMask = 0x1e;
constexpr unsigned kInternetControl = 0xc0;

std::uint64_t IcmpCounters::*out_counter(IcmpType type) {
  switch (type) {
    case IcmpType::echo_reply:
      return &IcmpCounters::out_echo_reps;
    case IcmpType::destination_unreachable:
      return &IcmpCounters::out_dest_unreachs;
    case IcmpType::source_quench:
      return &IcmpCounters::out_src_quenchs;
    case IcmpType::redirect:
      return &IcmpCounters::out_redirects;
    case IcmpType::echo_request:
      return &IcmpCounters::out_echos;
    case IcmpType::time_exceeded:
      return &IcmpCounters::out_time_excds;
    case IcmpType::parameter_problem:
      return &IcmpCounters::out_parm_probs;
    case IcmpType::timestamp_request:
      return &IcmpCounters::out_timestamps;
    case IcmpType::timestamp_reply:
      return &IcmpCounters::out_timestamp_reps;
  }
  return nullptr;
}

/// RFC 1122 section 3.2.2: never about an error, a broadcast, a later fragment, or to nobody in particular.
bool may_report(IpLayer& ip, const skb::SkBuff& about, const Ipv4View& header) {
  if (about.packet_type != skb::PacketType::host || header.fragment_offset() != 0) {
    return false;
  }
  const Ipv4Address source = header.source();
  const Ipv4Address destination = header.destination();
  if (source.is_zero_net() || source.is_multicast() || source.is_limited_broadcast() || source.is_loopback() ||
      destination.is_multicast() || destination.is_limited_broadcast()) {
    return false;
  }
  for (const Ipv4Address end : {source, destination}) {
    if (ip.routes.address_type(end) == RouteType::broadcast) {
      return false;
    }
  }
  if (header.protocol() != headers::IpProtocol::icmp) {
    return true;
  }
  const auto message = IcmpView::parse(header.payload());
  return message && !is_icmp_error(message->type());
}

/// Types of which icmp_ratemask has no bit, and what path MTU discovery needs, are free. Linux: icmpv4_mask_allow.
bool is_limited(const IpLayer& ip, IcmpReport report) {
  constexpr unsigned kTypes = 19;
  const auto type = static_cast<unsigned>(report.type);
  const bool mtu = report.type == IcmpType::destination_unreachable &&
                   report.code == static_cast<std::uint8_t>(headers::Unreachable::fragmentation_needed);
  return type < kTypes && !mtu && (ip.settings.icmp_ratemask.value >> type & 1) != 0;
}

/// Takes the tokens that one message costs.
bool within_limits(IpLayer& ip, IcmpReport report, Ipv4Address to) {
  if (!is_limited(ip, report)) {
    return true;
  }
  switch (ip.icmp_limiter.take(to, ip.kernel().now())) {
    case IcmpLimit::allowed:
      return true;
    case IcmpLimit::global:
      ++ip.icmp_counters.out_rate_limit_global;
      break;
    case IcmpLimit::host:
      ++ip.icmp_counters.out_rate_limit_host;
      break;
  }
  return false;
}

/// The address that a report speaks from: the one that was spoken to, when it is ours.
Ipv4Address answering_address(IpLayer& ip, Ipv4Address spoken_to) {
  return ip.addresses.is_local(spoken_to) ? spoken_to : headers::kAnyAddress;
}

/// How a message travels.
struct Way {
  OutputRoute route;
  EchoedOptions options;
  std::uint8_t tos;
};

/// Back to the packet's sender, the way that he chose if he did.
base::Result<Way> way_back(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, const Ipv4View& header,
                           std::uint8_t tos) {
  const EchoedOptions options = ip_control(about).options_accepted ? ip_options_echo(header) : EchoedOptions{};
  const Ipv4Address to = options.first_stop().value_or(header.source());
  const auto route = ip_route_output(ip, cpu, to, answering_address(ip, header.destination()));
  if (!route.ok()) {
    ++ip.icmp_counters.out_errors;
    return route.error();
  }
  return Way{*route, options, tos};
}

/// Builds a message around a copy of `payload` and sends it.
void send_message(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& because_of, const Way& way,
                  const IcmpFields& fields, Bytes payload) {
  cpu.charge(kernel::Op::icmp_send);
  cpu.charge(kernel::Op::copy_per_byte, payload.size());
  cpu.charge(kernel::Op::checksum_per_byte, payload.size());
  const std::size_t length = headers::kIcmpHeaderBytes + payload.size();
  skb::Skb message = ip.net.pool().allocate(static_cast<std::uint32_t>(length));
  if (message == nullptr) {
    ++ip.icmp_counters.out_errors;
    return;
  }
  if (auto* observer = cpu.kernel().observer()) {
    observer->derived(because_of.id(), message->id());
  }
  const auto out = message->put(static_cast<std::uint32_t>(length));
  std::copy(payload.begin(), payload.end(), out.begin() + headers::kIcmpHeaderBytes);
  headers::write_icmp(out, fields);
  static_cast<void>(
      icmp_push(ip, cpu, std::move(message), way.route,
                {.protocol = headers::IpProtocol::icmp, .tos = way.tos, .ip_options = way.options.bytes()}));
}

}  // namespace

base::Result<void> icmp_push(IpLayer& ip, kernel::Cpu& cpu, skb::Skb message, const OutputRoute& route,
                             const OutputOptions& options) {
  cpu.trace(kernel::JourneyStep::icmp_send, message->id());
  const IcmpType type{std::to_integer<std::uint8_t>(message->bytes()[0])};
  ++ip.icmp_counters.out_msgs;
  ++ip.icmp_out_types[static_cast<unsigned>(type)];
  if (const auto counter = out_counter(type)) {
    ++(ip.icmp_counters.*counter);
  }
  return ip_queue_xmit(ip, cpu, std::move(message), route, options);
}

void icmp_send(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, IcmpReport report) {
  const auto header = Ipv4View::parse_quoted(about.network_header());
  if (!header || !may_report(ip, about, *header) || !within_limits(ip, report, header->source())) {
    return;
  }
  const auto tos = static_cast<std::uint8_t>((header->tos() & kTosMask) | kInternetControl);
  const auto way = way_back(ip, cpu, about, *header, tos);
  if (!way.ok()) {
    return;
  }
  const std::size_t headers_bytes = headers::kIpv4HeaderBytes + way->options.bytes().size() + headers::kIcmpHeaderBytes;
  const std::size_t room = std::min<std::size_t>(way->route.device->mtu(), kErrorBytes) - headers_bytes;
  std::array<std::byte, kErrorBytes> quote;
  const std::size_t quoted = skb::copy_packet(about, std::span(quote).first(room));
  send_message(ip, cpu, about, *way,
               {.type = report.type,
                .code = report.code,
                .id = static_cast<std::uint16_t>(report.info >> 16),
                .sequence = static_cast<std::uint16_t>(report.info)},
               Bytes(quote).first(quoted));
}

void icmp_reply(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& request, const Ipv4View& header, IcmpFields fields,
                Bytes payload) {
  const auto way = way_back(ip, cpu, request, header, header.tos());
  if (way.ok() && within_limits(ip, {fields.type, fields.code}, header.source())) {
    send_message(ip, cpu, request, *way, fields, payload);
  }
}

}  // namespace host::ip
