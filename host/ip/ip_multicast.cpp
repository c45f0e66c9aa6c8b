// SPDX-License-Identifier: Apache-2.0
// Packets to groups and to everybody: which come in, and what of ours we hear ourselves (Linux: ip_mc_validate_source,
// ip_mc_output).
#include "host/ip/ip_multicast.hpp"

#include "host/headers/ethernet.hpp"

namespace host::ip {

using headers::Ipv4Address;

namespace {

/// 224.0.0.0/24: never leaves the link.
bool is_local_group(Ipv4Address group) {
  return group.value >> 8 == headers::kAllHosts.value >> 8;
}

}  // namespace

InputRoute ip_route_input_multicast(IpLayer& ip, kernel::Cpu& cpu, const Flow& flow, headers::IpProtocol protocol) {
  cpu.charge(kernel::Op::ip_route);
  const bool igmp = protocol == headers::IpProtocol::igmp;
  if (!igmp && !ip.igmp.is_member(*flow.in, flow.destination)) {
    return {.decision = InputDecision::not_member};
  }
  const Ipv4Address source = flow.source;
  const bool nobody = source.is_zero_net();
  if (source.is_multicast() || source.is_limited_broadcast() || source.is_loopback() ||
      (nobody && !igmp && !is_local_group(flow.destination))) {
    return {.decision = InputDecision::martian_source};
  }
  const SourceVerdict sender = nobody ? SourceVerdict::fine : validate_source(ip, flow);
  if (sender == SourceVerdict::martian) {
    return {.decision = InputDecision::martian_source};
  }
  return {.decision = sender == SourceVerdict::reverse_path ? InputDecision::reverse_path : InputDecision::multicast};
}

void loop_back(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& packet, const OutputRoute& route) {
  cpu.charge(kernel::Op::skb_clone);
  cpu.charge(kernel::Op::copy_per_byte, packet.len());
  skb::Skb twin = packet.copy(device::kEthernetHeaderBytes);
  if (twin == nullptr) {
    ++ip.counters.out_discards;
    return;
  }
  const bool to_all = route.type == RouteType::broadcast;
  headers::write_ethernet(
      twin->push(device::kEthernetHeaderBytes),
      {.destination = to_all ? base::MacAddress::broadcast() : headers::multicast_mac(route.destination),
       .source = route.device->address(),
       .type = headers::EtherType::ipv4});
  const bool whole = device::eth_type_trans(*twin, *route.device);
  INVARIANT(whole, "a packet of ours has no Ethernet header");
  twin->packet_type = skb::PacketType::loopback;
  twin->ip_summed = skb::IpSummed::unnecessary;
  static_cast<void>(ip.net.rps().enqueue(cpu, std::move(twin), cpu.id()));  // a full backlog is a counted drop
}

}  // namespace host::ip
