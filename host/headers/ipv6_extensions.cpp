// SPDX-License-Identifier: Apache-2.0
// The headers between IPv6 and its payload (RFC 8200 section 4).
#include "host/headers/ipv6_extensions.hpp"

namespace host::headers {

bool is_extension(NextHeader header) {
  return header == NextHeader::hop_by_hop || header == NextHeader::routing || header == NextHeader::fragment ||
         header == NextHeader::destination_options;
}

namespace {

constexpr std::size_t kUnit = 8;
constexpr std::size_t kNextHeaderAt = 6;  // in the IPv6 header
constexpr std::uint8_t kPad1 = 0;
constexpr std::uint8_t kPadN = 1;
constexpr std::uint8_t kRouterAlert = 5;
/// Linux drops more padding than aligns anything.
constexpr std::size_t kMaxPadding = 7;

enum Code : std::uint8_t { kErroneousField = 0, kUnknownNextHeader = 1, kUnknownOption = 2 };
using Report = ExtensionFault::Report;

ExtensionFault problem(Code code, std::size_t pointer) {
  return {Report::always, code, static_cast<std::uint32_t>(pointer)};
}

/// RFC 8200 section 4.2: the two highest bits of an option that nobody knows say what to do.
std::optional<ExtensionFault> judge_unknown(std::uint8_t type, std::size_t at) {
  switch (type >> 6U) {
    case 0:
      return std::nullopt;
    case 1:
      return ExtensionFault{};
    case 2:
      return problem(kUnknownOption, at);
    default:
      return ExtensionFault{Report::unicast_only, kUnknownOption, static_cast<std::uint32_t>(at)};
  }
}

/// The options of bytes [first, end) of the packet.
std::optional<ExtensionFault> check_options(Bytes packet, std::size_t first, std::size_t end, bool hop_by_hop) {
  unsigned options = 0;
  std::size_t padding = 0;
  for (std::size_t at = first; at < end;) {
    const std::uint8_t type = base::load_u8(packet, at);
    if (type == kPad1) {
      if (++padding > kMaxPadding) return ExtensionFault{};
      ++at;
      continue;
    }
    if (end - at < 2 || end - at - 2 < base::load_u8(packet, at + 1)) {
      return ExtensionFault{};  // Linux: bad, without a report
    }
    const std::size_t length = 2 + std::size_t{base::load_u8(packet, at + 1)};
    if (type == kPadN) {
      padding += length;
      if (padding > kMaxPadding) return ExtensionFault{};
    } else {
      padding = 0;
      if (++options > kMaxOptionsOfAHeader) return ExtensionFault{};
      const bool alert = hop_by_hop && type == kRouterAlert;
      if (alert && length != 4) return ExtensionFault{};
      if (!alert) {
        if (auto fault = judge_unknown(type, at)) return fault;
      }
    }
    at += length;
  }
  return std::nullopt;
}

/// Whether the header at `at` is there whole; its length in bytes.
std::optional<std::size_t> header_bytes(Bytes packet, std::size_t at) {
  if (packet.size() - at < kUnit) return std::nullopt;
  const std::size_t length = (std::size_t{base::load_u8(packet, at + 1)} + 1) * kUnit;
  return length <= packet.size() - at ? std::optional(length) : std::nullopt;
}

/// Type 0 is forbidden (RFC 5095), others unknown; with no segment left any is passed over. Linux: ipv6_rthdr_rcv.
std::optional<ExtensionFault> check_routing(Bytes packet, std::size_t at) {
  constexpr std::size_t kType = 2;
  constexpr std::size_t kSegmentsLeft = 3;
  if (base::load_u8(packet, at + kSegmentsLeft) == 0) return std::nullopt;
  return problem(kErroneousField, at + kType);
}

FragmentHeader read_fragment(Bytes packet, std::size_t at, std::size_t named_at) {
  const std::uint16_t word = base::load_be16(packet, at + 2);
  return {.at = at,
          .named_at = named_at,
          .offset = static_cast<std::uint16_t>(word & 0xfff8U),
          .more = (word & 1U) != 0,
          .id = base::load_be32(packet, at + 4),
          .next_header = NextHeader{base::load_u8(packet, at)}};
}

std::variant<UpperLayer, ExtensionFault> walk(Bytes packet, UpperLayer upper) {
  for (unsigned headers = 0; is_extension(upper.protocol); ++headers) {
    const std::size_t at = upper.at;
    if (upper.protocol == NextHeader::hop_by_hop && at != kIpv6HeaderBytes) {
      return problem(kUnknownNextHeader, upper.named_at);
    }
    const bool fragment = upper.protocol == NextHeader::fragment;
    const auto length = packet.size() - at >= kUnit && fragment ? std::optional(kUnit) : header_bytes(packet, at);
    if (!length || headers == kMaxExtensionHeaders) {
      return ExtensionFault{};
    }
    if (fragment) {
      upper.fragment = read_fragment(packet, at, upper.named_at);
      return UpperLayer{upper.fragment->next_header, at + kUnit, at, upper.fragment};
    }
    const auto fault = upper.protocol == NextHeader::routing
                           ? check_routing(packet, at)
                           : check_options(packet, at + 2, at + *length, upper.protocol == NextHeader::hop_by_hop);
    if (fault) {
      return *fault;
    }
    upper = {NextHeader{base::load_u8(packet, at)}, at + *length, at, {}};
  }
  return upper;
}

}  // namespace

std::variant<UpperLayer, ExtensionFault> walk_extensions(const Ipv6View& view) {
  return walk(view.packet(), {view.next_header(), kIpv6HeaderBytes, kNextHeaderAt, {}});
}

std::optional<ExtensionFault> check_hop_by_hop(const Ipv6View& view) {
  if (view.next_header() != NextHeader::hop_by_hop) {
    return std::nullopt;
  }
  const auto length = header_bytes(view.packet(), kIpv6HeaderBytes);
  return length ? check_options(view.packet(), kIpv6HeaderBytes + 2, kIpv6HeaderBytes + *length, true)
                : std::optional(ExtensionFault{});
}

std::optional<std::uint16_t> router_alert(const Ipv6View& view) {
  const Bytes packet = view.packet();
  const auto length =
      view.next_header() == NextHeader::hop_by_hop ? header_bytes(packet, kIpv6HeaderBytes) : std::nullopt;
  const std::size_t end = kIpv6HeaderBytes + length.value_or(0);
  for (std::size_t at = kIpv6HeaderBytes + 2; at + 4 <= end;) {
    const std::uint8_t type = base::load_u8(packet, at);
    if (type == kRouterAlert) return base::load_be16(packet, at + 2);
    at += type == kPad1 ? 1 : 2 + std::size_t{base::load_u8(packet, at + 1)};
  }
  return std::nullopt;
}

void write_router_alert(MutableBytes out, NextHeader next) {
  base::store_u8(out, 0, static_cast<std::uint8_t>(next));
  base::store_u8(out, 1, 0);
  base::store_u8(out, 2, kRouterAlert);
  base::store_u8(out, 3, sizeof kRouterAlertMld);
  base::store_be16(out, 4, kRouterAlertMld);
  base::store_u8(out, 6, kPadN);
  base::store_u8(out, 7, 0);
}

std::variant<UpperLayer, ExtensionFault> walk_behind(const Ipv6View& view, const UpperLayer& fragment) {
  return walk(view.packet(), {fragment.protocol, fragment.at, fragment.named_at, {}});
}

std::optional<UpperLayer> find_upper_layer(const Ipv6View& quoted) {
  const Bytes packet = quoted.packet();
  UpperLayer upper{.protocol = quoted.next_header(), .at = kIpv6HeaderBytes, .named_at = kNextHeaderAt, .fragment = {}};
  for (unsigned headers = 0; is_extension(upper.protocol); ++headers) {
    const bool fragment = upper.protocol == NextHeader::fragment;
    const auto length =
        packet.size() - upper.at >= kUnit && fragment ? std::optional(kUnit) : header_bytes(packet, upper.at);
    if (!length || headers == kMaxExtensionHeaders) {
      return std::nullopt;
    }
    if (fragment && read_fragment(packet, upper.at, upper.named_at).offset != 0) {
      return std::nullopt;  // no transport header in it
    }
    upper = {NextHeader{base::load_u8(packet, upper.at)}, upper.at + *length, upper.at, {}};
  }
  return upper;
}

}  // namespace host::headers
