// SPDX-License-Identifier: Apache-2.0
// IPv6 frames as tests write them: from station 2 (fd00::2) to station 1 (fd00::1) unless told otherwise.
#pragma once

#include "host/headers/ethernet.hpp"
#include "host/headers/ipv6_extensions.hpp"
#include "host/headers/ndisc.hpp"
#include "host/headers/udp.hpp"
#include "tests/host/apps/test_world.hpp"

namespace host_test {

[[nodiscard]] inline host::headers::Ipv6Address global_of(unsigned n) {
  return host::headers::Ipv6Address::of(0xfd00, 0, 0, 0, 0, 0, 0, n);
}

struct Packet6Options {
  std::optional<host::base::MacAddress> destination_mac = {};  ///< the destination's own, or its group's
  host::base::MacAddress source_mac = mac_of(2);
  host::headers::Ipv6Address source = global_of(2);
  host::headers::Ipv6Address destination = global_of(1);
  std::uint8_t hop_limit = 64;
};

inline constexpr std::size_t kIp6At = 14;
inline constexpr std::size_t kTransport6At = 54;

[[nodiscard]] inline Frame ipv6_frame(host::headers::NextHeader next, const Frame& payload,
                                      const Packet6Options& options = {}) {
  Frame frame(std::max<std::size_t>(kTransport6At + payload.size(), 60));
  const auto group = options.destination.is_multicast() ? options.destination.multicast_mac() : mac_of(1);
  host::headers::write_ethernet(frame, {.destination = options.destination_mac.value_or(group),
                                        .source = options.source_mac,
                                        .type = host::headers::EtherType::ipv6});
  host::headers::write_ipv6(std::span(frame).subspan(kIp6At),
                            {.payload_length = static_cast<std::uint16_t>(payload.size()),
                             .next_header = next,
                             .hop_limit = options.hop_limit,
                             .source = options.source,
                             .destination = options.destination});
  std::ranges::copy(payload, frame.begin() + kTransport6At);
  return frame;
}

[[nodiscard]] inline Frame udp6_frame(std::uint16_t from, std::uint16_t to, std::size_t payload,
                                      const Packet6Options& options = {}) {
  Frame datagram(8 + payload, std::byte{0x55});
  host::headers::write_udp(datagram, from, to, options.source, options.destination);
  return ipv6_frame(host::headers::NextHeader::udp, datagram, options);
}

[[nodiscard]] inline Frame icmp6_frame(host::headers::Icmp6Fields fields, Frame payload,
                                       const Packet6Options& options = {}) {
  payload.insert(payload.begin(), 8, std::byte{0});
  host::headers::write_icmp6(payload, fields, options.source, options.destination);
  return ipv6_frame(host::headers::NextHeader::icmp6, payload, options);
}

[[nodiscard]] inline Frame echo6_request(std::size_t payload, const Packet6Options& options = {}) {
  return icmp6_frame({.type = host::headers::Icmp6Type::echo_request, .code = 0, .word = 0x00070001},
                     Frame(payload, std::byte{0x5a}), options);
}

/// A solicitation or advertisement about `target`, with a station address unless there is none.
[[nodiscard]] inline Frame neighbor_frame(host::headers::Icmp6Fields fields, const host::headers::Ipv6Address& target,
                                          std::optional<host::base::MacAddress> station, Packet6Options options) {
  using host::headers::NdOption;
  options.hop_limit = options.hop_limit == 64 ? host::headers::kNdHopLimit : options.hop_limit;
  Frame body(station ? 24 : 16);
  Frame message(8);
  message.insert(message.end(), body.begin(), body.end());
  const auto kind = fields.type == host::headers::Icmp6Type::neighbor_solicitation ? NdOption::source_link_layer
                                                                                   : NdOption::target_link_layer;
  host::headers::write_neighbor_body(message, target, kind, station);
  message.erase(message.begin(), message.begin() + 8);
  return icmp6_frame(fields, message, options);
}

[[nodiscard]] inline Frame solicitation(const host::headers::Ipv6Address& target, Packet6Options options = {}) {
  options.destination = target.solicited_node();
  return neighbor_frame({.type = host::headers::Icmp6Type::neighbor_solicitation}, target, options.source_mac, options);
}

/// The frame with a router alert in front of its payload (RFC 2711); `value` 0 is MLD's.
[[nodiscard]] inline Frame with_router_alert(const Frame& frame, std::uint16_t value = 0) {
  const auto header =
      std::get<host::headers::Ipv6View>(host::headers::Ipv6View::parse(std::span(frame).subspan(kIp6At)));
  Frame longer(frame.begin(), frame.begin() + kTransport6At);
  longer.resize(kTransport6At + host::headers::kRouterAlertBytes);
  longer.insert(longer.end(), header.payload().begin(), header.payload().end());
  const auto alert = std::span(longer).subspan(kTransport6At);
  host::headers::write_router_alert(alert, header.next_header());
  host::base::store_be16(alert, 4, value);
  host::base::store_be16(longer, kIp6At + 4, static_cast<std::uint16_t>(alert.size()));
  host::base::store_u8(longer, kIp6At + 6, static_cast<std::uint8_t>(host::headers::NextHeader::hop_by_hop));
  return longer;
}

/// A report or a "done": what a station says of its groups, when it says it and whatever it does besides.
[[nodiscard]] inline bool is_mld(const Frame& frame) {
  using host::headers::Icmp6Type;
  const auto ethernet = host::headers::EthernetView::parse(frame);
  if (!ethernet || ethernet->type() != host::headers::EtherType::ipv6) {
    return false;
  }
  const auto packet =
      std::get<host::headers::Ipv6View>(host::headers::Ipv6View::parse(std::span(frame).subspan(kIp6At)));
  if (packet.next_header() != host::headers::NextHeader::hop_by_hop) {
    return false;
  }
  const auto type = Icmp6Type{host::base::load_u8(packet.payload(), host::headers::kRouterAlertBytes)};
  return type == Icmp6Type::multicast_listener_report || type == Icmp6Type::multicast_listener_done ||
         type == Icmp6Type::multicast_listener_report_v2;
}
[[nodiscard]] inline std::vector<Frame> without_mld(std::vector<Frame> frames) {
  std::erase_if(frames, is_mld);
  return frames;
}

/// What a station sent: the IPv6 packet of a frame, and the ICMPv6 message in it.
[[nodiscard]] inline host::headers::Ipv6View ip6_of(const Frame& frame) {
  return std::get<host::headers::Ipv6View>(host::headers::Ipv6View::parse(std::span(frame).subspan(kIp6At)));
}
[[nodiscard]] inline host::headers::Icmp6View icmp6_of(const Frame& frame) {
  return host::headers::Icmp6View::parse(ip6_of(frame).payload()).value();
}

}  // namespace host_test
