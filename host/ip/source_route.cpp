// SPDX-License-Identifier: Apache-2.0
// Packets whose senders chose their way (RFC 791, LSRR and SSRR; Linux: ip_options_rcv_srr).
#include "host/ip/source_route.hpp"

#include "host/base/byte_order.hpp"
#include "host/headers/ipv4.hpp"
#include "host/ip/icmp_send.hpp"

namespace host::ip {

using headers::Ipv4Address;
using headers::Ipv4View;

namespace {

constexpr std::size_t kDestinationAt = 16;
constexpr std::size_t kAddressBytes = 4;

/// The way to a stop; nothing: there is none.
std::optional<InputRoute> route_to(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& skb, Ipv4Address stop) {
  const Ipv4View header = Ipv4View::parse_quoted(skb.bytes()).value();
  if (stop.is_multicast()) {
    return std::nullopt;
  }
  const InputRoute route = ip_route_input(
      ip, cpu, {.destination = stop, .source = header.source(), .tos = header.tos(), .mark = skb.mark, .in = skb.dev});
  const bool leads = route.decision == InputDecision::local || route.decision == InputDecision::forward;
  return leads ? std::optional(route) : std::nullopt;
}

}  // namespace

bool ip_options_rcv_srr(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& skb, headers::MutableBytes header,
                        InputRoute& route, IpOptions& options) {
  if (skb.packet_type != skb::PacketType::host) {
    return false;
  }
  if (route.decision == InputDecision::forward) {
    if (options.strict_route) {
      icmp_send(ip, cpu, skb, parameter_problem(kDestinationAt));
    }
    return !options.strict_route;
  }
  if (route.decision != InputDecision::local) {
    return false;
  }
  const std::size_t option = options.source_route;
  const std::size_t length = base::load_u8(header, option + 1);
  // RFC 791 counts the pointer from 1.
  for (std::size_t at = base::load_u8(header, option + 2); at <= length; at += kAddressBytes) {
    if (at + kAddressBytes - 1 > length) {
      icmp_send(ip, cpu, skb, parameter_problem(static_cast<std::uint8_t>(option + 2)));
      return false;
    }
    const Ipv4Address stop{base::load_be32(header, option + at - 1)};
    const auto onwards = route_to(ip, cpu, skb, stop);
    if (!onwards) {
      return false;
    }
    route = *onwards;
    options.changed = true;
    if (route.decision != InputDecision::local) {
      options.next_stop = stop;
      break;
    }
    base::store_be32(header, kDestinationAt, stop.value);
  }
  return true;
}

}  // namespace host::ip
