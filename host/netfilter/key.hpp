// SPDX-License-Identifier: Apache-2.0
// What a rule can look at in a packet and around it (nftables: payload, meta and ct expressions).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "host/netfilter/value.hpp"

namespace host::netfilter {

enum class Key : std::uint8_t {
  ip_dscp,
  ip_length,
  ip_id,
  ip_frag_off,
  ip_ttl,
  ip_protocol,
  ip_saddr,
  ip_daddr,
  ip6_dscp,
  ip6_flowlabel,
  ip6_length,
  ip6_nexthdr,
  ip6_hoplimit,
  ip6_saddr,
  ip6_daddr,
  icmp_type,
  icmp_code,
  icmp_id,
  icmp_sequence,
  icmpv6_type,
  icmpv6_code,
  icmpv6_mtu,
  icmpv6_id,
  icmpv6_sequence,
  udp_sport,
  udp_dport,
  udp_length,
  tcp_sport,
  tcp_dport,
  tcp_flags,
  th_sport,
  th_dport,
  meta_length,
  meta_mark,
  meta_protocol,
  meta_nfproto,
  meta_l4proto,
  meta_iif,
  meta_iifname,
  meta_oif,
  meta_oifname,
  ct_state,
  ct_status,
  ct_direction,
  ct_mark,
  count,
};

struct KeyInfo {
  Key key;
  /// As nft writes it, in two words: "ip saddr". `meta iif` and its like are written without their first word.
  std::string_view group;
  std::string_view field;
  DataType type;
  std::uint8_t bits;
  /// The transport protocol in whose header it is; 0: none, or any with ports.
  std::uint8_t protocol = 0;
};

inline constexpr std::size_t kKeys = static_cast<std::size_t>(Key::count);

inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kIcmp6 = 58;
/// Linux: NFPROTO_IPV4 and NFPROTO_IPV6, as `meta nfproto` has them.
inline constexpr std::uint8_t kNfIpv4 = 2;
inline constexpr std::uint8_t kNfIpv6 = 10;

/// In the order of the enumeration.
inline constexpr std::array<KeyInfo, kKeys> kKeyInfo{{
    {Key::ip_dscp, "ip", "dscp", DataType::dscp, 6},
    {Key::ip_length, "ip", "length", DataType::integer, 16},
    {Key::ip_id, "ip", "id", DataType::integer, 16},
    {Key::ip_frag_off, "ip", "frag-off", DataType::integer, 16},
    {Key::ip_ttl, "ip", "ttl", DataType::integer, 8},
    {Key::ip_protocol, "ip", "protocol", DataType::inet_proto, 8},
    {Key::ip_saddr, "ip", "saddr", DataType::ipv4_addr, 32},
    {Key::ip_daddr, "ip", "daddr", DataType::ipv4_addr, 32},
    {Key::ip6_dscp, "ip6", "dscp", DataType::dscp, 6},
    {Key::ip6_flowlabel, "ip6", "flowlabel", DataType::integer, 20},
    {Key::ip6_length, "ip6", "length", DataType::integer, 16},
    {Key::ip6_nexthdr, "ip6", "nexthdr", DataType::inet_proto, 8},
    {Key::ip6_hoplimit, "ip6", "hoplimit", DataType::integer, 8},
    {Key::ip6_saddr, "ip6", "saddr", DataType::ipv6_addr, 128},
    {Key::ip6_daddr, "ip6", "daddr", DataType::ipv6_addr, 128},
    {Key::icmp_type, "icmp", "type", DataType::icmp_type, 8, kIcmp},
    {Key::icmp_code, "icmp", "code", DataType::icmp_code, 8, kIcmp},
    {Key::icmp_id, "icmp", "id", DataType::integer, 16, kIcmp},
    {Key::icmp_sequence, "icmp", "sequence", DataType::integer, 16, kIcmp},
    {Key::icmpv6_type, "icmpv6", "type", DataType::icmpv6_type, 8, kIcmp6},
    {Key::icmpv6_code, "icmpv6", "code", DataType::icmpv6_code, 8, kIcmp6},
    {Key::icmpv6_mtu, "icmpv6", "mtu", DataType::integer, 32, kIcmp6},
    {Key::icmpv6_id, "icmpv6", "id", DataType::integer, 16, kIcmp6},
    {Key::icmpv6_sequence, "icmpv6", "sequence", DataType::integer, 16, kIcmp6},
    {Key::udp_sport, "udp", "sport", DataType::inet_service, 16, kUdp},
    {Key::udp_dport, "udp", "dport", DataType::inet_service, 16, kUdp},
    {Key::udp_length, "udp", "length", DataType::integer, 16, kUdp},
    {Key::tcp_sport, "tcp", "sport", DataType::inet_service, 16, kTcp},
    {Key::tcp_dport, "tcp", "dport", DataType::inet_service, 16, kTcp},
    {Key::tcp_flags, "tcp", "flags", DataType::tcp_flag, 8, kTcp},
    {Key::th_sport, "th", "sport", DataType::inet_service, 16},
    {Key::th_dport, "th", "dport", DataType::inet_service, 16},
    {Key::meta_length, "meta", "length", DataType::integer, 32},
    {Key::meta_mark, "meta", "mark", DataType::mark, 32},
    {Key::meta_protocol, "meta", "protocol", DataType::ether_type, 16},
    {Key::meta_nfproto, "meta", "nfproto", DataType::nf_proto, 8},
    {Key::meta_l4proto, "meta", "l4proto", DataType::inet_proto, 8},
    {Key::meta_iif, "meta", "iif", DataType::iface_index, 32},
    {Key::meta_iifname, "meta", "iifname", DataType::ifname, 128},
    {Key::meta_oif, "meta", "oif", DataType::iface_index, 32},
    {Key::meta_oifname, "meta", "oifname", DataType::ifname, 128},
    {Key::ct_state, "ct", "state", DataType::ct_state, 32},
    {Key::ct_status, "ct", "status", DataType::ct_status, 32},
    {Key::ct_direction, "ct", "direction", DataType::ct_dir, 8},
    {Key::ct_mark, "ct", "mark", DataType::mark, 32},
}};

[[nodiscard]] constexpr const KeyInfo& key_info(Key key) {
  return kKeyInfo[static_cast<std::size_t>(key)];
}
/// The largest value that the key can have.
[[nodiscard]] constexpr Value key_maximum(Key key) {
  const unsigned bits = key_info(key).bits;
  return bits == 128 ? ~Value{0} : (Value{1} << bits) - 1;
}
/// It is the connection's.
[[nodiscard]] constexpr bool needs_conntrack(Key key) {
  return key >= Key::ct_state;
}
/// It is of IPv4's header or its ICMP; the other: of IPv6's.
[[nodiscard]] constexpr bool needs_ipv4(Key key) {
  return key <= Key::ip_daddr || (key >= Key::icmp_type && key <= Key::icmp_sequence);
}
[[nodiscard]] constexpr bool needs_ipv6(Key key) {
  return (key >= Key::ip6_dscp && key <= Key::ip6_daddr) || (key >= Key::icmpv6_type && key <= Key::icmpv6_sequence);
}
[[nodiscard]] constexpr std::optional<Key> find_key(std::string_view group, std::string_view field) {
  for (const KeyInfo& info : kKeyInfo) {
    if (info.group == group && info.field == field) {
      return info.key;
    }
  }
  return std::nullopt;
}

}  // namespace host::netfilter
