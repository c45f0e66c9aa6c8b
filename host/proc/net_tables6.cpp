// SPDX-License-Identifier: Apache-2.0
// IPv6's counters and addresses, a line each.
#include "host/proc/net_tables6.hpp"

#include <fmt/format.h>

#include <span>

#include "host/base/byte_order.hpp"

namespace host::proc {

using headers::Ipv6Address;
using ip6::AddressState;

namespace {

/// Linux: snmp6_ipstats_list.
constexpr std::array<std::string_view, 32> kIp6Names{
    "InReceives",      "InHdrErrors",    "InTooBigErrors", "InNoRoutes",       "InAddrErrors", "InUnknownProtos",
    "InTruncatedPkts", "InDiscards",     "InDelivers",     "OutForwDatagrams", "OutRequests",  "OutDiscards",
    "OutNoRoutes",     "ReasmTimeout",   "ReasmReqds",     "ReasmOKs",         "ReasmFails",   "FragOKs",
    "FragFails",       "FragCreates",    "InMcastPkts",    "OutMcastPkts",     "InOctets",     "OutOctets",
    "InMcastOctets",   "OutMcastOctets", "InBcastOctets",  "OutBcastOctets",   "InNoECTPkts",  "InECT1Pkts",
    "InECT0Pkts",      "InCEPkts"};
constexpr std::array<std::string_view, 8> kUdpLite6{"InDatagrams",  "NoPorts",      "InErrors",     "OutDatagrams",
                                                    "RcvbufErrors", "SndbufErrors", "InCsumErrors", "MemErrors"};

// include/uapi/linux/if_addr.h
constexpr unsigned kDeprecated = 0x20;
constexpr unsigned kDadFailed = 0x08;
constexpr unsigned kTentative = 0x40;
constexpr unsigned kPermanent = 0x80;

std::string line(std::string_view group, std::string_view name, std::uint64_t value) {
  return fmt::format("{:<32}\t{}\n", std::string(group).append(name), value);
}

template <typename Counters>
std::string lines(std::string_view group, std::span<const ip::CounterName<Counters>> names, const Counters& counters) {
  std::string text;
  for (const auto& [name, member] : names) text += line(group, name, counters.*member);
  return text;
}

std::string icmp6(const ip6::Icmp6Counters& counters) {
  std::string text = lines<ip6::Icmp6Counters>("Icmp6", ip6::kIcmp6CounterNames, counters);
  const std::array directions{std::pair("In", &counters.in_types), std::pair("Out", &counters.out_types)};
  for (const auto& [direction, types] : directions) {
    for (const auto& [type, name] : ip6::kIcmp6TypeNames) {
      text += line(fmt::format("Icmp6{}", direction), name, (*types)[type]);
    }
  }
  for (const auto& [direction, types] : directions) {
    for (std::size_t type = 0; type < types->size(); ++type) {
      if ((*types)[type] != 0)
        text += line(fmt::format("Icmp6{}Type", direction), fmt::to_string(type), (*types)[type]);
    }
  }
  return text;
}

/// Linux: ipv6_addr_type's scopes (IPV6_ADDR_LOOPBACK, IPV6_ADDR_LINKLOCAL).
unsigned scope_of(const Ipv6Address& address) {
  if (address.is_loopback()) return 0x10;
  return address.is_link_local() ? 0x20 : 0;
}

unsigned flags_of(const ip6::InterfaceAddress6& address) {
  unsigned flags = address.valid_until == ip6::kForEver ? kPermanent : 0;
  if (address.state == AddressState::tentative) flags |= kTentative;
  if (address.state == AddressState::duplicate) flags |= kTentative | kDadFailed;
  if (address.state == AddressState::deprecated) flags |= kDeprecated;
  return flags;
}

}  // namespace

std::string hex_address6(const Ipv6Address& address) {
  const auto octets = std::as_bytes(std::span(address.octets));
  std::string text;
  for (std::size_t at = 0; at < Ipv6Address::kBytes; at += 4) {
    text += fmt::format("{:08X}", base::load_le32(octets, at));
  }
  return text;
}

std::string snmp6(const udp::UdpLayer& udp) {
  ip::CounterMap counted;
  ip::add_to_map<ip6::Ip6Counters>(counted, "Ip6", ip6::kIp6CounterNames, udp.ip6.counters);
  std::string text;
  for (const std::string_view name : kIp6Names) text += line("Ip6", name, counted["Ip6." + std::string(name)]);
  text += icmp6(udp.ip6.icmp_counters);
  text += lines<udp::UdpCounters>("Udp6", udp::kUdpCounterNames, udp.counters6);
  for (const std::string_view name : kUdpLite6) text += line("UdpLite6", name, 0);
  return text;
}

std::string if_inet6(const ip6::Ip6Layer& ip6) {
  std::string text;
  for (const ip6::InterfaceAddress6& each : ip6.addresses.all()) {
    for (const std::uint8_t octet : each.prefix.address.octets) text += fmt::format("{:02x}", octet);
    text += fmt::format(" {:02x} {:02x} {:02x} {:02x} {:>8}\n", each.device->ifindex(), each.prefix.length,
                        scope_of(each.prefix.address), flags_of(each), each.device->name());
  }
  return text;
}

}  // namespace host::proc
