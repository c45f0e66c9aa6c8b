// SPDX-License-Identifier: Apache-2.0
// IGMP: what routers are told, when, in which version (RFC 1112 appendix I, RFC 2236, RFC 3376).
#include <catch2/catch.hpp>

#include <set>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using headers::IgmpType;
using headers::IgmpView;
using headers::Ipv4Address;

namespace {

constexpr Ipv4Address kGroup{0xef01'0203};  // 239.1.2.3
constexpr Ipv4Address kOther{0xef01'0204};  // 239.1.2.4

/// An IGMP message that the station sent: when, to whom, what.
struct Said {
  Nanoseconds at;
  Ipv4Address to;
  IgmpType type;
  Ipv4Address group;                        // versions 1 and 2
  std::map<Ipv4Address, unsigned> records;  // version 3: record type by group
};

struct Member : Lone {
  explicit Member(std::uint64_t seed = 1) : Lone({.seed = seed}) {
    station().nic.on_wire = [this](const Frame& frame) {
      note(frame);
      return false;
    };
  }
  ~Member() { station().nic.on_wire = nullptr; }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  ip::Igmp& igmp() { return station().host.ip().igmp; }
  kernel::Cpu& cpu() { return station().host.kernel().cpu(0); }
  device::NetDevice& device() { return station().nic.device(); }
  bool set(const char* name, std::int64_t value) { return station().host.kernel().sysctl().set(name, value).ok(); }
  void join(Ipv4Address group) { igmp().join(cpu(), device(), group); }
  void leave(Ipv4Address group) { igmp().leave(cpu(), device(), group); }
  /// What is said within the time.
  std::vector<Said> within(Nanoseconds duration) {
    said.clear();
    run_for(duration);
    return said;
  }
  void hear(Frame message, Ipv4Address to = headers::kAllHosts) {
    base::store_be16(message, 2, 0);
    base::store_be16(message, 2, base::internet_checksum(message));
    station().nic.deliver(ipv4_frame(headers::IpProtocol::igmp, message,
                                     {.destination_mac = headers::multicast_mac(to), .destination = to, .ttl = 1}));
  }
  /// A query of version 1 (no time), 2, or 3 (twelve bytes).
  void query(unsigned version, unsigned tenths = 100, Ipv4Address group = {}) {
    Frame message(version == 3 ? 12 : 8);
    message[0] = std::byte{0x11};
    message[1] = static_cast<std::byte>(version == 1 ? 0 : tenths);
    base::store_be32(message, 4, group.value);
    hear(message);
  }

  std::vector<Said> said;

 private:
  void note(const Frame& frame) {
    if (headers::EthernetView::parse(frame)->type() != headers::EtherType::ipv4) {
      return;
    }
    const auto header = ip_of(frame);
    REQUIRE(header.protocol() == headers::IpProtocol::igmp);
    CHECK(header.ttl() == 1);
    CHECK(header.options().size() == 4);
    CHECK(base::load_u8(header.options(), 0) == 148);
    CHECK(headers::EthernetView::parse(frame)->destination() == headers::multicast_mac(header.destination()));
    const auto message = IgmpView::parse(header.payload()).value();
    CHECK(message.checksum_ok());
    Said one{now(), header.destination(), message.type(), {}, {}};
    if (message.type() != IgmpType::v3_report) {
      one.group = message.group();
    } else {
      for (std::size_t i = 0; i < base::load_be16(header.payload(), 6); ++i) {
        one.records[{base::load_be32(header.payload(), 12 + 8 * i)}] = base::load_u8(header.payload(), 8 + 8 * i);
      }
    }
    said.push_back(one);
  }
};

constexpr unsigned kIsExclude = 2;
constexpr unsigned kToInclude = 3;
constexpr unsigned kToExclude = 4;

}  // namespace

TEST_CASE("joining and leaving are told twice to the version 3 routers", "[ip][igmp]") {
  Member world;
  world.join(kGroup);
  auto said = world.within(5 * kSecond);
  REQUIRE(said.size() == 2);
  CHECK(said[0].to == headers::kIgmpV3Routers);
  CHECK(said[0].records == std::map<Ipv4Address, unsigned>{{kGroup, kToExclude}});
  CHECK(said[1].records == said[0].records);
  CHECK(said[1].at - said[0].at <= kSecond + kMillisecond);
  world.join(kGroup);  // a second user
  world.leave(kGroup);
  CHECK(world.within(5 * kSecond).empty());
  world.leave(kGroup);
  CHECK_FALSE(world.igmp().is_member(world.device(), kGroup));
  said = world.within(5 * kSecond);
  REQUIRE(said.size() == 2);
  CHECK(said[0].records == std::map<Ipv4Address, unsigned>{{kGroup, kToInclude}});
  REQUIRE(world.set("net.ipv4.igmp_qrv", 5));
  world.join(kGroup);
  CHECK(world.within(10 * kSecond).size() == 5);
  world.join(headers::kAllHosts);
  CHECK(world.within(10 * kSecond).empty());  // everybody is there
}

TEST_CASE("a version 3 query is answered with all groups, once, after a random while", "[ip][igmp]") {
  std::set<Nanoseconds> delays;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Member world(seed * 7919);
    world.join(kGroup);
    world.join(kOther);
    static_cast<void>(world.within(5 * kSecond));
    const Nanoseconds asked = world.now();
    world.query(3, 50);
    world.query(3, 50);
    const auto said = world.within(10 * kSecond);
    REQUIRE(said.size() == 1);
    CHECK(said[0].records == std::map<Ipv4Address, unsigned>{{kGroup, kIsExclude}, {kOther, kIsExclude}});
    CHECK(said[0].at - asked <= 5 * kSecond + 2 * kMillisecond);
    delays.insert(said[0].at - asked);
  }
  CHECK(delays.size() > 10);
}

TEST_CASE("a query for one group is answered by its members alone", "[ip][igmp]") {
  Member world;
  world.join(kGroup);
  static_cast<void>(world.within(5 * kSecond));
  world.query(3, 10, kOther);
  CHECK(world.within(5 * kSecond).empty());
  world.query(3, 10, kGroup);
  const auto said = world.within(5 * kSecond);
  REQUIRE(said.size() == 1);
  CHECK(said[0].records == std::map<Ipv4Address, unsigned>{{kGroup, kIsExclude}});
}

TEST_CASE("an older router is spoken to in its version, until it has been silent for long", "[ip][igmp]") {
  struct Row {
    unsigned version;
    IgmpType report;
    std::size_t leaves;
  };
  for (const Row& row : {Row{2, IgmpType::v2_report, 1}, Row{1, IgmpType::v1_report, 0}}) {
    Member world;
    world.query(row.version);
    static_cast<void>(world.within(kSecond));
    world.join(kGroup);
    auto said = world.within(30 * kSecond);
    REQUIRE(said.size() == 2);
    for (const Said& report : said) {
      CHECK(report.type == row.report);
      CHECK(report.to == kGroup);
      CHECK(report.group == kGroup);
    }
    world.query(row.version, 20);
    CHECK(world.within(11 * kSecond).size() == 1);
    world.said.clear();
    world.leave(kGroup);
    world.run_for(kSecond);
    said = world.said;
    REQUIRE(said.size() == row.leaves);
    if (row.leaves == 1) {
      CHECK(said[0].type == IgmpType::v2_leave);
      CHECK(said[0].to == headers::kAllIpv4Routers);
      CHECK(said[0].group == kGroup);
    }
    world.run_for(260 * kSecond);
    world.join(kGroup);
    CHECK(world.within(5 * kSecond).at(0).type == IgmpType::v3_report);
    static_cast<void>(world.within(5 * kSecond));
    REQUIRE(world.set("net.ipv4.conf.all.force_igmp_version", 2));
    world.join(kOther);
    CHECK(world.within(kSecond).at(0).type == IgmpType::v2_report);
  }
}

TEST_CASE("who hears another's report keeps his own, and takes no leave", "[ip][igmp]") {
  Member world;
  world.query(2);
  world.join(kGroup);
  static_cast<void>(world.within(30 * kSecond));
  world.query(2, 100);
  Frame report(8);
  report[0] = std::byte{0x16};
  base::store_be32(report, 4, kGroup.value);
  world.run_for(kMillisecond);
  world.hear(report, kGroup);
  CHECK(world.within(20 * kSecond).empty());
  world.leave(kGroup);
  world.run_for(kSecond);
  CHECK(world.said.empty());
}

TEST_CASE("groups outlive an interface that goes down, and are told of again", "[ip][igmp]") {
  Member world;
  world.join(kGroup);
  world.device().close(world.cpu());
  CHECK(world.within(5 * kSecond).empty());
  world.join(kOther);
  CHECK(world.igmp().is_member(world.device(), kGroup));
  REQUIRE(world.device().open(world.cpu()).ok());
  const auto said = world.within(5 * kSecond);
  REQUIRE(said.size() == 2);
  CHECK(said[0].records == std::map<Ipv4Address, unsigned>{{kGroup, kToExclude}, {kOther, kToExclude}});
}

TEST_CASE("damaged messages are counted drops", "[ip][igmp]") {
  Member world;
  Frame message(8);
  message[0] = std::byte{0x11};
  const PacketOptions to_all{.destination_mac = headers::multicast_mac(headers::kAllHosts),
                             .destination = headers::kAllHosts};
  world.station().nic.deliver(ipv4_frame(headers::IpProtocol::igmp, message, to_all));  // no checksum
  world.station().nic.deliver(ipv4_frame(headers::IpProtocol::igmp, Frame(5), to_all));
  world.run_for(kMillisecond);
  CHECK(world.counter("drop.igmp_malformed") == 2);
  CHECK(world.counter("IpExt.InMcastPkts") == 2);
}

TEST_CASE("a device that goes takes its groups and timers along", "[ip][igmp]") {
  World world({.stations = 1});
  auto& host = world[1].host;
  CableNic second(host, world[1].irqs, base::MacAddress{{2, 0, 0, 0, 9, 9}}, 1500, "eth1");
  {
    CableNic third(host, world[1].irqs, base::MacAddress{{2, 0, 0, 0, 9, 8}}, 1500, "eth2");
    host.ip().igmp.join(host.kernel().cpu(0), third.device(), kGroup);
    host.ip().igmp.join(host.kernel().cpu(0), second.device(), kGroup);
  }
  world.run_for(10 * kSecond);
  CHECK(host.ip().igmp.groups(second.device()).size() == 1);
  CHECK(second.take_sent().size() == 2);
}
