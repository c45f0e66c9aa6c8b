// SPDX-License-Identifier: Apache-2.0
// Answers to IPv6 packets that a rule rejects (Linux: nf_send_unreach6, nf_send_reset6).
#include "host/ip6/ip6_reject.hpp"

#include "host/ip6/icmp6_send.hpp"
#include "host/ip6/ip6_output.hpp"
#include "host/netfilter/tcp_reset.hpp"

namespace host::ip6 {
namespace {

using headers::Unreachable6;
using netfilter::kTcpResetBytes;
using netfilter::PacketView;

/// icmpx has IPv4's codes (Linux: nft_reject_icmpv6_code).
Unreachable6 code_of(const netfilter::Reject& reject) {
  if (reject.type == netfilter::RejectType::icmpv6) {
    return Unreachable6{reject.code};
  }
  switch (headers::Unreachable{reject.code}) {
    case headers::Unreachable::net:
      return Unreachable6::no_route;
    case headers::Unreachable::host:
      return Unreachable6::address;
    case headers::Unreachable::filtered:
      return Unreachable6::prohibited;
    default:
      return Unreachable6::port;
  }
}

void send_reset(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& about, const PacketView& packet) {
  const bool trusted = about.ip_summed == skb::IpSummed::unnecessary || about.ip_summed == skb::IpSummed::partial;
  if (!may_reset(packet) || (!trusted && !tcp_checksum_ok(packet))) {
    return;
  }
  const headers::Ipv6Address to = packet.source().value;
  const auto route =
      ip6_route_output(ip6, cpu, {.destination = to, .device = to.is_link_local() ? about.dev : nullptr});
  skb::Skb answer = ip6.net.pool().allocate(kTcpResetBytes);
  if (!route.ok() || answer == nullptr) {
    return;
  }
  if (auto* observer = cpu.kernel().observer()) {
    observer->derived(about.id(), answer->id());
  }
  OutputRoute6 back = *route;
  back.source = packet.destination().value;  // also one that is not ours: the packet was on its way through
  write_tcp_reset(answer->put(kTcpResetBytes), packet);
  static_cast<void>(ip6_xmit(ip6, cpu, std::move(answer), back, {.protocol = headers::NextHeader::tcp}));
}

}  // namespace

void ip6_reject(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& about, const netfilter::HookCall& call) {
  const auto packet = PacketView::parse(about.bytes());
  if (!packet) {
    return;
  }
  if (call.reject->type == netfilter::RejectType::tcp_reset) {
    send_reset(ip6, cpu, about, *packet);
    return;
  }
  icmp6_send(
      ip6, cpu, about,
      {.type = headers::Icmp6Type::destination_unreachable, .code = static_cast<std::uint8_t>(code_of(*call.reject))});
}

}  // namespace host::ip6
