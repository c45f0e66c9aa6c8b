// SPDX-License-Identifier: Apache-2.0
// IPv6 packets through hooks alone.
#pragma once

#include "tests/host/ip6/packets6.hpp"
#include "tests/host/netfilter/passage.hpp"

namespace host_test {

[[nodiscard]] inline host::headers::Ipv6Address address6(const char* text) {
  return host::headers::Ipv6Address::parse(text).value();
}

/// The IPv6 packet of a frame.
[[nodiscard]] inline Frame packet6_of(const Frame& frame) {
  const auto begin = frame.begin() + kIp6At;
  return {begin, begin + 40 + host::base::load_be16(frame, kIp6At + 4)};
}

[[nodiscard]] inline host::headers::Ipv6View view6(const Frame& packet) {
  return std::get<host::headers::Ipv6View>(host::headers::Ipv6View::parse(packet));
}

[[nodiscard]] inline std::uint16_t transport6_sum(const Frame& packet) {
  const auto ip = view6(packet);
  auto sum = host::headers::pseudo_header(ip.source(), ip.destination(), ip.next_header(),
                                          static_cast<std::uint32_t>(ip.payload().size()));
  sum.add(ip.payload());
  return sum.checksum();
}
[[nodiscard]] inline bool checksum6_right(const Frame& packet) {
  return transport6_sum(packet) == 0;
}

/// "fd00::1 1000 > fd00::2 53", of an echo "fd00::1 7 > fd00::2".
[[nodiscard]] inline std::string flow6_of(const Frame& packet) {
  const auto ip = view6(packet);
  const auto at = [&](std::size_t offset) { return std::to_string(host::base::load_be16(ip.payload(), offset)); };
  const bool echo = ip.next_header() == host::headers::NextHeader::icmp6;
  return to_string(ip.source()) + ' ' + at(echo ? 4 : 0) + " > " + to_string(ip.destination()) +
         (echo ? "" : ' ' + at(2));
}

/// UDP, or TCP with these flags, with the right checksum.
[[nodiscard]] inline Frame packet6(host::headers::NextHeader protocol, const char* from, std::uint16_t sport,
                                   const char* to, std::uint16_t dport, std::uint8_t flags = 0) {
  const bool tcp = protocol == host::headers::NextHeader::tcp;
  Frame transport(tcp ? 20 : 28, std::byte{0x33});
  host::base::store_be16(transport, 0, sport);
  host::base::store_be16(transport, 2, dport);
  if (tcp) {
    host::base::store_u8(transport, 12, 0x50);
    host::base::store_u8(transport, 13, flags);
  } else {
    host::base::store_be16(transport, 4, 28);
  }
  const std::size_t sum_at = kTransport6At + (tcp ? 16 : 6);
  host::base::store_be16(transport, sum_at - kTransport6At, 0);
  Frame packet = packet6_of(ipv6_frame(protocol, transport, {.source = address6(from), .destination = address6(to)}));
  host::base::store_be16(packet, sum_at - kIp6At, transport6_sum(packet));
  return packet;
}
[[nodiscard]] inline Frame udp6_packet(const char* from, std::uint16_t sport, const char* to, std::uint16_t dport) {
  return packet6(host::headers::NextHeader::udp, from, sport, to, dport);
}
[[nodiscard]] inline Frame tcp6_packet(const char* from, std::uint16_t sport, const char* to, std::uint16_t dport,
                                       std::uint8_t flags) {
  return packet6(host::headers::NextHeader::tcp, from, sport, to, dport, flags);
}
[[nodiscard]] inline Frame icmp6_packet(const char* from, const char* to, host::headers::Icmp6Fields fields,
                                        const Frame& payload = Frame(20, std::byte{0x5a})) {
  return packet6_of(icmp6_frame(fields, payload, {.source = address6(from), .destination = address6(to)}));
}
[[nodiscard]] inline Frame echo6_packet(const char* from, const char* to, std::uint16_t id,
                                        host::headers::Icmp6Type type = host::headers::Icmp6Type::echo_request) {
  return icmp6_packet(from, to, {.type = type, .code = 0, .word = std::uint32_t{id} << 16 | 1});
}
/// An ICMPv6 error of a router about a packet, all of which it quotes.
[[nodiscard]] inline Frame error6_packet(const char* router, const char* to, const Frame& about) {
  return icmp6_packet(router, to, {.type = host::headers::Icmp6Type::time_exceeded}, about);
}

}  // namespace host_test
