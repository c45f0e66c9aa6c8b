// SPDX-License-Identifier: Apache-2.0
// The Ethernet header (IEEE 802.3 clause 3) with at most one VLAN tag (IEEE 802.1Q clause 9).
#include "host/headers/ethernet.hpp"

#include "host/base/byte_order.hpp"

namespace host::headers {

std::optional<EthernetView> EthernetView::parse(Bytes frame) {
  if (frame.size() < kEthernetHeaderBytes) {
    return std::nullopt;
  }
  if (EtherType{base::load_be16(frame, 12)} != EtherType::vlan) {
    return EthernetView(frame, kEthernetHeaderBytes);
  }
  if (frame.size() < kEthernetHeaderBytes + kVlanTagBytes) {
    return std::nullopt;
  }
  return EthernetView(frame, kEthernetHeaderBytes + kVlanTagBytes);
}

base::MacAddress multicast_mac(Ipv4Address group) {
  const auto octet = [&](unsigned shift, unsigned mask) {
    return static_cast<std::uint8_t>(group.value >> shift & mask);
  };
  return {{0x01, 0x00, 0x5e, octet(16, 0x7f), octet(8, 0xff), octet(0, 0xff)}};
}

void write_ethernet(MutableBytes out, const EthernetFields& fields) {
  fields.destination.store(out, 0);
  fields.source.store(out, 6);
  base::store_be16(out, 12, static_cast<std::uint16_t>(fields.type));
}

}  // namespace host::headers
