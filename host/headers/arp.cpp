// SPDX-License-Identifier: Apache-2.0
// ARP for IPv4 over Ethernet (RFC 826).
#include "host/headers/arp.hpp"

#include "host/headers/ethernet.hpp"

namespace host::headers {
namespace {

constexpr std::uint16_t kHardwareEthernet = 1;
constexpr std::uint8_t kIpv4AddressBytes = 4;

}  // namespace

std::optional<ArpFields> parse_arp(Bytes packet) {
  if (packet.size() < kArpBytes || read_be16(packet, 0) != kHardwareEthernet ||
      EtherType{read_be16(packet, 2)} != EtherType::ipv4 ||
      read_u8(packet, 4) != MacAddress::kBytes || read_u8(packet, 5) != kIpv4AddressBytes) {
    return std::nullopt;
  }
  const ArpOperation operation{read_be16(packet, 6)};
  if (operation != ArpOperation::request && operation != ArpOperation::reply) {
    return std::nullopt;
  }
  return ArpFields{.operation = operation,
                   .sender_mac = MacAddress::read(packet, 8),
                   .sender = {read_be32(packet, 14)},
                   .target_mac = MacAddress::read(packet, 18),
                   .target = {read_be32(packet, 24)}};
}

void write_arp(MutableBytes out, const ArpFields& fields) {
  write_be16(out, 0, kHardwareEthernet);
  write_be16(out, 2, static_cast<std::uint16_t>(EtherType::ipv4));
  write_u8(out, 4, MacAddress::kBytes);
  write_u8(out, 5, kIpv4AddressBytes);
  write_be16(out, 6, static_cast<std::uint16_t>(fields.operation));
  fields.sender_mac.write(out, 8);
  write_be32(out, 14, fields.sender.value);
  fields.target_mac.write(out, 18);
  write_be32(out, 24, fields.target.value);
}

}  // namespace host::headers
