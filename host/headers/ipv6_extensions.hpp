// SPDX-License-Identifier: Apache-2.0
// The headers between IPv6 and its payload (RFC 8200 section 4): walked once, options judged as RFC 8200 section 4.2
// wants it (Linux: ip6_parse_tlv, ipv6_rthdr_rcv, ip6_input_finish).
#pragma once

#include <optional>
#include <variant>

#include "host/headers/ipv6.hpp"

namespace host::headers {

/// Linux: net.ipv6.max_dst_opts_number and max_hbh_opts_number.
inline constexpr unsigned kMaxOptionsOfAHeader = 8;
/// Of one packet; each kind is allowed once but destination options, which may come twice (RFC 8200 section 4.1).
inline constexpr unsigned kMaxExtensionHeaders = 8;

/// Bytes: 0 next header   1 reserved   2 offset|reserved|more   4 identification
struct FragmentHeader {
  std::size_t at = 0;        ///< from the IPv6 header
  std::size_t named_at = 0;  ///< where the field is that announces it
  std::uint16_t offset = 0;  ///< of the fragment's data in the whole payload, in bytes
  bool more = false;
  std::uint32_t id = 0;
  NextHeader next_header{};
};

/// What is behind the extension headers.
struct UpperLayer {
  NextHeader protocol{};
  std::size_t at = 0;  ///< its first byte, from the IPv6 header
  /// Where the field is that names the protocol: what a parameter problem points at.
  std::size_t named_at = 0;
  /// The walk ends behind a fragment header; the protocol is then that of the whole packet.
  std::optional<FragmentHeader> fragment;
};

/// Why the packet must not be delivered, and whether its sender hears of it.
struct ExtensionFault {
  enum class Report : std::uint8_t {
    none,          ///< silently
    always,        ///< a parameter problem
    unicast_only,  ///< a parameter problem, if the destination was no multicast group
  };
  Report report = Report::none;
  std::uint8_t code = 0;      ///< of ICMPv6 parameter problem: 0 field, 1 next header, 2 option
  std::uint32_t pointer = 0;  ///< the offending byte, from the IPv6 header
};

/// Another header follows, and another name of what is behind.
[[nodiscard]] bool is_extension(NextHeader header);

[[nodiscard]] std::variant<UpperLayer, ExtensionFault> walk_extensions(const Ipv6View& packet);

/// What every node on the way looks at (Linux: ipv6_parse_hopopts).
[[nodiscard]] std::optional<ExtensionFault> check_hop_by_hop(const Ipv6View& packet);

/// What the router alert among the hop-by-hop options says, whose walk found no fault (RFC 2711); nothing: there is
/// none.
[[nodiscard]] std::optional<std::uint16_t> router_alert(const Ipv6View& packet);
inline constexpr std::uint16_t kRouterAlertMld = 0;
/// A hop-by-hop header with the router alert of MLD. `out` holds kRouterAlertBytes.
inline constexpr std::size_t kRouterAlertBytes = 8;
void write_router_alert(MutableBytes out, NextHeader next);

/// Goes on behind the fragment header where a walk ended: of a packet that is whole for all that.
[[nodiscard]] std::variant<UpperLayer, ExtensionFault> walk_behind(const Ipv6View& packet, const UpperLayer& fragment);

/// For errors' quotes, which may be cut off: the transport's protocol and where it begins, or nothing.
[[nodiscard]] std::optional<UpperLayer> find_upper_layer(const Ipv6View& quoted);

}  // namespace host::headers
