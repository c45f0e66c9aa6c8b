// SPDX-License-Identifier: Apache-2.0
// Translated connections: there and back, every checksum right, nobody in another's way.
#include <random>
#include <set>

#include "tests/host/netfilter/passage.hpp"

using namespace host;
using namespace host_test;
using netfilter::Hook;

namespace {

constexpr const char* kMasquerade = "table ip t { chain n { type nat hook postrouting priority srcnat; masquerade } }";

/// Where a forwarded packet came out, its checksums being right.
std::string through(Passage& passage, const Frame& packet) {
  const auto out = passage.forwarded(packet);
  if (!out) return "dropped";
  CHECK((passage.summed == skb::IpSummed::partial || checksums_right(*out)));
  return flow_of(*out);
}

void set_udp_checksum(Frame& packet, std::uint16_t value) {
  base::store_be16(packet, 26, value);
}

}  // namespace

TEST_CASE("masquerade gives the device's address, and answers find their way back", "[nat]") {
  Passage passage;
  passage.rules(kMasquerade);
  CHECK(through(passage, udp_packet("192.168.1.2", 1000, "203.0.113.5", 53)) == "10.0.0.1:1000>203.0.113.5:53");
  CHECK(through(passage, udp_packet("203.0.113.5", 53, "10.0.0.1", 1000)) == "203.0.113.5:53>192.168.1.2:1000");
  CHECK(through(passage, tcp_packet("192.168.1.2", 1000, "203.0.113.5", 80, 0x02)) == "10.0.0.1:1000>203.0.113.5:80");
  CHECK(through(passage, tcp_packet("203.0.113.5", 80, "10.0.0.1", 1000, 0x12)) == "203.0.113.5:80>192.168.1.2:1000");
  CHECK(through(passage, echo_packet("192.168.1.2", "203.0.113.5", 9)) == "10.0.0.1:9>203.0.113.5");
  CHECK(through(passage, echo_packet("203.0.113.5", "10.0.0.1", 9, headers::IcmpType::echo_reply)) ==
        "203.0.113.5:9>192.168.1.2");
  CHECK(passage.connections().find("src=192.168.1.2 dst=203.0.113.5 sport=1000 dport=53 src=203.0.113.5 dst=10.0.0.1 "
                                   "sport=53 dport=1000 ") != std::string::npos);
}

TEST_CASE("two clients with one port get two, and each its own answers", "[nat]") {
  Passage passage;
  passage.rules(kMasquerade);
  CHECK(through(passage, udp_packet("192.168.1.2", 1000, "203.0.113.5", 53)) == "10.0.0.1:1000>203.0.113.5:53");
  const std::string second = through(passage, udp_packet("192.168.1.3", 1000, "203.0.113.5", 53));
  CHECK(second != "10.0.0.1:1000>203.0.113.5:53");
  CHECK(second.starts_with("10.0.0.1:"));
  const auto port = static_cast<std::uint16_t>(std::stoi(second.substr(9)));
  CHECK(port >= 600);
  CHECK(port < 1024);  // as privileged as it was
  CHECK(through(passage, udp_packet("203.0.113.5", 53, "10.0.0.1", port)) == "203.0.113.5:53>192.168.1.3:1000");
  CHECK(through(passage, udp_packet("203.0.113.5", 53, "10.0.0.1", 1000)) == "203.0.113.5:53>192.168.1.2:1000");
  CHECK(through(passage, udp_packet("192.168.1.3", 1000, "203.0.113.5", 53)) == second);  // and keeps it
  CHECK(through(passage, echo_packet("192.168.1.2", "203.0.113.5", 9)) == "10.0.0.1:9>203.0.113.5");
  CHECK(through(passage, echo_packet("192.168.1.3", "203.0.113.5", 9)) != "10.0.0.1:9>203.0.113.5");
  Passage again;
  again.rules(kMasquerade);
  CHECK(through(again, udp_packet("192.168.1.2", 1000, "203.0.113.5", 53)) == "10.0.0.1:1000>203.0.113.5:53");
  CHECK(through(again, udp_packet("192.168.1.3", 1000, "203.0.113.5", 53)) == second);  // one seed, one choice
}

TEST_CASE("dnat, snat and redirect change the ends that they name", "[nat]") {
  struct Row {
    const char* rule;
    const char* hook;
    const char* out;
    const char* back;
  };
  const Row rows[] = {
      {"udp dport 53 dnat to 192.168.1.9:5353", "prerouting", "203.0.113.5:1000>192.168.1.9:5353",
       "10.0.0.1:53>203.0.113.5:1000"},
      {"dnat to 192.168.1.9", "prerouting", "203.0.113.5:1000>192.168.1.9:53", "10.0.0.1:53>203.0.113.5:1000"},
      {"udp dport 53 redirect to :5353", "prerouting", "203.0.113.5:1000>10.0.0.1:5353",
       "10.0.0.1:53>203.0.113.5:1000"},
      {"snat to 192.0.2.7", "postrouting", "192.0.2.7:1000>10.0.0.1:53", "10.0.0.1:53>203.0.113.5:1000"},
      {"ip protocol udp snat to 192.0.2.7:4000-4000", "postrouting", "192.0.2.7:4000>10.0.0.1:53",
       "10.0.0.1:53>203.0.113.5:1000"},
  };
  for (const Row& row : rows) {
    INFO(row.rule);
    Passage passage;
    passage.rules(std::string("table ip t { chain n { type nat hook ") + row.hook + " priority 0; " + row.rule +
                  " } }");
    const auto out = passage.forwarded(udp_packet("203.0.113.5", 1000, "10.0.0.1", 53));
    REQUIRE(out.has_value());
    CHECK(checksums_right(*out));
    CHECK(flow_of(*out) == row.out);
    // The answer to what came out.
    const auto ip = std::get<headers::Ipv4View>(headers::Ipv4View::parse(*out));
    const Frame answer = packet_of(udp_frame(base::load_be16(ip.payload(), 2), base::load_be16(ip.payload(), 0), 20,
                                             {.source = ip.destination(), .destination = ip.source()}));
    CHECK(through(passage, answer) == row.back);
  }
}

TEST_CASE("a host's own packets are redirected to itself", "[nat]") {
  Passage passage;
  passage.rules("table ip t { chain n { type nat hook output priority -100; udp dport 53 redirect to :5353 } }");
  const auto out = passage.goes(udp_packet("10.0.0.1", 1000, "203.0.113.5", 53));
  REQUIRE(out.has_value());
  CHECK(flow_of(*out) == "10.0.0.1:1000>127.0.0.1:5353");
  CHECK(checksums_right(*out));
}

TEST_CASE("the first rule that matches binds; chains go by priority; drop drops", "[nat]") {
  Passage passage;
  passage.rules(
      "table ip t { chain late { type nat hook postrouting priority 110; snat to 192.0.2.2 }\n"
      "chain n { type nat hook postrouting priority 100; udp dport 53 counter snat to 192.0.2.1; "
      "udp dport 54 drop } }");
  CHECK(through(passage, udp_packet("192.168.1.2", 1, "203.0.113.5", 53)) == "192.0.2.1:1>203.0.113.5:53");
  CHECK(through(passage, udp_packet("192.168.1.2", 1, "203.0.113.5", 53)) == "192.0.2.1:1>203.0.113.5:53");
  CHECK(through(passage, udp_packet("192.168.1.2", 1, "203.0.113.5", 54)) == "dropped");
  CHECK(through(passage, udp_packet("192.168.1.2", 1, "203.0.113.5", 55)) == "192.0.2.2:1>203.0.113.5:55");
  CHECK(TestRules::counted(passage.host.ip().nftables, "n", 0) == 1);  // the first packet alone
}

TEST_CASE("a range without a free port refuses the connection", "[nat]") {
  Passage passage;
  passage.rules(
      "table ip t { chain n { type nat hook postrouting priority 100; ip protocol udp snat to "
      "192.0.2.1:2000-2001 } }");
  const std::string first = through(passage, udp_packet("192.168.1.2", 1000, "203.0.113.5", 53));
  const std::string second = through(passage, udp_packet("192.168.1.3", 1000, "203.0.113.5", 53));
  CHECK(first != second);
  CHECK(first.starts_with("192.0.2.1:200"));
  CHECK(second.starts_with("192.0.2.1:200"));
  CHECK(through(passage, udp_packet("192.168.1.4", 1000, "203.0.113.5", 53)) == "dropped");
  CHECK(passage.host.ip().conntrack.total().insert_failed == 1);
  CHECK(through(passage, udp_packet("192.168.1.4", 1000, "203.0.113.6", 53))
            .starts_with("192.0.2.1:200"));  // another peer
}

TEST_CASE("an ICMP error reaches the client that it is about, translated inside too", "[nat]") {
  Passage passage;
  passage.rules(kMasquerade);
  CHECK(through(passage, udp_packet("192.168.1.2", 1000, "203.0.113.5", 53)) == "10.0.0.1:1000>203.0.113.5:53");
  const auto second = passage.forwarded(udp_packet("192.168.1.3", 1000, "203.0.113.5", 53));
  REQUIRE(second.has_value());
  const auto out = passage.forwarded(time_exceeded("198.51.100.1", "10.0.0.1", *second));
  REQUIRE(out.has_value());
  CHECK(checksums_right(*out));
  const auto outer = std::get<headers::Ipv4View>(headers::Ipv4View::parse(*out));
  CHECK(headers::to_string(outer.source()) == "198.51.100.1");
  CHECK(headers::to_string(outer.destination()) == "192.168.1.3");
  const auto inner = headers::Ipv4View::parse_quoted(outer.payload().subspan(8)).value();
  CHECK(headers::to_string(inner.source()) == "192.168.1.3");
  CHECK(headers::to_string(inner.destination()) == "203.0.113.5");
  CHECK(base::load_be16(inner.payload(), 0) == 1000);
  CHECK(base::internet_checksum(inner.packet().first(20)) == 0);
}

TEST_CASE("checksums that a device fills in stay ready for it", "[nat]") {
  Passage passage;
  passage.rules(
      "table ip t { chain n { type nat hook postrouting priority 100; ip protocol udp snat to "
      "192.0.2.1:4000-4000 } }");
  passage.summed = skb::IpSummed::partial;
  Frame packet = udp_packet("192.168.1.2", 1000, "203.0.113.5", 53);
  set_udp_checksum(packet, headers::pseudo_header(address("192.168.1.2"), address("203.0.113.5"), 17, 28).folded());
  const auto out = passage.forwarded(packet);
  REQUIRE(out.has_value());
  CHECK(flow_of(*out) == "192.0.2.1:4000>203.0.113.5:53");
  CHECK(base::load_be16(*out, 26) ==
        headers::pseudo_header(address("192.0.2.1"), address("203.0.113.5"), 17, 28).folded());

  passage.summed = skb::IpSummed::none;
  Frame without = udp_packet("192.168.1.9", 1000, "203.0.113.6", 53);
  set_udp_checksum(without, 0);
  const auto still_without = passage.forwarded(without);
  REQUIRE(still_without.has_value());
  CHECK(base::load_be16(*still_without, 26) == 0);
}

TEST_CASE("nat statements belong into nat chains of the right hook", "[nat]") {
  for (const char* bad :
       {"type filter hook postrouting priority 0; masquerade",
        "type nat hook prerouting priority 0; "
        "snat to 192.0.2.1",
        "type nat hook postrouting priority 0; dnat to 192.0.2.1", "type nat hook input priority 0; masquerade",
        "type nat hook postrouting priority 0; redirect"}) {
    INFO(bad);
    Passage passage;
    using namespace host::console;
    const NftInterfaces nobody{[](std::string_view) { return std::nullopt; }, [](unsigned) { return std::nullopt; }};
    const auto parsed = nft_parse(std::string("table ip t { chain n { ") + bad + " } }", nobody);
    REQUIRE(std::holds_alternative<NftCommands>(parsed));
    netfilter::Ruleset ruleset;
    for (const NftCommand& command : std::get<NftCommands>(parsed)) {
      REQUIRE_FALSE(nft_apply(ruleset, command, nobody).has_value());
    }
    CHECK(netfilter::Nftables::check(ruleset).error() == base::Errno::not_supported);
  }
}

TEST_CASE("random flows under random translations come back, and none shares another's name", "[nat][fuzz]") {
  std::mt19937 random(22);
  const auto below = [&random](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  for (int round = 0; round < 20; ++round) {
    Passage passage;
    const char* rules[] = {"masquerade", "ip protocol udp snat to 192.0.2.1-192.0.2.3:2000-2300",
                           "snat to 192.0.2.1-192.0.2.4 persistent", "meta l4proto tcp masquerade random"};
    passage.rules(std::string("table ip t { chain n { type nat hook postrouting priority 100; ") + rules[below(4)] +
                  " }\nchain p { type nat hook prerouting priority -100; tcp dport 80 dnat to 192.168.9.9:8080 } }");
    std::set<std::string> names;
    for (int flow = 0; flow < 150; ++flow) {
      const std::string client = "192.168.1." + std::to_string(1 + below(40));
      const std::string server = "203.0.113." + std::to_string(1 + below(2));
      const auto port = static_cast<std::uint16_t>(1'000 + below(5));
      const unsigned kind = below(3);
      const Frame first = kind == 0   ? udp_packet(client.c_str(), port, server.c_str(), 53)
                          : kind == 1 ? tcp_packet(client.c_str(), port, server.c_str(), 80, 0x02)
                                      : echo_packet(client.c_str(), server.c_str(), port);
      const auto out = passage.forwarded(first);
      if (!out) continue;
      REQUIRE(checksums_right(*out));
      names.insert(std::to_string(kind) + flow_of(*out));
      // Turned round, it reaches the client under the name that he used.
      Frame turned = *out;
      std::copy_n(out->begin() + 12, 4, turned.begin() + 16);
      std::copy_n(out->begin() + 16, 4, turned.begin() + 12);
      if (kind == 2) {
        turned =
            echo_packet(to_string(std::get<headers::Ipv4View>(headers::Ipv4View::parse(*out)).destination()).c_str(),
                        to_string(std::get<headers::Ipv4View>(headers::Ipv4View::parse(*out)).source()).c_str(),
                        base::load_be16(*out, 24), headers::IcmpType::echo_reply);
      } else {
        std::copy_n(out->begin() + 20, 2, turned.begin() + 22);
        std::copy_n(out->begin() + 22, 2, turned.begin() + 20);
        if (kind == 1) base::store_u8(turned, 33, 0x12);
        if (kind == 1) {
          base::store_be16(turned, 36, 0);
          const auto ip = std::get<headers::Ipv4View>(headers::Ipv4View::parse(turned));
          auto sum = headers::pseudo_header(ip.source(), ip.destination(), 6, 20);
          sum.add(ip.payload());
          base::store_be16(turned, 36, sum.checksum());
        }
      }
      const auto home = passage.forwarded(turned);
      REQUIRE(home.has_value());
      REQUIRE(checksums_right(*home));
      const std::string there = flow_of(first);
      const std::string back = flow_of(*home);
      const auto arrow = there.find('>');
      if (kind == 2) {
        REQUIRE(back == server + ':' + std::to_string(port) + '>' + client);
      } else {
        REQUIRE(back == there.substr(arrow + 1) + '>' + there.substr(0, arrow));
      }
    }
    CHECK(names.size() == passage.host.ip().conntrack.count());
  }
}

TEST_CASE("damaged packets are translated or not, but never break anything", "[nat][fuzz]") {
  std::mt19937 random(23);
  const auto below = [&random](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  Passage passage;
  passage.rules(
      "table ip t { chain n { type nat hook postrouting priority 100; masquerade }\n"
      "chain p { type nat hook prerouting priority -100; tcp dport 80 dnat to 192.168.9.9:8080; "
      "ct state invalid counter } }");
  REQUIRE(passage.host.kernel().sysctl().set("net.netfilter.nf_conntrack_checksum", 0).ok());
  REQUIRE(passage.host.kernel().sysctl().set("net.netfilter.nf_conntrack_max", 100).ok());
  const auto known = passage.forwarded(udp_packet("192.168.1.2", 1000, "203.0.113.5", 53));
  REQUIRE(known.has_value());
  for (int i = 0; i < 20'000; ++i) {
    Frame packet = below(3) == 0   ? time_exceeded("198.51.100.1", "10.0.0.1", *known)
                   : below(2) == 0 ? tcp_packet("192.168.1.2", 1000, "203.0.113.5", 80, 0x02)
                                   : echo_packet("192.168.1.2", "203.0.113.5", 1);
    for (unsigned flips = below(5); flips > 0; --flips) {
      packet[9 + below(static_cast<unsigned>(packet.size()) - 9)] = static_cast<std::byte>(below(256));
    }
    packet.resize(20 + below(static_cast<unsigned>(packet.size()) - 19));
    base::store_be16(packet, 2, static_cast<std::uint16_t>(packet.size()));
    static_cast<void>(passage.forwarded(packet));
  }
  CHECK(passage.host.ip().conntrack.count() <= 100);
  CHECK(passage.host.pool().in_use() == 0);
}

TEST_CASE("as many clients as ports: each gets one", "[nat]") {
  Passage passage;
  passage.rules(
      "table ip t { chain n { type nat hook postrouting priority 100; ip protocol udp snat to "
      "192.0.2.1:2000-2015 } }");
  std::set<std::string> flows;
  for (int client = 0; client < 16; ++client) {
    const std::string from = "192.168.1." + std::to_string(client + 1);
    flows.insert(through(passage, udp_packet(from.c_str(), 1000, "203.0.113.5", 53)));
  }
  CHECK(flows.size() == 16);
  CHECK_FALSE(flows.contains("dropped"));
}

TEST_CASE("the lowest ports stay among themselves", "[nat]") {
  Passage passage;
  passage.rules(kMasquerade);
  CHECK(through(passage, udp_packet("192.168.1.2", 100, "203.0.113.5", 53)) == "10.0.0.1:100>203.0.113.5:53");
  const std::string second = through(passage, udp_packet("192.168.1.3", 100, "203.0.113.5", 53));
  REQUIRE(second.starts_with("10.0.0.1:"));
  CHECK(std::stoi(second.substr(9)) < 512);
}

TEST_CASE("a service keeps its port; who comes in its way speaks from another", "[nat]") {
  Passage passage;
  passage.rules("table ip t { chain n { type nat hook prerouting priority dstnat; dnat to 192.168.1.9 } }");
  CHECK(through(passage, udp_packet("203.0.113.5", 1000, "10.0.0.1", 53)) == "203.0.113.5:1000>192.168.1.9:53");
  const std::string second = through(passage, udp_packet("203.0.113.5", 1000, "10.0.0.7", 53));
  CHECK(second != "203.0.113.5:1000>192.168.1.9:53");
  CHECK(second.starts_with("203.0.113.5:"));
  CHECK(second.ends_with(">192.168.1.9:53"));
}

TEST_CASE("a device without an address lets nobody out in its name", "[nat]") {
  Passage passage;
  passage.rules(kMasquerade);
  auto& device = passage.world[1].nic.device();
  REQUIRE(passage.host.ip().addresses.remove(device, *headers::Ipv4Prefix::parse("10.0.0.1/24")).ok());
  CHECK(through(passage, udp_packet("192.168.1.2", 1000, "203.0.113.5", 53)) == "dropped");
  CHECK(passage.host.ip().conntrack.count() == 0);
}

TEST_CASE("persistent gives a client one address, whomever it talks to", "[nat]") {
  for (const bool persistent : {false, true}) {
    Passage passage;
    passage.rules(std::string("table ip t { chain n { type nat hook postrouting priority 100; snat to "
                              "192.0.2.1-192.0.2.16") +
                  (persistent ? " persistent" : "") + " } }");
    std::set<std::string> addresses;
    for (int server = 1; server <= 20; ++server) {
      const std::string to = "203.0.113." + std::to_string(server);
      const std::string flow = through(passage, udp_packet("192.168.1.2", 1000, to.c_str(), 53));
      addresses.insert(flow.substr(0, flow.find(':')));
    }
    CHECK((addresses.size() == 1) == persistent);
  }
}
