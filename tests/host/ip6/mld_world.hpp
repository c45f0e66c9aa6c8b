// SPDX-License-Identifier: Apache-2.0
// A station that belongs to groups of IPv6: what it says of them, and routers that ask.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "host/headers/mld.hpp"
#include "tests/host/ip6/world6.hpp"

namespace host_test {

inline const host::headers::Ipv6Address kRouter = host::headers::Ipv6Address::of(0xfe80, 0, 0, 0, 0, 0, 0, 0x99);
inline const host::headers::Ipv6Address kOwn = host::headers::link_local_of(mac_of(1));
inline const host::headers::Ipv6Address kGroup = host::headers::Ipv6Address::of(0xff05, 0, 0, 0, 0, 0, 0, 0x77);
inline const host::headers::Ipv6Address kOther = host::headers::Ipv6Address::of(0xff05, 0, 0, 0, 0, 0, 0, 0x78);
inline const host::headers::Ipv6Address kOfInterface = host::headers::Ipv6Address::of(0xff01, 0, 0, 0, 0, 0, 0, 0x77);

inline constexpr unsigned kIsExclude = 2;
inline constexpr unsigned kToInclude = 3;
inline constexpr unsigned kToExclude = 4;
using Records = std::map<host::headers::Ipv6Address, unsigned>;

/// An MLD message that the station sent: when, from and to whom, what.
struct Said {
  Nanoseconds at;
  host::headers::Ipv6Address from;
  host::headers::Ipv6Address to;
  host::headers::Icmp6Type type;
  host::headers::Ipv6Address group;  // version 1
  Records records;                   // version 2: record type by group
};

inline Said said_in(const Frame& frame, Nanoseconds at) {
  const auto packet = ip6_of(frame);
  CHECK(packet.hop_limit() == 1);
  CHECK(host::headers::router_alert(packet) == host::headers::kRouterAlertMld);
  CHECK(host::headers::EthernetView::parse(frame)->destination() == packet.destination().multicast_mac());
  const auto bytes = packet.payload().subspan(host::headers::kRouterAlertBytes);
  const auto message = host::headers::Icmp6View::parse(bytes).value();
  CHECK(message.checksum_ok(packet.source(), packet.destination()));
  Said one{at, packet.source(), packet.destination(), message.type(), {}, {}};
  if (message.type() != host::headers::Icmp6Type::multicast_listener_report_v2) {
    CHECK(message.word() == 0);
    one.group = host::headers::parse_mld_group(message).value();
    return one;
  }
  CHECK(bytes.size() == host::headers::kMldV2ReportBytes + message.word() * host::headers::kMldRecordBytes);
  for (std::size_t i = 0; i < message.word(); ++i) {
    const auto record = bytes.subspan(host::headers::kMldV2ReportBytes + i * host::headers::kMldRecordBytes);
    one.records[host::headers::Ipv6Address::load(record, 4)] = host::base::load_u8(record, 0);
  }
  return one;
}

/// What a query says, and how it comes. Without a version 2 part it has 24 bytes.
struct Query {
  host::headers::Ipv6Address group = {};
  unsigned code = 1000;
  std::optional<unsigned> robustness = 2U;  // nothing: version 1
  unsigned interval = 125;
  unsigned sources = 0;
  std::size_t listed = 0;
  host::headers::Ipv6Address source = kRouter;
  std::uint8_t hop_limit = 1;
  std::optional<std::uint16_t> alert = std::uint16_t{0};
};

[[nodiscard]] inline Frame query_frame(const Query& query) {
  Frame body(16);
  query.group.store(body, 0);
  if (query.robustness) {
    body.resize(20 + 16 * query.listed);
    host::base::store_u8(body, 16, static_cast<std::uint8_t>(*query.robustness));
    host::base::store_u8(body, 17, static_cast<std::uint8_t>(query.interval));
    host::base::store_be16(body, 18, static_cast<std::uint16_t>(query.sources));
  }
  Packet6Options options;
  options.source = query.source;
  options.destination = query.group.is_multicast() ? query.group : host::headers::kAllNodes;
  options.hop_limit = query.hop_limit;
  const Frame frame =
      icmp6_frame({.type = host::headers::Icmp6Type::multicast_listener_query, .code = 0, .word = query.code << 16U},
                  body, options);
  return query.alert ? with_router_alert(frame, *query.alert) : frame;
}

/// Station 1, whose IPv6 is on but not the routers'. Its reports are collected.
struct Member6 : World {
  explicit Member6(std::uint64_t seed = 1) : World({.stations = 1, .cpus = 1, .mtu = 1500, .host = {.seed = seed}}) {
    set("net.ipv6.conf.eth0.accept_ra", 0);
    station().nic.on_wire = [this](const Frame& frame) {
      if (is_mld(frame)) said.push_back(said_in(frame, now()));
      return false;
    };
  }
  ~Member6() { station().nic.on_wire = nullptr; }
  Member6(const Member6&) = delete;
  Member6& operator=(const Member6&) = delete;

  Station& station() { return (*this)[1]; }
  host::ip6::Mld& mld() { return station().host.ip6().mld; }
  host::kernel::Cpu& cpu() { return station().host.kernel().cpu(0); }
  host::device::NetDevice& device() { return station().nic.device(); }
  std::uint64_t counter(const std::string& name) { return station().counter(name); }
  void set(std::string_view name, std::int64_t value) {
    REQUIRE(station().host.kernel().sysctl().set(name, value).ok());
  }
  void enable() { set("net.ipv6.conf.eth0.disable_ipv6", 0); }
  /// Enabled, and everything said that follows from that.
  Member6& settled() {
    enable();
    static_cast<void>(within(10 * kSecond));
    return *this;
  }
  void join(const host::headers::Ipv6Address& group) { mld().join(cpu(), device(), group); }
  void leave(const host::headers::Ipv6Address& group) { mld().leave(cpu(), device(), group); }
  void hear(const Query& query) { station().nic.deliver(query_frame(query)); }
  /// Another member's report of version 1.
  void hear_report(const host::headers::Ipv6Address& group, Packet6Options options = {}) {
    Frame body(16);
    group.store(body, 0);
    options.source = options.source == global_of(2) ? kRouter : options.source;
    options.destination = group;
    options.hop_limit = 1;
    station().nic.deliver(
        with_router_alert(icmp6_frame({.type = host::headers::Icmp6Type::multicast_listener_report}, body, options)));
  }
  /// What is said within the time.
  std::vector<Said> within(Nanoseconds duration) {
    said.clear();
    run_for(duration);
    return said;
  }
  /// Everything that one version 2 report would list.
  Records all(unsigned how) { return {{kOwn.solicited_node(), how}}; }

  std::vector<Said> said;
};

}  // namespace host_test
