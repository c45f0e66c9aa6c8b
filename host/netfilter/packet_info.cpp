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
      return {0, 1};
    case Key::icmp_code:
      return {1, 1};
    case Key::icmp_id:
      return {4, 2};
    case Key::icmp_sequence:
      return {6, 2};
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

/// The messages that have an identifier and a sequence number, as nft understands them.
bool is_echo(std::uint8_t type) {
  return type == 0 || type == 8;
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
    : skb_(skb), call_(call), ip_(headers::Ipv4View::parse_quoted(skb.bytes()).value()) {
  if (ip_.fragment_offset() == 0) {
    transport_ = ip_.payload();
  }
}

bool PacketInfo::load(Key key, Value& out) const {
  if (key <= Key::ip_daddr) {
    return load_ip(key, out);
  }
  if (needs_conntrack(key)) {
    return load_connection(key, out);
  }
  return key < Key::meta_length ? load_transport(key, out) : load_meta(key, out);
}

bool PacketInfo::load_ip(Key key, Value& out) const {
  const Bytes packet = ip_.packet();
  switch (key) {
    case Key::ip_dscp:
      out = base::load_u8(packet, 1) >> 2U;
      return true;
    case Key::ip_length:
      out = ip_.total_length();
      return true;
    case Key::ip_id:
      out = base::load_be16(packet, 4);
      return true;
    case Key::ip_frag_off:
      out = base::load_be16(packet, 6);
      return true;
    case Key::ip_ttl:
      out = ip_.ttl();
      return true;
    case Key::ip_protocol:
      out = protocol();
      return true;
    case Key::ip_saddr:
      out = ip_.source().value;
      return true;
    case Key::ip_daddr:
      out = ip_.destination().value;
      return true;
    default:
      return false;
  }
}

bool PacketInfo::load_transport(Key key, Value& out) const {
  const std::uint8_t wanted = key_info(key).protocol;
  const auto [offset, bytes] = field_of(key);
  if ((wanted != 0 && wanted != protocol()) || offset + bytes > transport_.size()) {
    return false;
  }
  if ((key == Key::icmp_id || key == Key::icmp_sequence) && !is_echo(base::load_u8(transport_, 0))) {
    return false;
  }
  out = bytes == 1 ? base::load_u8(transport_, offset) : base::load_be16(transport_, offset);
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
    case Key::meta_l4proto:
      out = protocol();
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
