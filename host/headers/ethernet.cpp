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

void write_ethernet(MutableBytes out, const EthernetFields& fields) {
  fields.destination.store(out, 0);
  fields.source.store(out, 6);
  base::store_be16(out, 12, static_cast<std::uint16_t>(fields.type));
}

}  // namespace host::headers
