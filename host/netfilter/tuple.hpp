// SPDX-License-Identifier: Apache-2.0
// What tells one conversation from another (Linux: struct nf_conntrack_tuple).
#pragma once

#include <optional>

#include "host/netfilter/packet_view.hpp"

namespace host::netfilter {

/// One direction. Of ICMP the identifier is the source port, type and code are the destination port's two bytes; of
/// protocols without ports both are 0.
struct Tuple {
  headers::IpAddress source;
  headers::IpAddress destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint8_t protocol = 0;
  bool ipv6 = false;

  friend bool operator==(const Tuple&, const Tuple&) = default;
};

/// Nothing: a later fragment, or a transport header that is cut short.
[[nodiscard]] std::optional<Tuple> tuple_of(const PacketView& packet);
/// The other direction's; nothing: an ICMP message that asks for no answer.
[[nodiscard]] std::optional<Tuple> inverted(const Tuple& tuple);
/// Its first packet asks something (Linux: icmp_pkt_to_tuple's valid_new).
[[nodiscard]] bool is_icmp_request(const Tuple& tuple);
[[nodiscard]] bool is_icmp(const Tuple& tuple);
/// Depends on every bit and on the seed.
[[nodiscard]] std::uint64_t hash_of(const Tuple& tuple, std::uint64_t seed);

}  // namespace host::netfilter
