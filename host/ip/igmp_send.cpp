// SPDX-License-Identifier: Apache-2.0
// IGMP messages on their way out: router alert, one hop (Linux: igmpv3_newpack, igmp_send_report).
#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/headers/ethernet.hpp"
#include "host/ip/igmp.hpp"
#include "host/ip/ip_layer.hpp"
#include "host/ip/ip_options.hpp"
#include "host/ip/ip_output.hpp"

namespace host::ip {

using headers::GroupRecord;
using headers::IgmpType;
using headers::Ipv4Address;

namespace {

constexpr std::size_t kRouterAlertBytes = 4;
constexpr std::uint32_t kRouterAlert = 0x9404'0000;  // RFC 2113
constexpr std::size_t kHeaderBytes = headers::kIpv4HeaderBytes + kRouterAlertBytes;
constexpr std::uint8_t kInternetControl = 0xc0;

/// The IPv4 header in front of a message. `out` holds kHeaderBytes.
void write_header(headers::MutableBytes out, headers::Ipv4Fields fields) {
  fields.tos = kInternetControl;
  fields.dont_fragment = true;
  fields.ttl = 1;
  fields.protocol = headers::IpProtocol::igmp;
  headers::write_ipv4(out, fields);
  base::store_u8(out, 0, 0x40 | kHeaderBytes / 4);
  base::store_be32(out, headers::kIpv4HeaderBytes, kRouterAlert);
  ip_send_check(out);
}

}  // namespace

void Igmp::transmit(kernel::Cpu& cpu, device::NetDevice& device, Ipv4Address to, skb::Skb message) {
  cpu.charge(kernel::Op::igmp_send);
  const auto source = ip_.addresses.select(device, to).value_or(headers::kAnyAddress);
  const headers::MutableBytes out = message->push(kHeaderBytes);
  write_header(out, {.total_length = static_cast<std::uint16_t>(message->len()),
                     .id = ip_.next_id++,
                     .source = source,
                     .destination = to});
  message->reset_network_header();
  message->protocol = static_cast<std::uint16_t>(headers::EtherType::ipv4);
  ++ip_.counters.out_requests;
  // A failure is counted where the packet ends; the next report tells it again.
  static_cast<void>(ip_output(ip_, cpu, std::move(message),
                              {.device = &device,
                               .type = RouteType::multicast,
                               .source = source,
                               .destination = to,
                               .next_hop = to,
                               .mtu = device.mtu()}));
}

void Igmp::send(kernel::Cpu& cpu, device::NetDevice& device, Ipv4Address to, IgmpType type, Ipv4Address group) {
  skb::Skb message = ip_.net.pool().allocate(headers::kIgmpBytes);
  if (message != nullptr) {
    headers::write_igmp(message->put(headers::kIgmpBytes), type, group);
    transmit(cpu, device, to, std::move(message));
  }
}

/// As many messages as the MTU makes of the records.
void Igmp::send_records(kernel::Cpu& cpu, device::NetDevice& device, std::span<const GroupRecord> records) {
  const std::size_t room = (device.mtu() - kHeaderBytes - headers::kIgmpBytes) / headers::kIgmpRecordBytes;
  while (!records.empty()) {
    const auto part = records.first(std::min(room, records.size()));
    const auto bytes = static_cast<std::uint32_t>(headers::kIgmpBytes + part.size() * headers::kIgmpRecordBytes);
    skb::Skb message = ip_.net.pool().allocate(bytes);
    if (message == nullptr) {
      return;
    }
    headers::write_igmp_v3_report(message->put(bytes), part);
    transmit(cpu, device, headers::kIgmpV3Routers, std::move(message));
    records = records.subspan(part.size());
  }
}

}  // namespace host::ip
