// SPDX-License-Identifier: Apache-2.0
// What is written is read back; what is malformed is refused, each for its own reason.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <vector>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/arp.hpp"
#include "host/headers/ethernet.hpp"
#include "host/headers/icmp.hpp"
#include "host/headers/igmp.hpp"
#include "host/headers/ipv4.hpp"
#include "host/headers/udp.hpp"

using namespace host::headers;

namespace {

constexpr Ipv4Address kHere = Ipv4Address::of(10, 0, 0, 1);
constexpr Ipv4Address kThere = Ipv4Address::of(10, 0, 0, 2);
constexpr host::base::MacAddress kMac{{2, 0, 0, 0, 0, 1}};

/// A legal IPv4 packet of 28 bytes.
std::vector<std::byte> ipv4_packet() {
  std::vector<std::byte> packet(28);
  write_ipv4(packet, {.total_length = 28,
                      .id = 7,
                      .dont_fragment = true,
                      .protocol = IpProtocol::udp,
                      .source = kHere,
                      .destination = kThere});
  return packet;
}

/// Puts a right checksum into a header that a test has bent.
void mend_checksum(std::vector<std::byte>& packet) {
  host::base::store_be16(packet, 10, 0);
  const std::size_t bytes = (host::base::load_u8(packet, 0) & 0xfU) * std::size_t{4};
  host::base::store_be16(packet, 10, host::base::internet_checksum(Bytes(packet).first(bytes)));
}

Ipv4Error error_of(const std::vector<std::byte>& packet) {
  const auto parsed = Ipv4View::parse(packet);
  REQUIRE(std::holds_alternative<Ipv4Error>(parsed));
  return std::get<Ipv4Error>(parsed);
}

}  // namespace

TEST_CASE("addresses are read and printed as people write them", "[headers][address]") {
  CHECK(Ipv4Address::parse("192.168.7.1") == Ipv4Address::of(192, 168, 7, 1));
  CHECK(to_string(Ipv4Address::of(192, 168, 7, 1)) == "192.168.7.1");
  for (const char* bad : {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1..3.4", "1.2.3.4 ", "-1.2.3.4", "a.b.c.d"}) {
    CHECK_FALSE(Ipv4Address::parse(bad).has_value());
  }
  CHECK(host::base::MacAddress::parse("02:00:00:00:00:01") == kMac);
  CHECK(kMac.to_string() == "02:00:00:00:00:01");
  for (const char* bad : {"", "02:00:00:00:00", "02-00-00-00-00-01", "02:00:00:00:00:0g", "02:00:00:00:00:01:"}) {
    CHECK_FALSE(host::base::MacAddress::parse(bad).has_value());
  }
}

TEST_CASE("a prefix knows its network, its broadcast and its members", "[headers][address]") {
  const auto prefix = Ipv4Prefix::parse("10.1.2.3/20").value();
  CHECK(prefix.network() == Ipv4Address::of(10, 1, 0, 0));
  CHECK(prefix.broadcast() == Ipv4Address::of(10, 1, 15, 255));
  CHECK(prefix.contains(Ipv4Address::of(10, 1, 15, 1)));
  CHECK_FALSE(prefix.contains(Ipv4Address::of(10, 1, 16, 1)));
  CHECK_FALSE(Ipv4Prefix::parse("10.0.0.1/31")->broadcast().has_value());
  CHECK(Ipv4Prefix::parse("0.0.0.0/0")->contains(kLimitedBroadcast));
  CHECK_FALSE(Ipv4Prefix::parse("10.0.0.1/33").has_value());
  CHECK_FALSE(Ipv4Prefix::parse("10.0.0.1").has_value());
}

TEST_CASE("an Ethernet header is read back, with and without a VLAN tag", "[headers][ethernet]") {
  std::vector<std::byte> frame(60);
  write_ethernet(frame, {.destination = host::base::MacAddress::broadcast(), .source = kMac, .type = EtherType::arp});
  const auto plain = EthernetView::parse(frame).value();
  CHECK(plain.destination().is_broadcast());
  CHECK(plain.source() == kMac);
  CHECK(plain.type() == EtherType::arp);
  CHECK_FALSE(plain.vlan_tag().has_value());
  CHECK(plain.payload().size() == 46);

  host::base::store_be16(frame, 12, 0x8100);
  host::base::store_be16(frame, 14, 0x2064);
  host::base::store_be16(frame, 16, 0x0800);
  const auto tagged = EthernetView::parse(frame).value();
  CHECK(tagged.type() == EtherType::ipv4);
  CHECK(tagged.vlan_tag() == 0x2064);
  CHECK(tagged.payload().size() == 42);

  host::base::store_be16(frame, 12, 46);
  CHECK(EthernetView::parse(frame)->is_length());
  CHECK_FALSE(EthernetView::parse(Bytes(frame).first(13)).has_value());
  host::base::store_be16(frame, 12, 0x8100);
  CHECK_FALSE(EthernetView::parse(Bytes(frame).first(17)).has_value());
}

TEST_CASE("an ARP packet is read back, and anything but IPv4 over Ethernet is refused", "[headers][arp]") {
  std::vector<std::byte> packet(46);
  write_arp(
      packet,
      {.operation = ArpOperation::request, .sender_mac = kMac, .sender = kHere, .target_mac = {}, .target = kThere});
  const auto fields = parse_arp(packet).value();
  CHECK(fields.operation == ArpOperation::request);
  CHECK(fields.sender_mac == kMac);
  CHECK(fields.sender == kHere);
  CHECK(fields.target_mac.is_zero());
  CHECK(fields.target == kThere);

  CHECK_FALSE(parse_arp(Bytes(packet).first(27)).has_value());
  for (const std::size_t byte : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U}) {
    auto bent = packet;
    bent[byte] ^= std::byte{0x40};
    CHECK_FALSE(parse_arp(bent).has_value());
  }
}

TEST_CASE("an IPv4 header is read back", "[headers][ipv4]") {
  const auto packet = ipv4_packet();
  const auto fields = std::get<Ipv4View>(Ipv4View::parse(packet)).fields();
  CHECK(fields.total_length == 28);
  CHECK(fields.id == 7);
  CHECK(fields.dont_fragment);
  CHECK_FALSE(fields.more_fragments);
  CHECK(fields.fragment_offset == 0);
  CHECK(fields.ttl == kDefaultTtl);
  CHECK(fields.protocol == IpProtocol::udp);
  CHECK(fields.source == kHere);
  CHECK(fields.destination == kThere);
}

TEST_CASE("padding behind the total length is not part of the packet", "[headers][ipv4]") {
  auto packet = ipv4_packet();
  packet.resize(46);
  CHECK(std::get<Ipv4View>(Ipv4View::parse(packet)).payload().size() == 8);
}

TEST_CASE("every malformed IPv4 header is refused for its reason", "[headers][ipv4]") {
  auto packet = ipv4_packet();
  SECTION("short") {
    packet.resize(19);
    CHECK(error_of(packet) == Ipv4Error::too_short);
  }
  SECTION("version 6") {
    host::base::store_u8(packet, 0, 0x65);
    CHECK(error_of(packet) == Ipv4Error::bad_version);
  }
  SECTION("header of 16 bytes") {
    host::base::store_u8(packet, 0, 0x44);
    CHECK(error_of(packet) == Ipv4Error::bad_header_length);
  }
  SECTION("header longer than the packet") {
    host::base::store_u8(packet, 0, 0x4f);
    CHECK(error_of(packet) == Ipv4Error::bad_header_length);
  }
  SECTION("checksum") {
    packet[8] ^= std::byte{1};
    CHECK(error_of(packet) == Ipv4Error::bad_checksum);
  }
  SECTION("total length beyond the packet") {
    host::base::store_be16(packet, 2, 29);
    mend_checksum(packet);
    CHECK(error_of(packet) == Ipv4Error::truncated);
  }
  SECTION("total length inside the header") {
    host::base::store_be16(packet, 2, 19);
    mend_checksum(packet);
    CHECK(error_of(packet) == Ipv4Error::bad_total_length);
  }
}

TEST_CASE("a quoted header may be cut off in its payload but not in itself", "[headers][ipv4]") {
  auto packet = ipv4_packet();
  host::base::store_be16(packet, 2, 1500);  // the checksum is wrong now, and nobody minds
  const auto quoted = Ipv4View::parse_quoted(packet);
  REQUIRE(quoted.has_value());
  CHECK(quoted->payload().size() == 8);
  CHECK_FALSE(Ipv4View::parse_quoted(Bytes(packet).first(19)).has_value());
}

TEST_CASE("an ICMP message is read back and its checksum guards every bit", "[headers][icmp]") {
  std::vector<std::byte> message(64, std::byte{0x5a});
  write_icmp(message, {.type = IcmpType::echo_request, .code = 0, .id = 0x1234, .sequence = 9});
  const auto view = IcmpView::parse(message).value();
  CHECK(view.checksum_ok());
  CHECK(view.fields().id == 0x1234);
  CHECK(view.fields().sequence == 9);
  CHECK(view.payload().size() == 56);
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    auto bent = message;
    bent[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    REQUIRE_FALSE(IcmpView::parse(bent)->checksum_ok());
  }
  CHECK_FALSE(IcmpView::parse(Bytes(message).first(7)).has_value());
}

TEST_CASE("a UDP datagram is read back and its checksum guards addresses too", "[headers][udp]") {
  std::vector<std::byte> datagram(21, std::byte{0x33});
  write_udp(datagram, 4000, 7, kHere, kThere);
  const auto view = UdpView::parse(datagram).value();
  CHECK(view.fields().source_port == 4000);
  CHECK(view.fields().destination_port == 7);
  CHECK(view.fields().length == 21);
  CHECK(view.payload().size() == 13);
  CHECK(view.checksum_ok(kHere, kThere));
  CHECK_FALSE(view.checksum_ok(kHere, Ipv4Address::of(10, 0, 0, 3)));

  host::base::store_be16(datagram, 6, 0);
  CHECK(UdpView::parse(datagram)->checksum_ok(kHere, kThere));
}

TEST_CASE("a UDP checksum that comes out as zero is sent as all ones", "[headers][udp]") {
  std::vector<std::byte> datagram(10);
  for (unsigned value = 0; value <= 0xffff; ++value) {
    host::base::store_be16(datagram, 8, static_cast<std::uint16_t>(value));
    write_udp(datagram, 1, 2, kHere, kThere);
    REQUIRE(host::base::load_be16(datagram, 6) != 0);
    REQUIRE(UdpView::parse(datagram)->checksum_ok(kHere, kThere));
  }
}

TEST_CASE("a UDP length that cannot be is refused, bytes behind it are cut off", "[headers][udp]") {
  std::vector<std::byte> datagram(20);
  write_udp(datagram, 1, 2, kHere, kThere);
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 7, 21, 65535}) {
    host::base::store_be16(datagram, 4, length);
    CHECK_FALSE(UdpView::parse(datagram).has_value());
  }
  host::base::store_be16(datagram, 4, 12);
  CHECK(UdpView::parse(datagram)->payload().size() == 4);
  CHECK_FALSE(UdpView::parse(Bytes(datagram).first(7)).has_value());
}

TEST_CASE("an IGMP report of version 3 is written as RFC 3376 draws it", "[headers][igmp]") {
  const GroupRecord record{GroupRecordType::to_exclude, Ipv4Address::of(239, 1, 2, 3)};
  std::vector<std::byte> report(kIgmpBytes + kIgmpRecordBytes, std::byte{0xff});
  write_igmp_v3_report(report, {&record, 1});
  const std::array<unsigned, 16> golden{0x22, 0, 0xe8, 0xf9, 0, 0, 0, 1, 4, 0, 0, 0, 239, 1, 2, 3};
  CHECK(std::equal(report.begin(), report.end(), golden.begin(), golden.end(),
                   [](std::byte have, unsigned want) { return std::to_integer<unsigned>(have) == want; }));
  CHECK(IgmpView::parse(report)->checksum_ok());
}

TEST_CASE("an IGMP query tells how long members may wait, in version 3 with an exponent", "[headers][igmp]") {
  std::vector<std::byte> query(kIgmpV3QueryBytes);
  query[0] = std::byte{0x11};
  const std::pair<unsigned, std::uint32_t> rows[] = {{0, 0}, {100, 100}, {0x7f, 127}, {0x80, 128}, {0x9f, 496}};
  for (const auto& [code, tenths] : rows) {
    query[1] = static_cast<std::byte>(code);
    CHECK(IgmpView::parse(query)->response_tenths() == tenths);
    CHECK(IgmpView::parse(Bytes(query).first(kIgmpBytes))->response_tenths() == code);
  }
  CHECK_FALSE(IgmpView::parse(Bytes(query).first(7)).has_value());
}
