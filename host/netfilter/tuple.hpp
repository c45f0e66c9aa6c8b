// SPDX-License-Identifier: Apache-2.0
// What tells one conversation from another (Linux: struct nf_conntrack_tuple).
#pragma once

#include <compare>
#include <optional>

#include "host/headers/ipv4.hpp"

namespace host::netfilter {

/// One direction. Of ICMP the identifier is the source port, type and code are the destination port's two bytes; of
/// protocols without ports both are 0.
struct Tuple {
  headers::Ipv4Address source;
  headers::Ipv4Address destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint8_t protocol = 0;

  friend constexpr auto operator<=>(const Tuple&, const Tuple&) = default;
};

/// Nothing: a later fragment, or a transport header that is cut short.
[[nodiscard]] std::optional<Tuple> tuple_of(const headers::Ipv4View& packet);
/// The other direction's; nothing: an ICMP message that asks for no answer.
[[nodiscard]] std::optional<Tuple> inverted(const Tuple& tuple);
/// Depends on every bit and on the seed.
[[nodiscard]] std::uint64_t hash_of(const Tuple& tuple, std::uint64_t seed);

}  // namespace host::netfilter
