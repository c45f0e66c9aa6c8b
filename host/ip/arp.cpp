// SPDX-License-Identifier: Apache-2.0
// ARP: questions and answers between neighbours (Linux: net/ipv4/arp.c; RFC 826, RFC 5227).
#include "host/ip/arp.hpp"

#include "host/headers/arp.hpp"
#include "host/headers/ethernet.hpp"
#include "host/ip/arp_policy.hpp"
#include "host/ip/ip_output.hpp"

namespace host::ip {

using base::DropReason;
using base::MacAddress;
using headers::ArpFields;
using headers::ArpOperation;
using headers::Ipv4Address;

namespace {

void arp_send(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device, const ArpFields& fields, const MacAddress& to) {
  cpu.charge(kernel::Op::skb_alloc);
  skb::Skb packet = ip.net.pool().allocate(headers::kArpBytes);
  if (packet == nullptr) {
    return;  // counted by the pool; the next probe tries again
  }
  headers::write_arp(packet->put(headers::kArpBytes), fields);
  packet->reset_network_header();
  packet->protocol = static_cast<std::uint16_t>(headers::EtherType::arp);
  // A failure is counted where the packet ends; ARP itself is the retry.
  static_cast<void>(transmit(ip, cpu, device, to, std::move(packet)));
}

/// No station may speak for these.
bool is_usable(const ArpFields& fields) {
  return !fields.sender_mac.is_multicast() && !fields.sender_mac.is_zero() && !fields.sender.is_multicast() &&
         !fields.sender.is_loopback() && !fields.sender.is_limited_broadcast() && !fields.target.is_multicast() &&
         !fields.target.is_loopback();
}

/// RFC 826's merge: a known sender is updated; one who asks for us is remembered.
void learn(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device, const ArpFields& fields,
           skb::PacketType addressed_to, bool asks_us) {
  const bool gratuitous = fields.sender == fields.target;
  const bool answers_us = fields.operation == ArpOperation::reply && addressed_to == skb::PacketType::host;
  ip.neighbours.update(cpu, device, fields.sender,
                       {.mac = fields.sender_mac,
                        .solicited = answers_us && !gratuitous,
                        .override_mac = gratuitous || asks_us,
                        .create = asks_us || arp_accepts(ip, device, fields)});
}

}  // namespace

void arp_rcv(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb) {
  cpu.charge(kernel::Op::arp_input);
  cpu.trace(kernel::JourneyStep::arp_rcv, skb->id());
  if (skb->packet_type == skb::PacketType::otherhost) {
    drop(cpu, std::move(skb), DropReason::other_host);
    return;
  }
  const auto fields = skb->may_pull(headers::kArpBytes).ok() ? headers::parse_arp(skb->bytes()) : std::nullopt;
  if (!fields || !is_usable(*fields)) {
    drop(cpu, std::move(skb), DropReason::arp_malformed);
    return;
  }
  device::NetDevice& device = *skb->dev;
  if (ip.net.link_flags(device).no_arp) {
    drop(cpu, std::move(skb), DropReason::arp_unwanted);
    return;
  }
  const bool gratuitous = !fields->sender.is_any() && fields->sender == fields->target;
  if (gratuitous && ip.conf.either(device, Conf::drop_gratuitous_arp)) {
    drop(cpu, std::move(skb), DropReason::arp_unwanted);
    return;
  }
  const bool asks = fields->operation == ArpOperation::request;
  const ArpClaim claim = asks ? arp_claim(ip, cpu, device, *fields) : ArpClaim::none;
  const bool answers = claim == ArpClaim::ours || claim == ArpClaim::proxied;
  const bool claims_ours = ip.addresses.is_local(fields->sender);
  if (!fields->sender.is_any() && !claims_ours && claim != ArpClaim::hidden) {
    learn(ip, cpu, device, *fields, skb->packet_type, answers);
  }
  skb.reset();
  if (answers) {
    arp_send(ip, cpu, device,
             {.operation = ArpOperation::reply,
              .sender_mac = device.address(),
              .sender = fields->target,
              .target_mac = fields->sender_mac,
              .target = fields->sender},
             fields->sender_mac);
  }
}

void arp_solicit(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device, Ipv4Address target,
                 std::optional<MacAddress> known, std::optional<Ipv4Address> speaker) {
  const auto source = arp_source(ip, device, target, speaker);
  if (!source) {
    return;  // the device lost its addresses meanwhile: the probes run out
  }
  arp_send(ip, cpu, device,
           {.operation = ArpOperation::request,
            .sender_mac = device.address(),
            .sender = *source,
            .target_mac = {},
            .target = target},
           known.value_or(MacAddress::broadcast()));
}

void arp_announce(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device, Ipv4Address address) {
  arp_send(ip, cpu, device,
           {.operation = ArpOperation::request,
            .sender_mac = device.address(),
            .sender = address,
            .target_mac = {},
            .target = address},
           MacAddress::broadcast());
}

void arp_notify(IpLayer& ip, kernel::Cpu& cpu, device::NetDevice& device) {
  if (ip.conf.larger(device, Conf::arp_notify) == 0) {
    return;
  }
  const std::vector<InterfaceAddress> all = ip.addresses.all();  // sending takes time, in which they may change
  for (const InterfaceAddress& entry : all) {
    if (entry.device == &device) {
      arp_announce(ip, cpu, device, entry.prefix.address);
    }
  }
}

}  // namespace host::ip
