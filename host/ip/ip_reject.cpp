// SPDX-License-Identifier: Apache-2.0
// Answers to packets that a rule rejects (Linux: nf_send_unreach, nf_send_reset).
#include "host/ip/ip_reject.hpp"

#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_output.hpp"
#include "host/netfilter/tcp_reset.hpp"

namespace host::ip {
namespace {

using netfilter::kTcpResetBytes;
using netfilter::PacketView;

void send_reset(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, const PacketView& packet) {
  const bool trusted = about.ip_summed == skb::IpSummed::unnecessary || about.ip_summed == skb::IpSummed::partial;
  if (!may_reset(packet) || (!trusted && !tcp_checksum_ok(packet))) {
    return;
  }
  const auto route = ip_route_output(ip, cpu, packet.source().ipv4());
  skb::Skb answer = ip.net.pool().allocate(kTcpResetBytes);
  if (!route.ok() || answer == nullptr) {
    return;
  }
  if (auto* observer = cpu.kernel().observer()) {
    observer->derived(about.id(), answer->id());
  }
  OutputRoute back = *route;
  back.source = packet.destination().ipv4();  // also one that is not ours: the packet was on its way through
  write_tcp_reset(answer->put(kTcpResetBytes), packet);
  static_cast<void>(
      ip_queue_xmit(ip, cpu, std::move(answer), back, {.protocol = headers::IpProtocol::tcp, .dont_fragment = true}));
}

}  // namespace

void ip_reject(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& about, const netfilter::HookCall& call) {
  const auto packet = PacketView::parse(about.bytes());
  if (!packet) {
    return;
  }
  if (call.reject->type == netfilter::RejectType::tcp_reset) {
    send_reset(ip, cpu, about, *packet);
    return;
  }
  icmp_send(ip, cpu, about, {headers::IcmpType::destination_unreachable, call.reject->code});
}

}  // namespace host::ip
