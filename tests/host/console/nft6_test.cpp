// SPDX-License-Identifier: Apache-2.0
// nft's words for IPv6. The expected texts are nftables 1.0.6's own output for the same input.
#include <catch2/catch.hpp>

#include "tests/host/console/desk.hpp"

using namespace host_test;

TEST_CASE("tables of IPv6 and of both families read back as they were written", "[console][nft][ip6]") {
  const std::string text =
      "table inet t {\n\tset s6 {\n\t\ttype ipv6_addr\n\t\tflags interval\n\t\telements = { ::1,\n\t\t\t     "
      "fd00::/16,\n"
      "\t\t\t     fe80::1-fe80::5 }\n\t}\n\n"
      "\tchain c {\n\t\ttype filter hook input priority filter; policy accept;\n"
      "\t\tip6 saddr fd00::/16 ip6 daddr { fd00::1, fd00::9 } accept\n"
      "\t\tip6 daddr fd00::2-fd00::9 accept\n"
      "\t\tip6 saddr @s6 accept\n"
      "\t\tmeta nfproto ipv6 udp dport 5 accept\n"
      "\t\ticmpv6 type { echo-request, nd-neighbor-solicit } accept\n"
      "\t\ticmpv6 mtu 1400 accept\n"
      "\t\tip6 nexthdr tcp tcp dport 22 accept\n"
      "\t\tip6 hoplimit 255 ip6 dscp ef ip6 flowlabel 5 accept\n"
      "\t\tmeta protocol ip6 accept\n"
      "\t\treject with icmpv6 no-route\n"
      "\t\treject with icmpx admin-prohibited\n"
      "\t\treject\n"
      "\t\ticmpv6 code port-unreachable\n"
      "\t\ticmpv6 type echo-request icmpv6 id 5\n\t}\n\n"
      "\tchain n {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
      "\t\ttcp dport 80 dnat ip6 to [fd00::1]:8080\n\t\tdnat ip6 to fd00::1\n\t}\n}\n"
      "table ip6 s {\n\tchain c {\n\t\ttype filter hook input priority filter; policy accept;\n"
      "\t\treject\n\t\treject with icmpv6 addr-unreachable\n\t\ticmpv6 type echo-request accept\n\t}\n\n"
      "\tchain n {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n"
      "\t\tmasquerade\n\t\tsnat to fd00::5\n\t\tsnat to fd00::5-fd00::9\n"
      "\t\tmeta l4proto tcp snat to [fd00::5]:10-20\n"
      "\t\tmeta l4proto tcp snat to [fd00::5]-[fd00::9]:10-20\n\t}\n}\n";
  Desk desk;
  desk.out("nft '" + text + "'");
  CHECK(desk.out("nft list ruleset") == text);
  const std::string json = desk.out("nft -j list ruleset");
  for (const char* part :
       {R"("type": "ipv6_addr", "handle": 3, "flags": ["interval"], "elem": ["::1", {"prefix": {"addr": )"
        R"("fd00::", "len": 16}}, {"range": ["fe80::1", "fe80::5"]}])",
        R"({"match": {"op": "==", "left": {"payload": {"protocol": "ip6", "field": "saddr"}}, "right": )"
        R"({"prefix": {"addr": "fd00::", "len": 16}}}})",
        R"({"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": "ipv6"}})",
        R"({"match": {"op": "==", "left": {"payload": {"protocol": "icmpv6", "field": "code"}}, "right": )"
        R"("port-unreachable"}})",
        R"({"reject": {"type": "icmpv6", "expr": "no-route"}})",
        R"({"dnat": {"family": "ip6", "addr": "fd00::1", "port": 8080}})",
        R"({"snat": {"addr": {"range": ["fd00::5", "fd00::9"]}, "port": {"range": [10, 20]}}})",
        R"({"chain": {"family": "ip6", "table": "s", "name": "n",)"}) {
    INFO(part);
    CHECK(json.find(part) != std::string::npos);
  }
  desk.out("nft 'flush ruleset ip6'");
  CHECK(desk.out("nft list tables") == "table inet t\n");
}

TEST_CASE("what goes without saying is not listed", "[console][nft][ip6]") {
  Desk desk;
  desk.out(
      "nft 'add table inet t; add chain inet t c; add rule inet t c meta nfproto ipv4 ip saddr 1.1.1.1 accept; "
      "add rule inet t c meta nfproto ipv6 ip6 saddr ::1; add rule inet t c meta l4proto ipv6-icmp icmpv6 code 0'");
  CHECK(desk.out("nft list chain inet t c") ==
        "table inet t {\n\tchain c {\n\t\tip saddr 1.1.1.1 accept\n\t\tip6 saddr ::1\n\t\ticmpv6 code "
        "no-route\n\t}\n}\n");
}

TEST_CASE("the families' words do not mix", "[console][nft][ip6]") {
  struct Bad {
    const char* line;
    const char* error;
  };
  const Bad rows[] = {
      {"add rule ip6 s c ip saddr 1.1.1.1",
       "Error: conflicting protocols specified: ip6 vs. ip\nadd rule ip6 s c ip saddr 1.1.1.1\n                 "
       "^^^^^^^^\n"},
      {"add rule ip q c ip6 saddr ::1",
       "Error: conflicting protocols specified: ip vs. ip6\nadd rule ip q c ip6 saddr ::1\n                "
       "^^^^^^^^^\n"},
      {"add rule inet t c ip saddr 1.1.1.1 ip6 daddr ::1",
       "Error: conflicting protocols specified: ip vs. ip6\nadd rule inet t c ip saddr 1.1.1.1 ip6 daddr ::1\n"
       "                                   ^^^^^^^^^\n"},
      {"add rule inet t c ip6 saddr fd00::/129",
       "Error: Prefix length 129 is invalid for type of 128 bits width\nadd rule inet t c ip6 saddr fd00::/129\n"
       "                            ^^^^^^^^^^\n"},
  };
  Desk desk;
  desk.out(
      "nft 'add table ip q; add chain ip q c; add table ip6 s; add chain ip6 s c; add table inet t; "
      "add chain inet t c'");
  for (const Bad& row : rows) {
    INFO(row.line);
    CHECK(desk.err(std::string("nft '") + row.line + "'", 1) == row.error);
  }
  CHECK(desk.err("nft add rule ip6 s c reject with icmp port-unreachable", 1)
            .starts_with("Error: conflicting protocols specified: ip vs ip6\n"));
}
