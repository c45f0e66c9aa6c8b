// SPDX-License-Identifier: Apache-2.0
// MLD's messages and the router alert in front of them, as RFC 2710, RFC 3810 and RFC 2711 draw them.
#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "host/headers/ipv6_extensions.hpp"
#include "host/headers/mld.hpp"

using namespace host;
using namespace host::headers;

namespace {

using Packet = std::vector<std::byte>;

Packet bytes(const std::vector<unsigned>& values) {
  Packet packet;
  for (const unsigned value : values) packet.push_back(static_cast<std::byte>(value));
  return packet;
}

const Ipv6Address kFrom = *Ipv6Address::parse("fe80::1");
const Ipv6Address kGroup = *Ipv6Address::parse("ff05::77");

Packet query(std::size_t length, unsigned code = 0) {
  Packet message(length);
  base::store_u8(message, 0, 130);
  base::store_be16(message, 4, static_cast<std::uint16_t>(code));
  if (length >= kMldBytes) kGroup.store(message, 8);
  return message;
}

std::optional<MldQuery> parsed(const Packet& message) {
  return parse_mld_query(Icmp6View::parse(message).value());
}

}  // namespace

TEST_CASE("Reports of MLD are written as the RFCs draw them", "[headers][mld]") {
  Packet first(kMldBytes, std::byte{0xee});
  write_mld(first, Icmp6Type::multicast_listener_done, kGroup, kFrom, kAllRouters);
  const Packet golden = bytes({132, 0, 0, 0, 0, 0, 0, 0, 0xff, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77});
  CHECK(Icmp6View::parse(first)->checksum_ok(kFrom, kAllRouters));
  base::store_be16(first, 2, 0);
  CHECK(first == golden);
  CHECK(parse_mld_group(*Icmp6View::parse(first)) == kGroup);
  CHECK_FALSE(parse_mld_group(*Icmp6View::parse(Bytes(first).first(kMldBytes - 1))));
  first[8] = std::byte{0xfd};
  CHECK_FALSE(parse_mld_group(*Icmp6View::parse(first)));

  const std::array records{GroupRecord{GroupRecordType::to_exclude, kGroup},
                           GroupRecord{GroupRecordType::is_exclude, kAllRouters}};
  Packet second(kMldV2ReportBytes + 2 * kMldRecordBytes, std::byte{0xee});
  write_mld_v2_report(second, records, kFrom, kMldV2Routers);
  CHECK(Icmp6View::parse(second)->checksum_ok(kFrom, kMldV2Routers));
  base::store_be16(second, 2, 0);
  CHECK(second == bytes({143, 0, 0, 0, 0,    0, 0, 2,                                         //
                         4,   0, 0, 0, 0xff, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77,  //
                         2,   0, 0, 0, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}));
}

TEST_CASE("A query of MLD has the length of its version, and what it promises", "[headers][mld]") {
  const auto old = parsed(query(24, 40'000));
  REQUIRE(old);
  CHECK(old->group == kGroup);
  CHECK(old->response_ms == 40'000);  // version 1 has no floating numbers
  CHECK_FALSE(old->version2);
  for (const std::size_t length : {8U, 23U, 25U, 26U, 27U}) {
    INFO(length);
    CHECK_FALSE(parsed(query(length)));
  }
  Packet message = query(28 + 32, 1234);
  base::store_u8(message, 24, 0xfa);  // suppress, robustness 2
  base::store_u8(message, 25, 0x8f);
  base::store_be16(message, 26, 2);
  const auto asked = parsed(message);
  REQUIRE(asked);
  CHECK(asked->response_ms == 1234);
  REQUIRE(asked->version2);
  CHECK(asked->version2->robustness == 2);
  CHECK(asked->version2->interval_seconds == 248);
  CHECK(asked->version2->sources == 2);
  base::store_be16(message, 26, 3);
  CHECK_FALSE(parsed(message));
  base::store_be16(message, 26, 1);
  CHECK(parsed(message));  // more may follow (RFC 3810 section 5.1.12)
  message = query(28);
  Ipv6Address::parse("fd00::1")->store(message, 8);
  CHECK_FALSE(parsed(message));
  Ipv6Address{}.store(message, 8);
  CHECK(parsed(message)->group.is_unspecified());
}

TEST_CASE("Long response times of MLD are floating numbers", "[headers][mld]") {
  const std::pair<unsigned, std::uint32_t> rows[] = {{0, 0},           {0x7fff, 32'767}, {0x8000, 32'768},
                                                     {0x8fff, 65'528}, {0x9000, 65'536}, {0xffff, 8'387'584}};
  for (const auto& [code, milliseconds] : rows) {
    INFO(code);
    CHECK(parsed(query(28, code))->response_ms == milliseconds);
  }
}

TEST_CASE("The router alert is found among hop-by-hop options", "[headers][ipv6]") {
  const auto alert_of = [](const std::vector<unsigned>& header, NextHeader next = NextHeader::hop_by_hop) {
    Packet packet(kIpv6HeaderBytes);
    const Packet options = bytes(header);
    write_ipv6(packet, {.payload_length = static_cast<std::uint16_t>(options.size()),
                        .next_header = next,
                        .source = kFrom,
                        .destination = kMldV2Routers});
    packet.insert(packet.end(), options.begin(), options.end());
    return router_alert(std::get<Ipv6View>(Ipv6View::parse(packet)));
  };
  Packet written(kRouterAlertBytes, std::byte{0xee});
  write_router_alert(written, NextHeader::icmp6);
  CHECK(written == bytes({58, 0, 5, 2, 0, 0, 1, 0}));
  CHECK(alert_of({58, 0, 5, 2, 0, 0, 1, 0}) == kRouterAlertMld);
  CHECK(alert_of({58, 0, 1, 0, 5, 2, 0, 9}) == 9);
  CHECK(alert_of({58, 0, 0, 0, 5, 2, 0, 9}) == 9);
  CHECK_FALSE(alert_of({58, 0, 1, 4, 5, 2, 0, 0}));
  CHECK_FALSE(alert_of({58, 0, 5, 2, 0, 0, 1, 0}, NextHeader::destination_options));
  CHECK_FALSE(alert_of({58, 1, 5, 2, 0, 0, 1, 0}));  // its end is missing
}
