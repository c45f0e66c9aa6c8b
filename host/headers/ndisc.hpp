// SPDX-License-Identifier: Apache-2.0
// Neighbour discovery's messages and options (RFC 4861 section 4).
#pragma once

#include <optional>
#include <vector>

#include "host/base/mac_address.hpp"
#include "host/headers/icmp6.hpp"

namespace host::headers {

/// Messages of neighbour discovery never come from further away than this (RFC 4861 section 3.1).
inline constexpr std::uint8_t kNdHopLimit = 255;
/// Target address and one option with a station address.
inline constexpr std::size_t kNeighborMessageBytes = kIcmp6HeaderBytes + Ipv6Address::kBytes + 8;

/// Flags of a neighbour advertisement, in the header's word.
inline constexpr std::uint32_t kNaRouter = 0x8000'0000;
inline constexpr std::uint32_t kNaSolicited = 0x4000'0000;
inline constexpr std::uint32_t kNaOverride = 0x2000'0000;

/// RFC 4861 section 4.6.2. Lifetimes in seconds; kInfiniteLifetime: for ever.
struct PrefixInformation {
  Ipv6Prefix prefix;
  bool on_link = false;
  bool autonomous = false;
  std::uint32_t valid_lifetime = 0;
  std::uint32_t preferred_lifetime = 0;
};
inline constexpr std::uint32_t kInfiniteLifetime = UINT32_MAX;

/// The options that are understood; others are passed over (RFC 4861 section 9).
struct NdOptions {
  std::optional<base::MacAddress> source_link_layer;
  std::optional<base::MacAddress> target_link_layer;
  std::optional<std::uint32_t> mtu;
  Bytes redirected;  ///< the packet that a redirect is about, or its beginning; empty: it does not say
  std::vector<PrefixInformation> prefixes;
};

/// Nothing when an option has length 0 or ends beyond the message: the message is not valid.
[[nodiscard]] std::optional<NdOptions> parse_nd_options(Bytes options);

/// What a router advertisement says besides options (RFC 4861 section 4.2).
struct RouterAdvertisement {
  std::uint8_t hop_limit = 0;  ///< 0: it does not say
  bool managed = false;
  bool other = false;
  std::uint16_t lifetime = 0;       ///< seconds as a default router; 0: it is none
  std::uint32_t reachable_ms = 0;   ///< 0: it does not say
  std::uint32_t retransmit_ms = 0;  ///< 0: it does not say
  NdOptions options;
};
/// The bytes behind the ICMPv6 header, and its word. Nothing when too short or an option is not valid.
[[nodiscard]] std::optional<RouterAdvertisement> parse_router_advertisement(const Icmp6View& message);

/// A neighbour solicitation's or advertisement's target and options. Nothing when too short, the target is a group,
/// or an option is not valid.
struct NeighborMessage {
  Ipv6Address target;
  NdOptions options;
};
[[nodiscard]] std::optional<NeighborMessage> parse_neighbor_message(const Icmp6View& message);

/// "Packets for `destination` rather go to `target`", which is the destination itself when it is on the link (RFC 4861
/// section 4.5). Nothing when too short, the destination is a group, the target neither the destination nor of this
/// link, or an option is not valid.
struct RedirectMessage {
  Ipv6Address target;
  Ipv6Address destination;
  NdOptions options;
};
[[nodiscard]] std::optional<RedirectMessage> parse_redirect(const Icmp6View& message);

enum class NdOption : std::uint8_t {
  source_link_layer = 1,
  target_link_layer = 2,
  prefix = 3,
  redirected = 4,
  mtu = 5
};

/// Target and option behind the header, without ICMPv6's own fields. `out` holds kNeighborMessageBytes, or without a
/// station eight bytes less.
void write_neighbor_body(MutableBytes out, const Ipv6Address& target, NdOption kind,
                         const std::optional<base::MacAddress>& station);
/// A redirect's bytes behind the ICMPv6 header, as many as `out` holds: both addresses, the target's station if it is
/// known, and the packet, of which a multiple of eight bytes fits.
void write_redirect_body(MutableBytes out, const RedirectMessage& redirect);
/// Eight bytes: the option alone.
void write_link_layer_option(MutableBytes out, NdOption kind, const base::MacAddress& station);

}  // namespace host::headers
