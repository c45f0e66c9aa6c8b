// SPDX-License-Identifier: Apache-2.0
// Connections of IPv6: states, errors, neighbours that need none, translation.
#include "tests/host/ip6/world6.hpp"
#include "tests/host/netfilter/passage6.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using netfilter::Hook;

namespace {

constexpr const char* kStates =
    "table inet t { chain c { type filter hook input priority 0; ct state new counter; ct state established counter; "
    "ct state related counter; ct state invalid counter; ct state untracked counter }\n"
    "chain o { type filter hook output priority 0; ct state new counter; ct state established counter } }";
enum State : std::size_t { kNew, kEstablished, kRelated, kInvalid, kUntracked };

/// Where a forwarded packet came out, its checksum being right.
std::string through(Passage& passage, const Frame& packet) {
  const auto out = passage.forwarded(packet);
  if (!out) return "dropped";
  CHECK(checksum6_right(*out));
  return flow6_of(*out);
}

/// eth0 has fd00::a.
struct Passage6 : Passage {
  Passage6() {
    REQUIRE(host.add_address(world[1].nic.device(), headers::Ipv6Prefix{address6("fd00::a"), 64}).ok());
    world.run_for(5 * kSecond);
  }
};

}  // namespace

TEST_CASE("a host's IPv6 traffic is new, then established; its neighbours are untracked", "[conntrack][ip6]") {
  Lone6 world;
  put_in_force(world.station().host, kStates);
  const auto counted = [&](const char* chain, std::size_t rule) {
    return TestRules::counted(world.station().host.ip().nftables, chain, rule);
  };
  world.introduce();
  CHECK(counted("c", kUntracked) == 1);
  CHECK(counted("c", kInvalid) == 0);
  CHECK(world.answer_to(echo6_request(20)).size() == 1);
  CHECK(counted("c", kNew) == 1);
  CHECK(counted("o", kEstablished) == 1);
  CHECK(world.answer_to(echo6_request(20)).size() == 1);
  CHECK(counted("c", kEstablished) == 1);
  Frame damaged = echo6_request(20);
  damaged[60] ^= std::byte{1};
  CHECK(world.answer_to(damaged).empty());
  CHECK(counted("c", kInvalid) == 1);
  CHECK(world.station().host.kernel().files().read("/proc/net/nf_conntrack").value() ==
        "ipv6     10 icmpv6   58 29 src=fd00:0000:0000:0000:0000:0000:0000:0002 "
        "dst=fd00:0000:0000:0000:0000:0000:0000:0001 type=128 code=0 id=7 "
        "src=fd00:0000:0000:0000:0000:0000:0000:0001 dst=fd00:0000:0000:0000:0000:0000:0000:0002 type=129 code=0 id=7 "
        "mark=0 use=1\n");
}

TEST_CASE("one family's connections are tracked without the other's", "[conntrack][ip6]") {
  for (const bool ipv6 : {false, true}) {
    Passage passage;
    passage.rules(std::string("table ") + (ipv6 ? "ip6" : "ip") +
                  " t { chain c { type filter hook input priority 0; ct state new counter } }");
    CHECK(passage.comes(udp_packet("10.0.0.2", 1, "10.0.0.1", 2)).has_value());
    CHECK(passage.comes(udp6_packet("fd00::2", 1, "fd00::1", 2)).has_value());
    CHECK(passage.host.ip().conntrack.count() == 1);
    CHECK((passage.connections().find("ipv6") != std::string::npos) == ipv6);
  }
}

TEST_CASE("IPv6's TCP and UDP live by the same states and timeouts", "[conntrack][ip6]") {
  Passage passage;
  passage.rules(kStates);
  CHECK(passage.comes(tcp6_packet("fd00::2", 1000, "fd00::1", 80, 0x02)).has_value());
  CHECK(passage.goes(tcp6_packet("fd00::1", 80, "fd00::2", 1000, 0x12)).has_value());
  CHECK(passage.comes(tcp6_packet("fd00::2", 1000, "fd00::1", 80, 0x10)).has_value());
  CHECK(passage.connections().find("tcp      6 432000 ESTABLISHED ") != std::string::npos);
  CHECK(passage.comes(udp6_packet("fd00::2", 1000, "fd00::1", 80)).has_value());
  CHECK(passage.connections().find("udp      17 30 ") != std::string::npos);
  CHECK(passage.connections().find("sport=1000 dport=80 [UNREPLIED] ") != std::string::npos);
  // An answer that nobody asked for, and an error about nothing.
  CHECK(passage.comes(echo6_packet("fd00::2", "fd00::1", 1, Icmp6Type::echo_reply)).has_value());
  CHECK(passage.comes(error6_packet("fd00::7", "fd00::1", udp6_packet("fd00::1", 1, "fd00::9", 2))).has_value());
  CHECK(passage.counted("c", kInvalid) == 2);
  CHECK(passage.host.ip().conntrack.count() == 2);
}

TEST_CASE("icmpv6_timeout is its own", "[conntrack][ip6][sysctl]") {
  Passage passage;
  passage.rules(kStates);
  REQUIRE(passage.host.kernel().sysctl().set("net.netfilter.nf_conntrack_icmpv6_timeout", 5).ok());
  CHECK(passage.comes(echo6_packet("fd00::2", "fd00::1", 1)).has_value());
  CHECK(passage.comes(echo_packet("10.0.0.2", "10.0.0.1", 1)).has_value());
  passage.world.run_for(6 * kSecond);
  CHECK(passage.connections().find("ipv6") == std::string::npos);
  CHECK(passage.connections().find("ipv4") != std::string::npos);
}

TEST_CASE("an ICMPv6 error belongs to the connection of the packet inside", "[conntrack][ip6]") {
  Passage passage;
  passage.rules(kStates);
  const auto sent = udp6_packet("fd00::1", 5000, "2001:db8::9", 53);
  CHECK(passage.goes(sent).has_value());
  CHECK(passage.comes(error6_packet("fd00::7", "fd00::1", sent)).has_value());
  CHECK(passage.counted("c", kRelated) == 1);
  Frame damaged = error6_packet("fd00::7", "fd00::1", sent);
  damaged[50] ^= std::byte{1};
  CHECK(passage.comes(damaged).has_value());
  CHECK(passage.counted("c", kRelated) == 1);
}

TEST_CASE("IPv6 is translated there and back, every checksum right", "[nat][ip6]") {
  Passage6 passage;
  passage.rules("table ip6 t { chain n { type nat hook postrouting priority srcnat; masquerade } }");
  CHECK(through(passage, udp6_packet("fd01::2", 1000, "2001:db8::5", 53)) == "fd00::a 1000 > 2001:db8::5 53");
  CHECK(through(passage, udp6_packet("2001:db8::5", 53, "fd00::a", 1000)) == "2001:db8::5 53 > fd01::2 1000");
  CHECK(through(passage, tcp6_packet("fd01::2", 1000, "2001:db8::5", 80, 0x02)) == "fd00::a 1000 > 2001:db8::5 80");
  CHECK(through(passage, tcp6_packet("2001:db8::5", 80, "fd00::a", 1000, 0x12)) == "2001:db8::5 80 > fd01::2 1000");
  CHECK(through(passage, echo6_packet("fd01::2", "2001:db8::5", 9)) == "fd00::a 9 > 2001:db8::5");
  CHECK(through(passage, echo6_packet("2001:db8::5", "fd00::a", 9, Icmp6Type::echo_reply)) ==
        "2001:db8::5 9 > fd01::2");
  // A second client gets another port and another identifier, and its own answers.
  const std::string second = through(passage, udp6_packet("fd01::3", 1000, "2001:db8::5", 53));
  CHECK(second != "fd00::a 1000 > 2001:db8::5 53");
  const auto port = static_cast<std::uint16_t>(std::stoi(second.substr(8)));
  CHECK(through(passage, udp6_packet("2001:db8::5", 53, "fd00::a", port)) == "2001:db8::5 53 > fd01::3 1000");
  const std::string echo = through(passage, echo6_packet("fd01::3", "2001:db8::5", 9));
  CHECK(echo != "fd00::a 9 > 2001:db8::5");
  const auto id = static_cast<std::uint16_t>(std::stoi(echo.substr(8)));
  CHECK(through(passage, echo6_packet("2001:db8::5", "fd00::a", id, Icmp6Type::echo_reply)) ==
        "2001:db8::5 9 > fd01::3");
}

TEST_CASE("an ICMPv6 error reaches the client that it is about, translated inside too", "[nat][ip6]") {
  Passage6 passage;
  passage.rules("table ip6 t { chain n { type nat hook postrouting priority srcnat; masquerade } }");
  for (const Frame& packet :
       {udp6_packet("fd01::2", 1000, "2001:db8::5", 53), echo6_packet("fd01::2", "2001:db8::5", 9)}) {
    const auto out = passage.forwarded(packet);
    REQUIRE(out.has_value());
    const auto home = passage.forwarded(error6_packet("2001:db8::7", "fd00::a", *out));
    REQUIRE(home.has_value());
    CHECK(checksum6_right(*home));
    CHECK(to_string(view6(*home).source()) == "2001:db8::7");
    CHECK(to_string(view6(*home).destination()) == "fd01::2");
    const Frame inner(home->begin() + 48, home->end());
    CHECK(inner == packet);
  }
}

TEST_CASE("dnat, snat and redirect change IPv6's ends", "[nat][ip6]") {
  struct Row {
    const char* rule;
    const char* hook;
    const char* out;
  };
  const Row rows[] = {
      {"udp dport 53 dnat to [fd01::9]:5353", "prerouting", "2001:db8::5 1000 > fd01::9 5353"},
      {"dnat to fd01::9", "prerouting", "2001:db8::5 1000 > fd01::9 53"},
      {"udp dport 53 redirect to :5353", "prerouting", "2001:db8::5 1000 > fd00::a 5353"},
      {"snat to fd01::7", "postrouting", "fd01::7 1000 > fd00::a 53"},
      {"meta l4proto udp snat to [fd01::7]-[fd01::7]:4000-4000", "postrouting", "fd01::7 4000 > fd00::a 53"},
  };
  for (const Row& row : rows) {
    INFO(row.rule);
    Passage6 passage;
    passage.rules(std::string("table ip6 t { chain n { type nat hook ") + row.hook + " priority 0; " + row.rule +
                  " } }");
    CHECK(through(passage, udp6_packet("2001:db8::5", 1000, "fd00::a", 53)) == row.out);
  }
  Passage6 own;
  own.rules("table ip6 t { chain n { type nat hook output priority -100; udp dport 53 redirect to :5353 } }");
  const auto out = own.goes(udp6_packet("fd00::a", 1000, "2001:db8::5", 53));
  REQUIRE(out.has_value());
  CHECK(flow6_of(*out) == "fd00::a 1000 > ::1 5353");
}

TEST_CASE("inet's nat chains bind each family to its own addresses", "[nat][ip6]") {
  Passage6 passage;
  passage.rules(
      "table inet t { chain n { type nat hook postrouting priority srcnat; snat ip to 192.0.2.7; snat ip6 to fd01::7 } "
      "}");
  CHECK(through(passage, udp6_packet("fd01::2", 1000, "2001:db8::5", 53)) == "fd01::7 1000 > 2001:db8::5 53");
  const auto out = passage.forwarded(udp_packet("192.168.1.2", 1000, "203.0.113.5", 53));
  REQUIRE(out.has_value());
  CHECK(flow_of(*out) == "192.0.2.7:1000>203.0.113.5:53");
}
