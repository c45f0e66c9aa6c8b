// SPDX-License-Identifier: Apache-2.0
// Packets through hooks alone, as if they came, left or passed, under rules in nft's language.
#pragma once

#include <catch2/catch.hpp>

#include "host/console/nft_apply.hpp"
#include "tests/host/netfilter/rules.hpp"

namespace host_test {

/// The IPv4 packet of a frame.
[[nodiscard]] inline Frame packet_of(const Frame& frame) {
  const auto begin = frame.begin() + kIpAt;
  return {begin, begin + host::base::load_be16(frame, kIpAt + 2)};
}

/// Whether IP's and the transport's checksums are right.
[[nodiscard]] inline bool checksums_right(const Frame& packet) {
  using namespace host;
  const auto parsed = headers::Ipv4View::parse(packet);
  if (std::holds_alternative<headers::Ipv4Error>(parsed)) return false;
  const auto& ip = std::get<headers::Ipv4View>(parsed);
  const auto protocol = static_cast<std::uint8_t>(ip.protocol());
  if (protocol == 1) return base::internet_checksum(ip.payload()) == 0;
  if (protocol == 17 && base::load_be16(ip.payload(), 6) == 0) return true;
  auto sum =
      headers::pseudo_header(ip.source(), ip.destination(), protocol, static_cast<std::uint16_t>(ip.payload().size()));
  sum.add(ip.payload());
  return sum.checksum() == 0;
}

/// "10.0.0.1:1000>10.0.0.2:53", of an echo "10.0.0.1:7>10.0.0.2".
[[nodiscard]] inline std::string flow_of(const Frame& packet) {
  using namespace host;
  const auto ip = std::get<headers::Ipv4View>(headers::Ipv4View::parse(packet));
  const auto at = [&](std::size_t offset) { return std::to_string(base::load_be16(ip.payload(), offset)); };
  if (static_cast<std::uint8_t>(ip.protocol()) == 1) {
    return to_string(ip.source()) + ':' + at(4) + '>' + to_string(ip.destination());
  }
  return to_string(ip.source()) + ':' + at(0) + '>' + to_string(ip.destination()) + ':' + at(2);
}

/// Changes a host's rules; all of it is right.
inline void put_in_force(host::apps::Host& host, const std::string& text) {
  using namespace host::console;
  const NftInterfaces interfaces{[](std::string_view) { return std::nullopt; }, [](unsigned) { return std::nullopt; },
                                 host.kernel().now()};
  const auto parsed = nft_parse(text, interfaces);
  REQUIRE(std::holds_alternative<NftCommands>(parsed));
  auto changed = host.ip().nftables.ruleset();
  for (const NftCommand& command : std::get<NftCommands>(parsed)) {
    REQUIRE_FALSE(nft_apply(changed, command, interfaces).has_value());
  }
  REQUIRE(host.ip().nftables.commit(std::move(changed)).ok());
}

struct Passage {
  using Hook = host::netfilter::Hook;

  World world{{.stations = 1}};
  host::apps::Host& host = world[1].host;
  /// How the packets' checksums are known.
  host::skb::IpSummed summed = host::skb::IpSummed::none;

  /// Changes the rules; all of it is right.
  void rules(const std::string& text) { put_in_force(host, text); }

  std::optional<Frame> pass(std::initializer_list<Hook> hooks, const Frame& packet) {
    host::skb::Skb skb = host.pool().allocate(static_cast<std::uint32_t>(packet.size()));
    const auto out = skb->put(static_cast<std::uint32_t>(packet.size()));
    std::copy(packet.begin(), packet.end(), out.begin());
    skb->reset_network_header();
    skb->ip_summed = summed;
    for (const Hook hook : hooks) {
      const bool comes = hook != Hook::output && hook != Hook::postrouting;
      const bool goes = hook == Hook::output || hook == Hook::postrouting || hook == Hook::forward;
      auto* device = &world[1].nic.device();
      const bool ipv6 = host::base::load_u8(packet, 0) >> 4U == 6;
      auto& family = ipv6 ? host.ip().hooks6 : host.ip().hooks;
      const bool passed = family.pass(host.kernel().cpu(0), skb,
                                      {.hook = hook, .in = comes ? device : nullptr, .out = goes ? device : nullptr});
      if (!passed) return std::nullopt;
    }
    return Frame(skb->bytes().begin(), skb->bytes().end());
  }
  std::optional<Frame> comes(const Frame& packet) { return pass({Hook::prerouting, Hook::input}, packet); }
  std::optional<Frame> goes(const Frame& packet) { return pass({Hook::output, Hook::postrouting}, packet); }
  std::optional<Frame> forwarded(const Frame& packet) {
    return pass({Hook::prerouting, Hook::forward, Hook::postrouting}, packet);
  }
  /// The packets that the n-th counter of a chain counted.
  std::uint64_t counted(const char* chain, std::size_t rule) {
    return TestRules::counted(host.ip().nftables, chain, rule);
  }
  std::string connections() { return host.ip().conntrack.list(); }
};

[[nodiscard]] inline host::headers::Ipv4Address address(const char* text) {
  return host::headers::Ipv4Address::parse(text).value();
}
[[nodiscard]] inline Frame udp_packet(const char* from, std::uint16_t sport, const char* to, std::uint16_t dport) {
  return packet_of(udp_frame(sport, dport, 20, {.source = address(from), .destination = address(to)}));
}
[[nodiscard]] inline Frame tcp_packet(const char* from, std::uint16_t sport, const char* to, std::uint16_t dport,
                                      std::uint8_t flags) {
  return packet_of(tcp_frame(sport, dport, flags, 0, {.source = address(from), .destination = address(to)}));
}
[[nodiscard]] inline Frame echo_packet(const char* from, const char* to, std::uint16_t id,
                                       host::headers::IcmpType type = host::headers::IcmpType::echo_request) {
  return packet_of(icmp_frame({.type = type, .code = 0, .id = id, .sequence = 1}, Frame(20, std::byte{0x5a}),
                              {.source = address(from), .destination = address(to)}));
}
/// An ICMP error of a router about a packet, quoting its header and eight bytes more.
[[nodiscard]] inline Frame time_exceeded(const char* router, const char* to, const Frame& about) {
  return packet_of(icmp_frame({.type = host::headers::IcmpType::time_exceeded},
                              Frame(about.begin(), about.begin() + 28),
                              {.source = address(router), .destination = address(to)}));
}

}  // namespace host_test
