// SPDX-License-Identifier: Apache-2.0
// The value of each key (Linux: nft_payload_eval, nft_meta_get_eval).
#include "host/netfilter/packet_info.hpp"

#include "host/base/byte_order.hpp"
#include "host/netfilter/connection.hpp"

namespace host::netfilter {
namespace {

using headers::Bytes;

/// Where a transport header's field is, in bytes.
struct Field {
  std::size_t offset;
  std::size_t bytes;
};

constexpr Field field_of(Key key) {
  switch (key) {
    case Key::icmp_type:
    case Key::icmpv6_type:
      return {0, 1};
    case Key::icmp_code:
    case Key::icmpv6_code:
      return {1, 1};
    case Key::icmp_id:
    case Key::icmpv6_id:
      return {4, 2};
    case Key::icmp_sequence:
    case Key::icmpv6_sequence:
      return {6, 2};
    case Key::icmpv6_mtu:
      return {4, 4};
    case Key::udp_sport:
    case Key::tcp_sport:
    case Key::th_sport:
      return {0, 2};
    case Key::udp_dport:
    case Key::tcp_dport:
    case Key::th_dport:
      return {2, 2};
    case Key::udp_length:
      return {4, 2};
    case Key::tcp_flags:
      return {13, 1};
    default:
      return {0, 0};
  }
}

/// Whether a message of this type has the field, as nft understands them.
bool type_has(Key key, std::uint8_t type) {
  switch (key) {
    case Key::icmp_id:
    case Key::icmp_sequence:
      return type == 0 || type == 8;
    case Key::icmpv6_id:
    case Key::icmpv6_sequence:
      return type == 128 || type == 129;
    case Key::icmpv6_mtu:
      return type == 2;
    default:
      return true;
  }
}

Value load_wide(Bytes bytes) {
  Value value = 0;
  for (const std::byte each : bytes) {
    value = value << 8 | static_cast<std::uint8_t>(each);
  }
  return value;
}

bool load_index(const device::NetDevice* device, Value& out) {
  out = device != nullptr ? device->ifindex() : 0;
  return device != nullptr;
}

bool load_name(const device::NetDevice* device, Value& out) {
  out = device != nullptr ? name_value(device->name()) : 0;
  return device != nullptr;
}

}  // namespace

PacketInfo::PacketInfo(const skb::SkBuff& skb, const HookCall& call)
    : skb_(skb), call_(call), view_(PacketView::parse(skb.bytes()).value()) {}

bool PacketInfo::load(Key key, Value& out) const {
  if (view_.is_ipv6() ? needs_ipv4(key) : needs_ipv6(key)) {
    return false;
  }
  if (key <= Key::ip_daddr) {
    return load_ip(key, out);
  }
  if (key <= Key::ip6_daddr) {
    return load_ip6(key, out);
  }
  if (needs_conntrack(key)) {
    return load_connection(key, out);
  }
  return key < Key::meta_length ? load_transport(key, out) : load_meta(key, out);
}

bool PacketInfo::load_ip6(Key key, Value& out) const {
  const Bytes packet = view_.packet();
  switch (key) {
    case Key::ip6_dscp:
      out = base::load_be16(packet, 0) >> 6U & 0x3fU;
      return true;
    case Key::ip6_flowlabel:
      out = base::load_be32(packet, 0) & 0xf'ffffU;
      return true;
    case Key::ip6_length:
      out = base::load_be16(packet, 4);
      return true;
    case Key::ip6_nexthdr:
      out = base::load_u8(packet, 6);
      return true;
    case Key::ip6_hoplimit:
      out = base::load_u8(packet, 7);
      return true;
    case Key::ip6_saddr:
      out = load_wide(packet.subspan(8, headers::Ipv6Address::kBytes));
      return true;
    case Key::ip6_daddr:
      out = load_wide(packet.subspan(24, headers::Ipv6Address::kBytes));
      return true;
    default:
      return false;
  }
}

bool PacketInfo::load_ip(Key key, Value& out) const {
  const Bytes packet = view_.packet();
  switch (key) {
    case Key::ip_dscp:
      out = base::load_u8(packet, 1) >> 2U;
      return true;
    case Key::ip_length:
      out = base::load_be16(packet, 2);
      return true;
    case Key::ip_id:
      out = base::load_be16(packet, 4);
      return true;
    case Key::ip_frag_off:
      out = base::load_be16(packet, 6);
      return true;
    case Key::ip_ttl:
      out = base::load_u8(packet, 8);
      return true;
    case Key::ip_protocol:
      out = view_.protocol();
      return true;
    case Key::ip_saddr:
      out = base::load_be32(packet, 12);
      return true;
    case Key::ip_daddr:
      out = base::load_be32(packet, 16);
      return true;
    default:
      return false;
  }
}

bool PacketInfo::load_transport(Key key, Value& out) const {
  const std::uint8_t wanted = key_info(key).protocol;
  const auto [offset, bytes] = field_of(key);
  const Bytes transport = view_.transport();
  if ((wanted != 0 && wanted != view_.protocol()) || offset + bytes > transport.size()) {
    return false;
  }
  if (wanted != kTcp && wanted != kUdp && !type_has(key, base::load_u8(transport, 0))) {
    return false;
  }
  out = load_wide(transport.subspan(offset, bytes));
  return true;
}

bool PacketInfo::load_connection(Key key, Value& out) const {
  if (key == Key::ct_state) {
    const auto state = static_cast<std::uint8_t>(skb_.nfctinfo & ~kReplyPacket);
    out = state != 0 ? state : ct_state::kInvalid;
    return true;
  }
  const Connection* connection = connection_of(skb_);
  if (connection == nullptr) {
    return false;
  }
  switch (key) {
    case Key::ct_status:
      out = connection->status;
      return true;
    case Key::ct_direction:
      out = static_cast<Value>(direction_of(skb_));
      return true;
    case Key::ct_mark:
      out = connection->mark;
      return true;
    default:
      return false;
  }
}

bool PacketInfo::load_meta(Key key, Value& out) const {
  switch (key) {
    case Key::meta_length:
      out = skb_.len();
      return true;
    case Key::meta_mark:
      out = skb_.mark;
      return true;
    case Key::meta_protocol:
      out = view_.is_ipv6() ? 0x86dd : 0x0800;
      return true;
    case Key::meta_nfproto:
      out = view_.is_ipv6() ? kNfIpv6 : kNfIpv4;
      return true;
    case Key::meta_l4proto:
      out = view_.protocol();
      return true;
    case Key::meta_iif:
      return load_index(call_.in, out);
    case Key::meta_iifname:
      return load_name(call_.in, out);
    case Key::meta_oif:
      return load_index(call_.out, out);
    case Key::meta_oifname:
      return load_name(call_.out, out);
    default:
      return false;
  }
}

}  // namespace host::netfilter
