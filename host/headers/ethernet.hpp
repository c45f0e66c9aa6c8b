// SPDX-License-Identifier: Apache-2.0
// The Ethernet header (IEEE 802.3 clause 3) with at most one VLAN tag (IEEE 802.1Q clause 9).
#pragma once

#include <optional>

#include "host/base/byte_order.hpp"
#include "host/base/mac_address.hpp"
#include "host/headers/bytes.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::headers {

inline constexpr std::size_t kEthernetHeaderBytes = 14;
inline constexpr std::size_t kVlanTagBytes = 4;
/// A frame without its FCS is never shorter on the wire.
inline constexpr std::size_t kEthernetMinimumFrame = 60;

enum class EtherType : std::uint16_t { ipv4 = 0x0800, arp = 0x0806, vlan = 0x8100, ipv6 = 0x86dd };

/// Type fields below this are lengths of an 802.3 frame with LLC.
inline constexpr std::uint16_t kEtherTypeMinimum = 0x0600;

struct EthernetFields {
  base::MacAddress destination;
  base::MacAddress source;
  EtherType type{};
};

/// Byte layout:  0 destination  6 source  12 type     14 payload
///         or:   0 destination  6 source  12 0x8100   14 tag control  16 type  18 payload
class EthernetView {
 public:
  /// Nothing when the frame ends inside the header or its tag.
  [[nodiscard]] static std::optional<EthernetView> parse(Bytes frame);

  [[nodiscard]] base::MacAddress destination() const { return base::MacAddress::load(frame_, 0); }
  [[nodiscard]] base::MacAddress source() const { return base::MacAddress::load(frame_, 6); }
  /// The type behind the tag, if there is a tag.
  [[nodiscard]] EtherType type() const { return EtherType{base::load_be16(frame_, header_bytes_ - 2)}; }
  /// The field holds a length: an 802.3 frame, not Ethernet II.
  [[nodiscard]] bool is_length() const { return base::load_be16(frame_, header_bytes_ - 2) < kEtherTypeMinimum; }
  /// Priority, drop-eligible bit and VLAN id as they stand in the tag.
  [[nodiscard]] std::optional<std::uint16_t> vlan_tag() const {
    return header_bytes_ == kEthernetHeaderBytes ? std::nullopt : std::optional{base::load_be16(frame_, 14)};
  }
  [[nodiscard]] std::size_t header_bytes() const { return header_bytes_; }
  [[nodiscard]] Bytes payload() const { return frame_.subspan(header_bytes_); }
  [[nodiscard]] EthernetFields fields() const { return {destination(), source(), type()}; }

 private:
  EthernetView(Bytes frame, std::size_t header_bytes) : frame_(frame), header_bytes_(header_bytes) {}

  Bytes frame_;
  std::size_t header_bytes_;
};

/// The stations that listen to a group (RFC 1112 section 6.4).
[[nodiscard]] base::MacAddress multicast_mac(Ipv4Address group);

/// `out` holds at least kEthernetHeaderBytes.
void write_ethernet(MutableBytes out, const EthernetFields& fields);

}  // namespace host::headers
