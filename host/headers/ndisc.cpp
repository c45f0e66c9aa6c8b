// SPDX-License-Identifier: Apache-2.0
// Neighbour discovery's messages and options (RFC 4861 section 4).
#include "host/headers/ndisc.hpp"

#include <algorithm>

namespace host::headers {
namespace {

constexpr std::size_t kUnit = 8;
constexpr std::size_t kPrefixOptionBytes = 32;
constexpr std::size_t kRouterBodyBytes = 8;  // reachable time and retransmission timer

PrefixInformation read_prefix(Bytes option) {
  const std::uint8_t flags = base::load_u8(option, 3);
  return {.prefix = {Ipv6Address::load(option, 16), base::load_u8(option, 2)},
          .on_link = (flags & 0x80U) != 0,
          .autonomous = (flags & 0x40U) != 0,
          .valid_lifetime = base::load_be32(option, 4),
          .preferred_lifetime = base::load_be32(option, 8)};
}

void read_option(NdOptions& all, Bytes option) {
  switch (NdOption{base::load_u8(option, 0)}) {
    case NdOption::source_link_layer:
      all.source_link_layer = base::MacAddress::load(option, 2);
      break;
    case NdOption::target_link_layer:
      all.target_link_layer = base::MacAddress::load(option, 2);
      break;
    case NdOption::prefix:
      if (option.size() == kPrefixOptionBytes && base::load_u8(option, 2) <= 128) {
        all.prefixes.push_back(read_prefix(option));
      }
      break;
    case NdOption::mtu:
      all.mtu = base::load_be32(option, 4);
      break;
    case NdOption::redirected:
      all.redirected = option.subspan(kUnit);
      break;
  }
}

}  // namespace

std::optional<NdOptions> parse_nd_options(Bytes options) {
  NdOptions all;
  while (!options.empty()) {
    const std::size_t length = options.size() < 2 ? 0 : base::load_u8(options, 1) * kUnit;
    if (length == 0 || length > options.size()) {
      return std::nullopt;
    }
    read_option(all, options.first(length));
    options = options.subspan(length);
  }
  return all;
}

std::optional<RouterAdvertisement> parse_router_advertisement(const Icmp6View& message) {
  const Bytes body = message.payload();
  if (body.size() < kRouterBodyBytes) {
    return std::nullopt;
  }
  auto options = parse_nd_options(body.subspan(kRouterBodyBytes));
  if (!options) {
    return std::nullopt;
  }
  const std::uint32_t word = message.word();
  return RouterAdvertisement{.hop_limit = static_cast<std::uint8_t>(word >> 24U),
                             .managed = (word & 0x80'0000U) != 0,
                             .other = (word & 0x40'0000U) != 0,
                             .lifetime = static_cast<std::uint16_t>(word & 0xffffU),
                             .reachable_ms = base::load_be32(body, 0),
                             .retransmit_ms = base::load_be32(body, 4),
                             .options = std::move(*options)};
}

std::optional<RedirectMessage> parse_redirect(const Icmp6View& message) {
  const Bytes body = message.payload();
  if (body.size() < 2 * Ipv6Address::kBytes) {
    return std::nullopt;
  }
  auto options = parse_nd_options(body.subspan(2 * Ipv6Address::kBytes));
  const auto target = Ipv6Address::load(body, 0);
  const auto destination = Ipv6Address::load(body, Ipv6Address::kBytes);
  if (!options || destination.is_multicast() || (target != destination && !target.is_link_local())) {
    return std::nullopt;
  }
  return RedirectMessage{target, destination, std::move(*options)};
}

void write_redirect_body(MutableBytes out, const RedirectMessage& redirect) {
  redirect.target.store(out, 0);
  redirect.destination.store(out, Ipv6Address::kBytes);
  out = out.subspan(2 * Ipv6Address::kBytes);
  if (redirect.options.target_link_layer) {
    write_link_layer_option(out.first(kUnit), NdOption::target_link_layer, *redirect.options.target_link_layer);
    out = out.subspan(kUnit);
  }
  if (out.size() <= kUnit) {
    return;
  }
  std::fill_n(out.begin(), kUnit, std::byte{0});
  base::store_u8(out, 0, static_cast<std::uint8_t>(NdOption::redirected));
  base::store_u8(out, 1, static_cast<std::uint8_t>(out.size() / kUnit));
  std::copy_n(redirect.options.redirected.begin(), out.size() - kUnit, out.begin() + kUnit);
}

std::optional<NeighborMessage> parse_neighbor_message(const Icmp6View& message) {
  const Bytes body = message.payload();
  if (body.size() < Ipv6Address::kBytes) {
    return std::nullopt;
  }
  auto options = parse_nd_options(body.subspan(Ipv6Address::kBytes));
  const Ipv6Address target = Ipv6Address::load(body, 0);
  if (!options || target.is_multicast()) {
    return std::nullopt;
  }
  return NeighborMessage{target, std::move(*options)};
}

void write_neighbor_body(MutableBytes out, const Ipv6Address& target, NdOption kind,
                         const std::optional<base::MacAddress>& station) {
  target.store(out, kIcmp6HeaderBytes);
  if (station) {
    write_link_layer_option(out.subspan(kIcmp6HeaderBytes + Ipv6Address::kBytes), kind, *station);
  }
}

void write_link_layer_option(MutableBytes out, NdOption kind, const base::MacAddress& station) {
  base::store_u8(out, 0, static_cast<std::uint8_t>(kind));
  base::store_u8(out, 1, 1);
  station.store(out, 2);
}

}  // namespace host::headers
