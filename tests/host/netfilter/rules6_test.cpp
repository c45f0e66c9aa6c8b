// SPDX-License-Identifier: Apache-2.0
// IPv6 at the five hooks: families that see their own packets, what rules can look at, answers to what is rejected.
#include "tests/host/ip6/world6.hpp"
#include "tests/host/netfilter/passage6.hpp"

using namespace host;
using namespace host_test;
using headers::Icmp6Type;
using headers::NextHeader;
using netfilter::Hook;
using netfilter::HookCall;
using netfilter::Verdict;

TEST_CASE("an echo of IPv6 passes four hooks, of its own family", "[netfilter][ip6]") {
  Lone6 world;
  world.introduce();
  auto& ip = world.station().host.ip();
  std::vector<std::string> seen;
  const auto note = [&](const char* family) {
    return [&seen, family](HookCall& call, skb::Skb&) {
      seen.push_back(std::string(family) + ' ' + std::string(netfilter::hook_name(call.hook)) + ' ' +
                     (call.in != nullptr ? call.in->name() : "-") + ' ' +
                     (call.out != nullptr ? call.out->name() : "-"));
      return Verdict::accept;
    };
  };
  for (const Hook hook : {Hook::postrouting, Hook::output, Hook::input, Hook::forward, Hook::prerouting}) {
    static_cast<void>(ip.hooks.add(hook, 0, note("ip")));
    static_cast<void>(ip.hooks6.add(hook, 0, note("ip6")));
  }
  CHECK(world.answer_to(echo6_request(20)).size() == 1);
  CHECK(seen == std::vector<std::string>{"ip6 prerouting eth0 -", "ip6 input eth0 -", "ip6 output - eth0",
                                         "ip6 postrouting - eth0"});
}

TEST_CASE("what a hook drops of IPv6 ends there and is counted", "[netfilter][ip6]") {
  struct Row {
    Hook hook;
    std::uint64_t delivered;
    std::uint64_t requests;
  };
  for (const Row& row :
       {Row{Hook::prerouting, 0, 0}, Row{Hook::input, 0, 0}, Row{Hook::output, 1, 1}, Row{Hook::postrouting, 1, 1}}) {
    INFO(netfilter::hook_name(row.hook));
    Lone6 world;
    world.introduce();
    const std::uint64_t delivered = world.counter("Ip6.InDelivers");
    const std::uint64_t requests = world.counter("Ip6.OutRequests");
    static_cast<void>(
        world.station().host.ip().hooks6.add(row.hook, 0, [](HookCall&, skb::Skb&) { return Verdict::drop; }));
    CHECK(world.answer_to(echo6_request(20)).empty());
    CHECK(world.counter("drop.netfilter_drop") == 1);
    CHECK(world.counter("Ip6.InDelivers") == delivered + row.delivered);
    CHECK(world.counter("Ip6.OutRequests") == requests + row.requests);
    CHECK(world.station().host.pool().in_use() == 0);
  }
}

TEST_CASE("a packet of IPv6 that a hook sends elsewhere is routed again", "[netfilter][ip6]") {
  Lone6 world;
  world.introduce();
  const char* elsewhere = "fd00::77";
  static_cast<void>(world.station().host.ip().hooks6.add(Hook::output, 0, [&](HookCall&, skb::Skb& packet) {
    if (headers::Ipv6View::parse_quoted(packet->bytes())->destination() == global_of(2)) {
      address6(elsewhere).store(packet->writable(), 24);
    }
    return Verdict::accept;
  }));
  const auto sent = world.answer_to(echo6_request(20));
  REQUIRE(sent.size() == 1);
  CHECK(icmp6_of(sent[0]).type() == Icmp6Type::neighbor_solicitation);  // who has fd00::77?
  CHECK(ip6_of(sent[0]).destination() == address6(elsewhere).solicited_node());
  elsewhere = "2001:db8::1";
  CHECK(world.answer_to(echo6_request(20)).empty());
  CHECK(world.counter("drop.ip_no_route") == 1);
}

TEST_CASE("each family's tables see their own packets, inet's both", "[netfilter][ip6]") {
  for (const auto& [family, of_ipv4, of_ipv6] :
       {std::tuple{"ip", 1, 0}, std::tuple{"ip6", 0, 1}, std::tuple{"inet", 1, 1}}) {
    INFO(family);
    Passage passage;
    passage.rules(std::string("table ") + family + " t { chain c { type filter hook input priority 0; counter } }");
    CHECK(passage.comes(udp_packet("10.0.0.2", 1, "10.0.0.1", 2)).has_value());
    CHECK(passage.counted("c", 0) == static_cast<std::uint64_t>(of_ipv4));
    CHECK(passage.comes(udp6_packet("fd00::2", 1, "fd00::1", 2)).has_value());
    CHECK(passage.counted("c", 0) == static_cast<std::uint64_t>(of_ipv4 + of_ipv6));
    CHECK(passage.host.ip().hooks6.any(Hook::input) == (of_ipv6 == 1));
  }
}

TEST_CASE("rules look at what IPv6 packets have", "[netfilter][ip6]") {
  struct Row {
    const char* match;
    Frame packet;
    bool matches;
  };
  const Frame udp = udp6_packet("fd00::2", 1000, "fd00::1", 53);
  const Frame echo = echo6_packet("fd00::2", "fd00::1", 9);
  const Frame big = icmp6_packet("fd00::2", "fd00::1", {.type = Icmp6Type::packet_too_big, .code = 0, .word = 1400},
                                 udp6_packet("fd00::1", 1, "fd00::2", 2));
  Frame marked = udp;
  base::store_be32(marked, 0, 0x6b81'2345);  // EF with ECT(0), and a flow label
  const Row rows[] = {
      {"ip6 saddr fd00::2", udp, true},
      {"ip6 saddr fd00::3", udp, false},
      {"ip6 saddr != fd00::3", udp, true},
      {"ip6 saddr fd00::/16", udp, true},
      {"ip6 saddr fe80::/10", udp, false},
      {"ip6 daddr { fd00::1, fd00::9 }", udp, true},
      {"ip6 daddr fd00::2-fd00::9", udp, false},
      {"ip6 nexthdr udp", udp, true},
      {"ip6 nexthdr tcp", udp, false},
      {"ip6 hoplimit 64", udp, true},
      {"ip6 hoplimit < 64", udp, false},
      {"ip6 length 28", udp, true},
      {"ip6 dscp ef", marked, true},
      {"ip6 dscp ef", udp, false},
      {"ip6 flowlabel 74565", marked, true},
      {"udp dport 53", udp, true},
      {"th sport 1000", udp, true},
      {"tcp dport 53", udp, false},
      {"icmpv6 type echo-request", echo, true},
      {"icmpv6 type echo-reply", echo, false},
      {"icmpv6 code 0", echo, true},
      {"icmpv6 id 9", echo, true},
      {"icmpv6 sequence 1", echo, true},
      {"icmpv6 id 9", big, false},
      {"icmpv6 mtu 1400", big, true},
      {"icmpv6 mtu 1", echo, false},
      {"icmp type echo-request", echo, false},
      {"meta nfproto ipv6", udp, true},
      {"meta nfproto ipv4", udp, false},
      {"meta protocol ip6", udp, true},
      {"meta l4proto ipv6-icmp", echo, true},
      {"meta length 68", udp, true},
      {"ip saddr != 1.2.3.4", udp, false},
      {"ip6 saddr != fd00::9", udp_packet("10.0.0.2", 1, "10.0.0.1", 2), false},
      {"meta nfproto ipv4", udp_packet("10.0.0.2", 1, "10.0.0.1", 2), true},
      {"icmpv6 code 0", echo_packet("10.0.0.2", "10.0.0.1", 1), false},
  };
  for (const Row& row : rows) {
    INFO(row.match);
    Passage passage;
    passage.rules(std::string("table inet t { chain c { type filter hook input priority 0; ") + row.match +
                  " counter } }");
    CHECK(passage.comes(row.packet).has_value());
    CHECK(passage.counted("c", 0) == (row.matches ? 1 : 0));
  }
}

TEST_CASE("ports are found behind extension headers, and in no later fragment", "[netfilter][ip6]") {
  const Frame plain = udp6_packet("fd00::2", 1000, "fd00::1", 53);
  const auto behind = [&](NextHeader kind, const Frame& header) {
    Frame packet = plain;
    packet.insert(packet.begin() + 40, header.begin(), header.end());
    base::store_be16(packet, 4, static_cast<std::uint16_t>(28 + header.size()));
    base::store_u8(packet, 6, static_cast<std::uint8_t>(kind));
    return packet;
  };
  Frame options(8, std::byte{0});
  options[0] = std::byte{17};
  options[2] = std::byte{1};  // PadN over the rest
  options[3] = std::byte{4};
  Frame first(8, std::byte{0});
  first[0] = std::byte{17};
  first[3] = std::byte{1};  // more
  Frame later = first;
  later[3] = std::byte{8};
  for (const auto& [packet, matches] :
       {std::pair{behind(NextHeader::destination_options, options), true},
        std::pair{behind(NextHeader::fragment, first), true}, std::pair{behind(NextHeader::fragment, later), false}}) {
    Passage passage;
    passage.rules(
        "table ip6 t { chain c { type filter hook input priority 0; udp dport 53 counter; meta l4proto udp counter\n"
        "ct state invalid counter } }");
    CHECK(passage.comes(packet).has_value());
    CHECK(passage.counted("c", 0) == (matches ? 1 : 0));
    CHECK(passage.counted("c", 1) == 1);
    // A fragment that came to the hooks belongs to no connection.
    CHECK(passage.counted("c", 2) == (base::load_u8(packet, 6) == 44 ? 1 : 0));
  }
}

TEST_CASE("who is rejected hears it in ICMPv6's codes", "[netfilter][ip6]") {
  struct Row {
    const char* statement;
    int code;
  };
  const Row rows[] = {{"reject", 4},
                      {"reject with icmpx port-unreachable", 4},
                      {"reject with icmpx no-route", 0},
                      {"reject with icmpx host-unreachable", 3},
                      {"reject with icmpx admin-prohibited", 1},
                      {"reject with icmpv6 no-route", 0},
                      {"reject with icmpv6 addr-unreachable", 3},
                      {"reject with icmpv6 policy-fail", 5},
                      {"reject with icmp port-unreachable", -1}};
  for (const Row& row : rows) {
    INFO(row.statement);
    Lone6 world;
    world.introduce();
    put_in_force(world.station().host,
                 std::string("table inet t { chain c { type filter hook input priority 0; udp dport "
                             "53 ") +
                     row.statement + " } }");
    const Frame packet = udp6_packet("fd00::2", 1000, "fd00::1", 53);
    const auto answers = world.answer_to(ipv6_frame(NextHeader::udp, Frame(packet.begin() + 40, packet.end())));
    REQUIRE(answers.size() == 1);
    CHECK(icmp6_of(answers[0]).type() == Icmp6Type::destination_unreachable);
    // A word of the other family's is no rule for this packet; then nobody listens at the port.
    const bool rejected = world.counter("drop.netfilter_drop") == 1;
    CHECK(rejected == (row.code >= 0));
    if (rejected) CHECK(icmp6_of(answers[0]).code() == row.code);
  }
}

TEST_CASE("a rejected connection of IPv6 is reset", "[netfilter][ip6][tcp]") {
  Lone6 world;
  world.introduce();
  put_in_force(world.station().host,
               "table ip6 t { chain c { type filter hook input priority 0; tcp dport 80 reject with tcp reset } }");
  const auto segment = [&](std::uint8_t flags, bool damaged) {
    const Frame packet = tcp6_packet("fd00::2", 1000, "fd00::1", 80, flags);
    Frame transport(packet.begin() + 40, packet.end());
    transport[16] ^= static_cast<std::byte>(damaged);
    return world.answer_to(ipv6_frame(NextHeader::tcp, transport));
  };
  const auto answers = segment(0x02, false);
  REQUIRE(answers.size() == 1);
  const Frame reset = packet6_of(answers[0]);
  CHECK(flow6_of(reset) == "fd00::1 80 > fd00::2 1000");
  CHECK(checksum6_right(reset));
  CHECK(base::load_u8(reset, 40 + 13) == 0x14);
  CHECK(base::load_be32(reset, 40 + 8) == 0x3333'3334);
  CHECK(segment(0x02, true).empty());
  CHECK(segment(0x04, false).empty());  // a reset is not answered
  CHECK(world.counter("drop.netfilter_drop") == 3);
}

TEST_CASE("the log writes IPv6 packets as the kernel does", "[netfilter][ip6]") {
  Passage passage;
  passage.rules("table ip6 t { chain c { type filter hook input priority 0; log prefix \"six \" } }");
  CHECK(passage.comes(udp6_packet("fd00::2", 1000, "fd00::1", 53)).has_value());
  CHECK(passage.comes(echo6_packet("fd00::2", "fd00::1", 9)).has_value());
  const std::string text = passage.host.ip().nftables.log().text();
  CHECK(text.find("six IN=eth0 OUT= SRC=fd00:0000:0000:0000:0000:0000:0000:0002 "
                  "DST=fd00:0000:0000:0000:0000:0000:0000:0001 LEN=68 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=UDP SPT=1000 "
                  "DPT=53 LEN=28 \n") != std::string::npos);
  CHECK(text.find("PROTO=ICMPv6 TYPE=128 CODE=0 ID=9 SEQ=1 \n") != std::string::npos);
}
