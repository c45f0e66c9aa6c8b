// SPDX-License-Identifier: Apache-2.0
// ICMPv6 messages that this host sends: errors about packets, and answers (Linux: icmp6_send, icmpv6_echo_reply).
#include "host/ip6/icmp6_send.hpp"

#include <algorithm>
#include <array>

#include "host/ip6/ip6_output.hpp"
#include "host/skb/skb_runs.hpp"

namespace host::ip6 {

using headers::Bytes;
using headers::Icmp6Fields;
using headers::Icmp6Type;
using headers::Icmp6View;
using headers::Ipv6Address;
using headers::Ipv6View;

namespace {

/// RFC 4443 section 2.4 (e): never about an error or a redirect, to a group or nobody in particular; about a packet to
/// a group only that it is too big or has an option that wants it.
bool may_report(const skb::SkBuff& about, const Ipv6View& header, const Icmp6Fields& report) {
  constexpr std::uint8_t kUnknownOption = 2;
  constexpr std::uint8_t kIncompleteChain = 3;
  const Ipv6Address source = header.source();
  if (source.is_unspecified() || source.is_multicast() || source.is_loopback()) {
    return false;
  }
  const bool to_many = header.destination().is_multicast() || about.packet_type != skb::PacketType::host;
  const bool even_then = report.type == Icmp6Type::packet_too_big ||
                         (report.type == Icmp6Type::parameter_problem && report.code == kUnknownOption);
  if (to_many && !even_then) {
    return false;
  }
  const auto upper = headers::find_upper_layer(header);
  if (!upper || upper->protocol != headers::NextHeader::icmp6) {
    return true;
  }
  const auto message = Icmp6View::parse(header.packet().subspan(upper->at));
  if (!message && report.type == Icmp6Type::parameter_problem && report.code == kIncompleteChain) {
    return true;  // that it is not there is the report
  }
  return message && !is_icmp6_error(message->type()) && message->type() != Icmp6Type::redirect;
}

/// Linux: icmpv6_xrlim_allow. Path MTU discovery may wait for nothing; whoever is behind a wide prefix may hear more.
bool within_limits(Ip6Layer& ip6, const OutputRoute6& route, const Icmp6Fields& report, platform::Nanoseconds now) {
  constexpr platform::Nanoseconds kMillisecond = 1'000'000;
  if (report.type == Icmp6Type::packet_too_big || route.type == Route6Type::local) {
    return true;
  }
  const platform::Nanoseconds pause = ip6.settings.icmp_ratelimit.value * kMillisecond;
  const unsigned halvings = (128 - route.prefix_length) / 32;
  return ip6.ipv4.icmp_limiter.take(route.destination, now, pause >> halvings) == ip::IcmpLimit::allowed;
}

skb::Skb make_message(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& because_of, Bytes payload) {
  cpu.charge(kernel::Op::icmp_send);
  cpu.charge(kernel::Op::copy_per_byte, payload.size());
  const auto length = static_cast<std::uint32_t>(headers::kIcmp6HeaderBytes + payload.size());
  skb::Skb message = ip6.net.pool().allocate(length);
  if (message == nullptr) {
    ++ip6.icmp_counters.out_errors;
    return nullptr;
  }
  if (auto* observer = cpu.kernel().observer()) {
    observer->derived(because_of.id(), message->id());
  }
  const auto out = message->put(length);
  std::ranges::copy(payload, out.begin() + headers::kIcmp6HeaderBytes);
  return message;
}

/// The way back; speaks from the address that was spoken to, when it is ours.
base::Result<OutputRoute6> route_back(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& to, const Ipv6View& header) {
  const Ipv6Address spoken_to = header.destination();
  const bool ours = !spoken_to.is_multicast() && ip6.addresses.is_local(spoken_to, *to.dev);
  const bool on_link = header.source().is_link_local();
  return ip6_route_output(ip6, cpu,
                          {.destination = header.source(),
                           .source = ours ? spoken_to : Ipv6Address{},
                           .device = on_link ? to.dev : nullptr});
}

}  // namespace

base::Result<void> icmp6_push(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb message, const Icmp6Fields& fields,
                              const OutputRoute6& route, std::uint8_t hop_limit) {
  cpu.charge(kernel::Op::checksum_per_byte, message->len());
  cpu.trace(kernel::JourneyStep::icmp_send, message->id());
  headers::write_icmp6(message->writable(), fields, route.source, route.destination);
  ++ip6.icmp_counters.out_msgs;
  ++ip6.icmp_counters.out_types[static_cast<std::uint8_t>(fields.type)];
  // Neighbours and routers are others (Linux: mc_loop of ndisc's socket).
  const bool of_applications = fields.type == Icmp6Type::echo_request || fields.type == Icmp6Type::echo_reply;
  return ip6_xmit(ip6, cpu, std::move(message), route,
                  {.protocol = headers::NextHeader::icmp6, .hop_limit = hop_limit, .multicast_loop = of_applications});
}

void icmp6_send(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& about, const Icmp6Fields& report) {
  const auto header = Ipv6View::parse_quoted(about.network_header());
  if (!header || !may_report(about, *header, report)) {
    return;
  }
  const auto route = route_back(ip6, cpu, about, *header);
  if (!route.ok()) {
    ++ip6.icmp_counters.out_errors;
    return;
  }
  if (!within_limits(ip6, *route, report, cpu.now())) {
    ++ip6.icmp_counters.out_rate_limit_host;
    return;
  }
  constexpr std::size_t kRoom = headers::kIpv6MinimumMtu - headers::kIpv6HeaderBytes - headers::kIcmp6HeaderBytes;
  std::array<std::byte, kRoom> quote;
  const std::size_t quoted = skb::copy_packet(about, quote);
  if (auto message = make_message(ip6, cpu, about, Bytes(quote).first(quoted))) {
    static_cast<void>(icmp6_push(ip6, cpu, std::move(message), report, *route));
  }
}

void icmp6_report_fault(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& about,
                        const headers::ExtensionFault& fault) {
  using Report = headers::ExtensionFault::Report;
  const auto header = Ipv6View::parse_quoted(about.network_header());
  const bool to_group = header && header->destination().is_multicast();
  if (fault.report == Report::always || (fault.report == Report::unicast_only && !to_group)) {
    icmp6_send(ip6, cpu, about, {.type = Icmp6Type::parameter_problem, .code = fault.code, .word = fault.pointer});
  }
}

void icmp6_echo_reply(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& request, const Ipv6View& header,
                      const Icmp6View& message) {
  const auto route = route_back(ip6, cpu, request, header);
  if (!route.ok()) {
    ++ip6.icmp_counters.out_errors;
    return;
  }
  Icmp6Fields fields = message.fields();
  fields.type = Icmp6Type::echo_reply;
  if (auto reply = make_message(ip6, cpu, request, message.payload())) {
    static_cast<void>(icmp6_push(ip6, cpu, std::move(reply), fields, *route));
  }
}

}  // namespace host::ip6
