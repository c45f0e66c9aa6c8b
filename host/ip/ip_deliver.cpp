// SPDX-License-Identifier: Apache-2.0
// A packet for this host goes to its transport protocol (Linux: ip_local_deliver).
#include "host/ip/ip_deliver.hpp"

#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_hook.hpp"

namespace host::ip {

namespace {

/// Linux: ip_local_deliver_finish.
[[gnu::always_inline]] inline void deliver(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, headers::Ipv4View& header) {
  if (!nf_hook(ip, cpu, skb, header, {.hook = netfilter::Hook::input, .in = skb->dev})) {
    return;
  }
  const ProtocolTable::Protocol* protocol = ip.protocols.find(header.protocol());
  const auto header_bytes = static_cast<std::uint32_t>(header.header_bytes());
  bool raw = false;
  if (ip.raw) {
    skb->pull(header_bytes);
    raw = ip.raw(cpu, *skb, header);
    skb->restore(header_bytes);
  }
  if (protocol == nullptr && raw) {
    ++ip.counters.in_delivers;
    return;
  }
  if (protocol == nullptr) {
    ++ip.counters.in_unknown_protos;
    icmp_send(ip, cpu, *skb, unreachable(headers::Unreachable::protocol));
    drop(cpu, std::move(skb), base::DropReason::ip_no_protocol);
    return;
  }
  ++ip.counters.in_delivers;
  skb->pull(header_bytes);
  skb->reset_transport_header();
  protocol->receive(cpu, std::move(skb), header);
}

}  // namespace

void ip_local_deliver(IpLayer& ip, kernel::Cpu& cpu, skb::Skb&& skb, headers::Ipv4View& header) {
  cpu.trace(kernel::JourneyStep::ip_local_deliver, skb->id());
  if (!header.is_fragment()) {
    deliver(ip, cpu, std::move(skb), header);
    return;
  }
  skb::Skb whole = ip.defrag.add(cpu, std::move(skb), header, DefragUser::local_deliver);
  if (whole != nullptr) {
    auto its_header = headers::Ipv4View::parse_quoted(whole->bytes()).value();
    deliver(ip, cpu, std::move(whole), its_header);
  }
}

}  // namespace host::ip
