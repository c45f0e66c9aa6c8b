// SPDX-License-Identifier: Apache-2.0
// ARP for IPv4 over Ethernet (RFC 826).
#include "host/headers/arp.hpp"

#include "host/base/byte_order.hpp"
#include "host/headers/ethernet.hpp"

namespace host::headers {
namespace {

constexpr std::uint16_t kHardwareEthernet = 1;
constexpr std::uint8_t kIpv4AddressBytes = 4;

}  // namespace

std::optional<ArpFields> parse_arp(Bytes packet) {
  if (packet.size() < kArpBytes || base::load_be16(packet, 0) != kHardwareEthernet ||
      EtherType{base::load_be16(packet, 2)} != EtherType::ipv4 ||
      base::load_u8(packet, 4) != base::MacAddress::kBytes || base::load_u8(packet, 5) != kIpv4AddressBytes) {
    return std::nullopt;
  }
  const ArpOperation operation{base::load_be16(packet, 6)};
  if (operation != ArpOperation::request && operation != ArpOperation::reply) {
    return std::nullopt;
  }
  return ArpFields{.operation = operation,
                   .sender_mac = base::MacAddress::load(packet, 8),
                   .sender = {base::load_be32(packet, 14)},
                   .target_mac = base::MacAddress::load(packet, 18),
                   .target = {base::load_be32(packet, 24)}};
}

void write_arp(MutableBytes out, const ArpFields& fields) {
  base::store_be16(out, 0, kHardwareEthernet);
  base::store_be16(out, 2, static_cast<std::uint16_t>(EtherType::ipv4));
  base::store_u8(out, 4, base::MacAddress::kBytes);
  base::store_u8(out, 5, kIpv4AddressBytes);
  base::store_be16(out, 6, static_cast<std::uint16_t>(fields.operation));
  fields.sender_mac.store(out, 8);
  base::store_be32(out, 14, fields.sender.value);
  fields.target_mac.store(out, 18);
  base::store_be32(out, 24, fields.target.value);
}

}  // namespace host::headers
