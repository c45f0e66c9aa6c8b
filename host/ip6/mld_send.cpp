// SPDX-License-Identifier: Apache-2.0
// MLD messages on their way out: router alert, one hop, from the link-local address (Linux: mld_newpack, igmp6_send).
#include <algorithm>

#include "host/headers/ipv6_extensions.hpp"
#include "host/ip6/ip6_output.hpp"
#include "host/ip6/mld.hpp"

namespace host::ip6 {

using headers::GroupRecord;
using headers::Icmp6Type;
using headers::Ipv6Address;

namespace {

/// Room for the router alert and a message of that many bytes, or null, counted.
skb::Skb make_packet(Ip6Layer& ip6, kernel::Cpu& cpu, std::size_t message_bytes) {
  cpu.charge(kernel::Op::igmp_send);
  const auto bytes = static_cast<std::uint32_t>(headers::kRouterAlertBytes + message_bytes);
  skb::Skb packet = ip6.net.pool().allocate(bytes);
  if (packet == nullptr) {
    ++ip6.icmp_counters.out_errors;
    return nullptr;
  }
  headers::write_router_alert(packet->put(bytes), headers::NextHeader::icmp6);
  return packet;
}

}  // namespace

Ipv6Address Mld::speaker(const device::NetDevice& device) const {
  const auto& all = ip6_.addresses.all();
  const auto found = std::ranges::find_if(all, [&](const InterfaceAddress6& address) {
    return address.device == &device && address.usable() && address.prefix.address.is_link_local();
  });
  return found == all.end() ? Ipv6Address{} : found->prefix.address;
}

void Mld::transmit(kernel::Cpu& cpu, device::NetDevice& device, const Ipv6Address& source,
                   const Ipv6Address& destination, Icmp6Type type, skb::Skb packet) {
  cpu.trace(kernel::JourneyStep::icmp_send, packet->id());
  ++ip6_.icmp_counters.out_msgs;
  ++ip6_.icmp_counters.out_types[static_cast<std::uint8_t>(type)];
  const OutputRoute6 route{.device = &device, .source = source, .destination = destination, .next_hop = destination};
  // A failure is counted where the packet ends; the next report tells it again.
  static_cast<void>(ip6_xmit(
      ip6_, cpu, std::move(packet), route,
      {.protocol = headers::NextHeader::hop_by_hop, .hop_limit = headers::kMldHopLimit, .multicast_loop = false}));
}

void Mld::send(kernel::Cpu& cpu, device::NetDevice& device, Icmp6Type type, const Ipv6Address& group) {
  const Ipv6Address source = speaker(device);
  const Ipv6Address destination = type == Icmp6Type::multicast_listener_done ? headers::kAllRouters : group;
  if (auto packet = make_packet(ip6_, cpu, headers::kMldBytes)) {
    headers::write_mld(packet->writable().subspan(headers::kRouterAlertBytes), type, group, source, destination);
    transmit(cpu, device, source, destination, type, std::move(packet));
  }
}

/// As many messages as the MTU makes of the records.
void Mld::send_records(kernel::Cpu& cpu, device::NetDevice& device, std::span<const GroupRecord> records) {
  constexpr std::size_t kOverhead = headers::kIpv6HeaderBytes + headers::kRouterAlertBytes + headers::kMldV2ReportBytes;
  const Ipv6Address source = speaker(device);
  const std::size_t room = std::max<std::size_t>((device.mtu() - kOverhead) / headers::kMldRecordBytes, 1);
  while (!records.empty()) {
    const auto part = records.first(std::min(room, records.size()));
    auto packet = make_packet(ip6_, cpu, headers::kMldV2ReportBytes + part.size() * headers::kMldRecordBytes);
    if (packet == nullptr) {
      return;
    }
    headers::write_mld_v2_report(packet->writable().subspan(headers::kRouterAlertBytes), part, source,
                                 headers::kMldV2Routers);
    transmit(cpu, device, source, headers::kMldV2Routers, Icmp6Type::multicast_listener_report_v2, std::move(packet));
    records = records.subspan(part.size());
  }
}

}  // namespace host::ip6
