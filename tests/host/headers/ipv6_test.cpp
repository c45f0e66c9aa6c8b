// SPDX-License-Identifier: Apache-2.0
// IPv6 addresses against libc's reading and writing; headers, extension headers and neighbour discovery's options.
#include <arpa/inet.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "host/headers/ip_address.hpp"
#include "host/headers/ipv6_extensions.hpp"
#include "host/headers/ndisc.hpp"

using namespace host;
using namespace host::headers;

namespace {

using Packet = std::vector<std::byte>;

std::optional<Ipv6Address> libc_parse(const std::string& text) {
  Ipv6Address address;
  return inet_pton(AF_INET6, text.c_str(), address.octets.data()) == 1 ? std::optional(address) : std::nullopt;
}

std::string libc_text(const Ipv6Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(AF_INET6, address.octets.data(), text.data(), text.size());
}

/// Bytes 0 and 0xff often, so that zero runs and mapped addresses occur.
Ipv6Address random_address(std::mt19937& random) {
  Ipv6Address address;
  for (auto& octet : address.octets) {
    const unsigned kind = random() % 8;
    octet = static_cast<std::uint8_t>(kind < 5 ? 0 : kind == 5 ? 0xff : random());
  }
  if (random() % 8 == 0) return Ipv6Address::mapped({static_cast<std::uint32_t>(random())});
  return address;
}

/// libc writes ::a.b.c.d for addresses that nobody has used since RFC 4291.
bool is_compatible(const Ipv6Address& address) {
  for (unsigned i = 0; i < 6; ++i) {
    if (address.group(i) != 0) return false;
  }
  return true;
}

/// A packet of `next` with these bytes behind the header.
Packet packet_of(NextHeader next, const std::vector<unsigned>& payload) {
  Packet packet(kIpv6HeaderBytes);
  write_ipv6(packet, {.payload_length = static_cast<std::uint16_t>(payload.size()),
                      .next_header = next,
                      .source = Ipv6Address::of(0xfd00, 0, 0, 0, 0, 0, 0, 1),
                      .destination = Ipv6Address::of(0xfd00, 0, 0, 0, 0, 0, 0, 2)});
  for (const unsigned byte : payload) packet.push_back(static_cast<std::byte>(byte));
  return packet;
}

std::variant<UpperLayer, ExtensionFault> walk(const Packet& packet) {
  return walk_extensions(std::get<Ipv6View>(Ipv6View::parse(packet)));
}

ExtensionFault fault_of(const Packet& packet) {
  return std::get<ExtensionFault>(walk(packet));
}

}  // namespace

TEST_CASE("Addresses are written and read as libc does", "[headers][ipv6]") {
  std::mt19937 random(6);
  for (int i = 0; i < 20'000; ++i) {
    const Ipv6Address address = random_address(random);
    if (!is_compatible(address)) REQUIRE(to_string(address) == libc_text(address));
    REQUIRE(Ipv6Address::parse(libc_text(address)) == address);
    REQUIRE(Ipv6Address::parse(to_string(address)) == address);
  }
}

TEST_CASE("Texts that libc refuses are refused, and only those", "[headers][ipv6]") {
  std::mt19937 random(7);
  const std::string_view alphabet = "0123af:::::.%g";
  int accepted = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    const std::size_t length = random() % 24;
    for (std::size_t k = 0; k < length; ++k) text += alphabet[random() % alphabet.size()];
    const auto theirs = libc_parse(text);
    CAPTURE(text);
    REQUIRE(Ipv6Address::parse(text) == theirs);
    if (theirs) ++accepted;
  }
  CHECK(accepted > 1'000);
  for (const char* text : {"", ":", "::", "1::", "::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:7:8:9", "1::2::3", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
                           "::ffff:1.2.3", "12345::", "::1:", ":1::", "::1.2.3.4:5"}) {
    CAPTURE(text);
    CHECK(Ipv6Address::parse(text) == libc_parse(text));
  }
}

TEST_CASE("Kinds of addresses, and those that follow from others", "[headers][ipv6]") {
  const auto address = *Ipv6Address::parse("2001:db8::12:3456");
  CHECK(to_string(address.solicited_node()) == "ff02::1:ff12:3456");
  CHECK(address.solicited_node().multicast_mac().to_string() == "33:33:ff:12:34:56");
  const base::MacAddress mac = *base::MacAddress::parse("00:1b:21:3c:9d:f8");
  CHECK(to_string(link_local_of(mac)) == "fe80::21b:21ff:fe3c:9df8");
  CHECK(link_local_of(mac).is_link_local());
  CHECK_FALSE(Ipv6Address::parse("fec0::1")->is_link_local());
  CHECK(IpAddress(Ipv4Address::of(10, 0, 0, 1)).is_ipv4());
  CHECK(to_string(IpAddress(Ipv4Address::of(10, 0, 0, 1)).value) == "::ffff:10.0.0.1");
  CHECK_FALSE(IpAddress(address).is_ipv4());
  const auto prefix = *Ipv6Prefix::parse("2001:db8:ffff::1/33");
  CHECK(to_string(prefix.network()) == "2001:db8:8000::");
  CHECK(prefix.contains(*Ipv6Address::parse("2001:db8:8000::5")));
  CHECK_FALSE(prefix.contains(*Ipv6Address::parse("2001:db8:7fff::5")));
  CHECK(Ipv6Prefix::parse("::/0")->contains(address));
  for (const char* wrong : {"::1", "::1/", "::1/129", "::1/-1", "::1/6 4", "x/64"})
    CHECK_FALSE(Ipv6Prefix::parse(wrong));
}

TEST_CASE("A header is read as it was written", "[headers][ipv6]") {
  const Ipv6Fields fields{.traffic_class = 0xb8,
                          .flow_label = 0x12345,
                          .payload_length = 3,
                          .next_header = NextHeader::udp,
                          .hop_limit = 7,
                          .source = *Ipv6Address::parse("fd00::1"),
                          .destination = *Ipv6Address::parse("fd00::2")};
  Packet packet(kIpv6HeaderBytes + 9);
  write_ipv6(packet, fields);
  const auto view = std::get<Ipv6View>(Ipv6View::parse(packet));
  const auto read = view.fields();
  CHECK(read.traffic_class == 0xb8);
  CHECK(read.flow_label == 0x12345);
  CHECK(read.hop_limit == 7);
  CHECK(read.next_header == NextHeader::udp);
  CHECK(read.source == fields.source);
  CHECK(read.destination == fields.destination);
  CHECK(view.payload().size() == 3);
  packet.resize(kIpv6HeaderBytes + 2);
  CHECK(std::get<Ipv6Error>(Ipv6View::parse(packet)) == Ipv6Error::truncated);
  packet.resize(kIpv6HeaderBytes - 1);
  CHECK(std::get<Ipv6Error>(Ipv6View::parse(packet)) == Ipv6Error::too_short);
  packet.resize(60);
  packet[0] = std::byte{0x45};
  CHECK(std::get<Ipv6Error>(Ipv6View::parse(packet)) == Ipv6Error::bad_version);
}

TEST_CASE("Extension headers are passed over to what is behind them", "[headers][ipv6]") {
  // Hop-by-hop with a router alert and padding, destination options with PadN, then UDP.
  const Packet packet =
      packet_of(NextHeader::hop_by_hop, {60, 0, 5, 2, 0, 0, 1, 0, 17, 0, 1, 4, 0, 0, 0, 0, 0xaa, 0xbb});
  const auto upper = std::get<UpperLayer>(walk(packet));
  CHECK(upper.protocol == NextHeader::udp);
  CHECK(upper.at == kIpv6HeaderBytes + 16);
  CHECK(upper.named_at == kIpv6HeaderBytes + 8);
  CHECK_FALSE(upper.fragment);

  const auto fragment = std::get<UpperLayer>(walk(packet_of(NextHeader::fragment, {17, 0, 0x00, 0x19, 1, 2, 3, 4, 9})));
  REQUIRE(fragment.fragment);
  CHECK(fragment.fragment->offset == 24);
  CHECK(fragment.fragment->more);
  CHECK(fragment.fragment->id == 0x01020304);
  CHECK(fragment.protocol == NextHeader::udp);
  CHECK(fragment.at == kIpv6HeaderBytes + 8);
}

TEST_CASE("An option that nobody knows ends the packet as its highest bits say", "[headers][ipv6]") {
  const auto with_option = [](unsigned type) {
    return packet_of(NextHeader::destination_options, {17, 0, type, 2, 0, 0, 0, 0});
  };
  CHECK(std::holds_alternative<UpperLayer>(walk(with_option(0x1e))));
  CHECK(fault_of(with_option(0x5e)).report == ExtensionFault::Report::none);
  CHECK(fault_of(with_option(0x9e)).report == ExtensionFault::Report::always);
  CHECK(fault_of(with_option(0x9e)).code == 2);
  CHECK(fault_of(with_option(0x9e)).pointer == kIpv6HeaderBytes + 2);
  CHECK(fault_of(with_option(0xde)).report == ExtensionFault::Report::unicast_only);
}

TEST_CASE("Extension headers that break a rule end the packet", "[headers][ipv6]") {
  // Hop-by-hop elsewhere than first.
  const auto late =
      fault_of(packet_of(NextHeader::destination_options, {0, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0}));
  CHECK(late.report == ExtensionFault::Report::always);
  CHECK(late.code == 1);
  CHECK(late.pointer == kIpv6HeaderBytes);
  // A routing header with segments left; without, it is passed over.
  const auto routed = fault_of(packet_of(NextHeader::routing, {17, 0, 0, 1, 0, 0, 0, 0}));
  CHECK(routed.code == 0);
  CHECK(routed.pointer == kIpv6HeaderBytes + 2);
  CHECK(std::holds_alternative<UpperLayer>(walk(packet_of(NextHeader::routing, {17, 0, 0, 0, 0, 0, 0, 0}))));
  // Longer than the packet, an option beyond its header, padding without end, too many options.
  CHECK(fault_of(packet_of(NextHeader::hop_by_hop, {17, 1, 0, 0, 0, 0, 0, 0})).report == ExtensionFault::Report::none);
  CHECK(fault_of(packet_of(NextHeader::hop_by_hop, {17, 0, 5, 9, 0, 0, 0, 0})).report == ExtensionFault::Report::none);
  CHECK(std::holds_alternative<ExtensionFault>(
      walk(packet_of(NextHeader::destination_options, {17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}))));
  std::vector<unsigned> many = {17, 2};
  for (int i = 0; i < 11; ++i) many.insert(many.end(), {0x1e, 0});
  CHECK(std::holds_alternative<ExtensionFault>(walk(packet_of(NextHeader::destination_options, many))));
}

TEST_CASE("No bytes lead the walk out of the packet", "[headers][ipv6]") {
  std::mt19937 random(8);
  constexpr std::array<unsigned, 8> kNext = {0, 43, 44, 60, 60, 17, 58, 59};
  for (int i = 0; i < 100'000; ++i) {
    std::vector<unsigned> payload(random() % 64);
    for (auto& byte : payload) byte = random() % 3 == 0 ? random() % 256 : kNext[random() % kNext.size()] % 8;
    for (std::size_t at = 0; at < payload.size(); at += 8) payload[at] = kNext[random() % kNext.size()];
    const Packet packet = packet_of(NextHeader{static_cast<std::uint8_t>(kNext[random() % kNext.size()])}, payload);
    const auto walked = walk(packet);
    if (const auto* upper = std::get_if<UpperLayer>(&walked)) {
      REQUIRE(upper->at <= packet.size());
      REQUIRE(upper->named_at < packet.size());
    } else {
      REQUIRE(std::get<ExtensionFault>(walked).pointer < packet.size());
    }
    const auto cut =
        Ipv6View::parse_quoted(std::span(packet).first(kIpv6HeaderBytes + random() % (payload.size() + 1)));
    const auto found = find_upper_layer(*cut);
    if (found) REQUIRE(found->at <= cut->packet().size());
  }
}

TEST_CASE("ICMPv6's checksum covers addresses and message", "[headers][ipv6]") {
  const auto source = *Ipv6Address::parse("fe80::1");
  const auto destination = *Ipv6Address::parse("ff02::1");
  Packet message(kIcmp6HeaderBytes + 5, std::byte{0x11});
  write_icmp6(message, {.type = Icmp6Type::echo_request, .code = 0, .word = 0x00070001}, source, destination);
  // By hand: pseudo header and message as 16-bit words (RFC 8200 section 8.1).
  const std::uint32_t words = 0xfe80 + 1 + 0xff02 + 1 + 13 + 58 + 0x8000 + 7 + 1 + 0x1111 + 0x1111 + 0x1100;
  const std::uint32_t folded = (words & 0xffffU) + (words >> 16);
  CHECK(base::load_be16(message, 2) == static_cast<std::uint16_t>(~((folded & 0xffffU) + (folded >> 16))));
  const auto view = *Icmp6View::parse(message);
  CHECK(view.checksum_ok(source, destination));
  CHECK_FALSE(view.checksum_ok(destination, destination));
  message[12] ^= std::byte{1};
  CHECK_FALSE(view.checksum_ok(source, destination));
}

TEST_CASE("Options of neighbour discovery are read, skipped or refused", "[headers][ndisc]") {
  const auto bytes = [](const std::vector<unsigned>& values) {
    Packet packet;
    for (const unsigned value : values) packet.push_back(static_cast<std::byte>(value));
    return packet;
  };
  Packet all = bytes({1, 1, 2, 0, 0, 0, 0, 9, 5, 1, 0, 0, 0, 0, 5, 0xdc, 14, 1, 0, 0, 0, 0, 0, 0});
  const Packet prefix =
      bytes({3, 4, 64, 0xc0, 0, 0, 0, 100, 0, 0, 0, 50, 0, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  all.insert(all.end(), prefix.begin(), prefix.end());
  const auto options = parse_nd_options(all);
  REQUIRE(options);
  CHECK(options->source_link_layer->to_string() == "02:00:00:00:00:09");
  CHECK_FALSE(options->target_link_layer);
  CHECK(options->mtu == 1500U);
  REQUIRE(options->prefixes.size() == 1);
  CHECK(to_string(options->prefixes[0].prefix) == "fd00::/64");
  CHECK(options->prefixes[0].valid_lifetime == 100);
  CHECK(options->prefixes[0].preferred_lifetime == 50);
  CHECK(options->prefixes[0].on_link);
  CHECK(options->prefixes[0].autonomous);
  CHECK_FALSE(parse_nd_options(bytes({1, 0, 2, 0, 0, 0, 0, 9})));
  CHECK_FALSE(parse_nd_options(bytes({1, 2, 2, 0, 0, 0, 0, 9})));
  CHECK_FALSE(parse_nd_options(bytes({1})));
  CHECK(parse_nd_options({}));
}
