// SPDX-License-Identifier: Apache-2.0
// Where a packet's parts are (Linux: nft_set_pktinfo_ipv4, nft_set_pktinfo_ipv6).
#include "host/netfilter/packet_view.hpp"

#include <algorithm>

#include "host/headers/ipv4.hpp"
#include "host/headers/ipv6_extensions.hpp"

namespace host::netfilter {

using headers::Bytes;
using headers::Ipv4View;
using headers::Ipv6View;

std::optional<PacketView> PacketView::parse(Bytes bytes) {
  const bool ipv6 = !bytes.empty() && base::load_u8(bytes, 0) >> 4U == 6;
  return ipv6 ? parse_ipv6(bytes) : parse_ipv4(bytes);
}

std::optional<PacketView> PacketView::parse_ipv4(Bytes bytes) {
  const auto ip = Ipv4View::parse_quoted(bytes);
  if (!ip) {
    return std::nullopt;
  }
  PacketView view;
  view.packet_ = ip->packet();
  view.transport_at_ = ip->header_bytes();
  view.total_ = std::max<std::size_t>(ip->total_length(), view.transport_at_);
  view.fragment_offset_ = ip->fragment_offset();
  view.more_ = ip->more_fragments();
  view.protocol_ = static_cast<std::uint8_t>(ip->protocol());
  return view;
}

std::optional<PacketView> PacketView::parse_ipv6(Bytes bytes) {
  const auto ip = Ipv6View::parse_quoted(bytes);
  if (!ip) {
    return std::nullopt;
  }
  PacketView view;
  view.ipv6_ = true;
  view.packet_ = ip->packet();
  view.transport_at_ = view.packet_.size();
  view.protocol_ = static_cast<std::uint8_t>(headers::NextHeader::none);
  auto upper = headers::find_upper_layer(*ip);
  if (!upper || upper->at != headers::kIpv6HeaderBytes) {
    const auto walked = headers::walk_extensions(*ip);
    const auto* found = std::get_if<headers::UpperLayer>(&walked);
    if (found != nullptr && found->fragment) {
      view.fragment_offset_ = found->fragment->offset;
      view.more_ = found->fragment->more;
      upper = upper ? upper : *found;  // a later fragment has a protocol, and no header of it
    }
  }
  if (upper) {
    view.transport_at_ = std::min(upper->at, view.packet_.size());
    view.protocol_ = static_cast<std::uint8_t>(upper->protocol);
  }
  view.total_ = std::max(headers::kIpv6HeaderBytes + ip->payload_length(), view.transport_at_);
  return view;
}

headers::IpAddress PacketView::source() const {
  constexpr std::size_t kIpv4At = 12;
  constexpr std::size_t kIpv6At = 8;
  return ipv6_ ? headers::IpAddress(headers::Ipv6Address::load(packet_, kIpv6At))
               : headers::IpAddress(headers::Ipv4Address{base::load_be32(packet_, kIpv4At)});
}

headers::IpAddress PacketView::destination() const {
  constexpr std::size_t kIpv4At = 16;
  constexpr std::size_t kIpv6At = 24;
  return ipv6_ ? headers::IpAddress(headers::Ipv6Address::load(packet_, kIpv6At))
               : headers::IpAddress(headers::Ipv4Address{base::load_be32(packet_, kIpv4At)});
}

}  // namespace host::netfilter
