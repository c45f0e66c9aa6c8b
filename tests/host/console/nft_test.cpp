// SPDX-License-Identifier: Apache-2.0
// nft: what is typed comes back as nftables 1.0.6 lists it, and what is wrong is refused in its words. The expected
// texts are that program's own output for the same input, but where this host refuses what it has not.
#include <catch2/catch.hpp>

#include "host/console/nft_apply.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

namespace {

/// A rule and how nft lists it; empty: as it was written.
struct Row {
  const char* written;
  const char* listed = "";
};

constexpr const char* kChain = "nft 'add table ip t; add chain ip t c { type filter hook input priority 0; }'";

std::string listed(Desk& desk, const std::string& rule) {
  desk.out("nft 'flush ruleset'");
  desk.out(kChain);
  desk.out("nft 'add chain ip t sub; add set ip t a { type ipv4_addr; }; add rule ip t c " + rule + "'");
  const std::string text = desk.out("nft list chain ip t c");
  const std::string head =
      "table ip t {\n\tchain c {\n\t\ttype filter hook input priority filter; policy accept;\n\t\t";
  const std::string tail = "\n\t}\n}\n";
  REQUIRE(text.starts_with(head));
  REQUIRE(text.ends_with(tail));
  return text.substr(head.size(), text.size() - head.size() - tail.size());
}

}  // namespace

TEST_CASE("rules are listed as nftables lists them, and read back the same", "[console][nft]") {
  const Row rows[] = {
      {"ip saddr 10.0.0.0/8 accept"},
      {"ip saddr 10.0.0.0-10.255.255.255 accept"},
      {"ip saddr { 10.0.0.1, 10.0.0.2, 10.0.1.0/24 } drop", "ip saddr { 10.0.0.1-10.0.0.2, 10.0.1.0/24 } drop"},
      {"ip saddr @a counter packets 1 bytes 2 jump sub"},
      {"ip daddr != @a counter", "ip daddr != @a counter packets 0 bytes 0"},
      {"tcp dport 22 goto sub"},
      {"tcp dport { 22, 80-90, ssh } accept", "tcp dport { 22, 80-90 } accept"},
      {"tcp dport != 1-100 reject"},
      {"tcp flags syn accept"},
      {"tcp flags & (fin|syn|rst|ack) == syn accept", "tcp flags syn / fin,syn,rst,ack accept"},
      {"tcp flags == syn accept"},
      {"tcp flags != syn accept"},
      {"tcp flags syn,ack accept"},
      {"tcp flags != syn,ack accept", "tcp flags != 0x12 accept"},
      {"tcp flags & syn == syn accept"},
      {"meta mark 5 mark set 0x10", "meta mark 0x00000005 meta mark set 0x00000010"},
      {"meta mark & 0xff == 1 accept", "meta mark & 0x000000ff == 0x00000001 accept"},
      {"iif lo accept", "iif \"lo\" accept"},
      {"iifname \"eth*\" accept"},
      {"oifname != eth0 accept", "oifname != \"eth0\" accept"},
      {"meta l4proto { tcp, udp } accept"},
      {"meta length > 100 accept"},
      {"ip dscp ef accept"},
      {"ip dscp 3 accept", "ip dscp 0x03 accept"},
      {"ip ttl le 5 accept", "ip ttl <= 5 accept"},
      {"ip protocol tcp tcp dport 5 accept", "tcp dport 5 accept"},
      {"ip protocol icmp accept"},
      {"icmp type echo-request limit rate 10/second accept"},
      {"icmp type { echo-reply, 8 } icmp code 3 accept",
       "icmp type { echo-reply, echo-request } icmp code port-unreachable accept"},
      {"limit rate over 10 mbytes/second burst 1 mbytes drop"},
      {"limit rate 1/week burst 7 packets drop"},
      {"log prefix \"hello \" level info"},
      {"log"},
      {"reject with icmp type host-unreachable", "reject with icmp host-unreachable"},
      {"reject with icmp port-unreachable", "reject"},
      {"ip protocol tcp reject with tcp reset", "reject with tcp reset"},
      {"udp sport 53 comment \"dns\""},
      {"th dport 53 accept"},
      {"ip frag-off & 0x1fff != 0 drop", "ip frag-off & 8191 != 0 drop"},
      {"udp length 7 accept"},
      {"tcp flags ! fin,rst"},
      {"tcp flags & (syn|ack) != syn", "tcp flags != syn / syn,ack"},
      {"tcp dport { 1,2 } tcp sport != { 5 }", "tcp dport { 1, 2 } tcp sport != 5"},
      {"ct state established,related accept"},
      {"ct state { new, invalid } drop", "ct state { invalid, new } drop"},
      {"ct state != invalid accept"},
      {"ct state new accept"},
      {"ct state != established,related", "ct state != established | related"},
      {"ct state & new != new"},
      {"ct mark 5 ct status dnat ct direction reply accept",
       "ct mark 0x00000005 ct status dnat ct direction reply accept"},
      {"ct mark set mark", "ct mark set meta mark"},
      {"meta mark set ct mark"},
      {"notrack"},
      {"return"},
      {"continue"},
  };
  Desk desk;
  for (const Row& row : rows) {
    INFO(row.written);
    const std::string expected = *row.listed != '\0' ? row.listed : row.written;
    CHECK(listed(desk, row.written) == expected);
    CHECK(listed(desk, expected) == expected);
  }
}

TEST_CASE("a whole ruleset is listed, with handles, in JSON, and reads back", "[console][nft]") {
  Desk desk;
  desk.out(
      "nft 'table ip t {\n comment \"tee\"\n set a { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, "
      "192.168.0.1, 1.1.1.1-1.1.1.9, 9.9.9.9 } }\n set p { type inet_service; elements = { 1,2,3,4,5,6,7 } }\n"
      " chain sub { }\n chain c { type filter hook input priority 0; policy drop;\n ip saddr { 1.1.1.1, 2.2.2.2 } "
      "accept\n ip daddr @a counter drop }\n chain o { type route hook output priority mangle; }\n}\n"
      "table inet x { chain c { type filter hook forward priority 10; reject; reject with icmpx admin-prohibited; "
      "ip saddr 1.1.1.1 drop; reject with icmp host-unreachable; } }'");
  const std::string text = desk.out("nft list ruleset");
  CHECK(text ==
        "table ip t {\n"
        "\tcomment \"tee\"\n"
        "\tset a {\n"
        "\t\ttype ipv4_addr\n"
        "\t\tflags interval\n"
        "\t\telements = { 1.1.1.1-1.1.1.9, 9.9.9.9,\n"
        "\t\t\t     10.0.0.0/8, 192.168.0.1 }\n"
        "\t}\n"
        "\n"
        "\tset p {\n"
        "\t\ttype inet_service\n"
        "\t\telements = { 1, 2, 3, 4, 5,\n"
        "\t\t\t     6, 7 }\n"
        "\t}\n"
        "\n"
        "\tchain sub {\n"
        "\t}\n"
        "\n"
        "\tchain c {\n"
        "\t\ttype filter hook input priority filter; policy drop;\n"
        "\t\tip saddr { 1.1.1.1, 2.2.2.2 } accept\n"
        "\t\tip daddr @a counter packets 0 bytes 0 drop\n"
        "\t}\n"
        "\n"
        "\tchain o {\n"
        "\t\ttype route hook output priority mangle; policy accept;\n"
        "\t}\n"
        "}\n"
        "table inet x {\n"
        "\tchain c {\n"
        "\t\ttype filter hook forward priority filter + 10; policy accept;\n"
        "\t\treject\n"
        "\t\treject with icmpx admin-prohibited\n"
        "\t\tip saddr 1.1.1.1 drop\n"
        "\t\treject with icmp host-unreachable\n"
        "\t}\n"
        "}\n");
  const std::string handles = desk.out("nft -a list table ip t");
  CHECK(handles.find("table ip t { # handle 1\n") != std::string::npos);
  CHECK(handles.find("\tchain sub { # handle 1\n") != std::string::npos);
  CHECK(handles.find("\tset a { # handle 4\n") != std::string::npos);
  CHECK(handles.find("{ 1.1.1.1, 2.2.2.2 } accept # handle 7\n") != std::string::npos);
  CHECK(desk.out("nft -s list chain ip t c").find("counter drop") != std::string::npos);
  CHECK(desk.out("nft list tables") == "table ip t\ntable inet x\n");
  CHECK(desk.out("nft list set ip t p").starts_with("table ip t {\n\tset p {\n\t\ttype inet_service\n"));

  desk.out("nft 'flush ruleset'");
  CHECK(desk.out("nft list ruleset").empty());
  desk.out("nft '" + text + "'");
  CHECK(desk.out("nft list ruleset") == text);
}

TEST_CASE("JSON is that of libnftables", "[console][nft]") {
  Desk desk;
  desk.out(
      "nft 'table ip t { set a { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 1.1.1.1-1.1.1.9 } }\n"
      "chain c { type filter hook input priority 0; policy drop; tcp flags & (fin|syn|rst|ack) == syn accept\n"
      "ip saddr @a counter packets 1 bytes 2 jump d\n tcp dport { 22, 80-90 } reject\n iifname \"eth*\" mark set 16\n"
      "limit rate over 10 mbytes/second burst 1 mbytes log prefix \"a\" level info comment \"c\"\n } chain d { } }'");
  CHECK(
      desk.out("nft -j list ruleset") ==
      R"({"nftables": [{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", )"
      R"("json_schema_version": 1}}, )"
      R"({"table": {"family": "ip", "name": "t", "handle": 1}}, )"
      R"({"set": {"family": "ip", "name": "a", "table": "t", "type": "ipv4_addr", "handle": 3, "flags": ["interval"], )"
      R"("elem": [{"range": ["1.1.1.1", "1.1.1.9"]}, {"prefix": {"addr": "10.0.0.0", "len": 8}}]}}, )"
      R"({"chain": {"family": "ip", "table": "t", "name": "c", "handle": 1, "type": "filter", )"
      R"("hook": "input", "prio": 0, "policy": "drop"}}, )"
      R"({"chain": {"family": "ip", "table": "t", "name": "d", "handle": 2}}, )"
      R"({"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 4, "expr": [{"match": {"op": "==", "left": )"
      R"({"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, ["fin", "syn", "rst", "ack"]]}, )"
      R"("right": "syn"}}, {"accept": null}]}}, )"
      R"({"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 5, "expr": [{"match": {"op": "==", "left": )"
      R"({"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@a"}}, {"counter": {"packets": 1, "bytes": 2}}, )"
      R"({"jump": {"target": "d"}}]}}, )"
      R"({"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 7, "expr": [{"match": {"op": "==", "left": )"
      R"({"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"set": [22, {"range": [80, 90]}]}}}, )"
      R"({"reject": {"type": "icmp", "expr": "port-unreachable"}}]}}, )"
      R"({"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 8, "expr": [{"match": {"op": "==", "left": )"
      R"({"meta": {"key": "iifname"}}, "right": "eth*"}}, {"mangle": {"key": {"meta": {"key": "mark"}}, )"
      R"("value": 16}}]}}, )"
      R"({"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 9, "comment": "c", "expr": [{"limit": )"
      R"({"rate": 10, "burst": 1, "per": "second", "inv": true, "rate_unit": "mbytes", "burst_unit": "mbytes"}}, )"
      R"({"log": {"prefix": "a", "level": "info"}}]}}]})"
      "\n");
}

TEST_CASE("what is wrong is refused in nft's words, with a caret below", "[console][nft]") {
  struct Bad {
    const char* line;
    const char* error;
  };
  const Bad rows[] = {
      {"add rule ip foo",
       "Error: syntax error, unexpected newline, expecting string\nadd rule ip foo\n               ^\n"},
      {"add rule ip foo bar accept",
       "Error: Could not process rule: No such file or directory\nadd rule ip foo bar accept\n            ^^^\n"},
      {"add rule ip t foo accept",
       "Error: Could not process rule: No such file or directory\nadd rule ip t foo accept\n              ^^^\n"},
      {"create table ip t", "Error: Could not process rule: File exists\ncreate table ip t\n                ^\n"},
      {"add rule ip t c frob",
       "Error: syntax error, unexpected newline\nadd rule ip t c frob\n                    ^\n"},
      {"add rule ip t c udp dport 53 tcp sport 1",
       "Error: conflicting protocols specified: udp vs. tcp\nadd rule ip t c udp dport 53 tcp sport 1\n"
       "                             ^^^^^^^^^\n"},
      {"add rule ip t c ip ttl 256",
       "Error: Value 256 exceeds valid range 0-255\nadd rule ip t c ip ttl 256\n"
       "                       ^^^\n"},
      {"add rule ip t c jump none",
       "Error: Could not process rule: No such file or directory\nadd rule ip t c jump none\n                     "
       "^^^^\n"},
      {"delete rule ip t c handle 99",
       "Error: Could not process rule: No such file or directory\ndelete rule ip t c handle 99\n"
       "                          ^^\n"},
      {"list chain ip t none", "Error: No such file or directory\nlist chain ip t none\n                ^^^^\n"},
      {"foo", "Error: syntax error, unexpected newline, expecting string\nfoo\n   ^\n"},
      {"add table ip \"t\"",
       "Error: syntax error, unexpected quoted string, expecting string\nadd table ip \"t\"\n             ^^^\n"},
      {"list", "Error: syntax error, unexpected newline\nlist\n    ^\n"},
      {"add rule t c counter packets",
       "Error: syntax error, unexpected newline, expecting number\nadd rule t c counter packets\n"
       "                            ^\n"},
      {"add rule t c ip saddr @none",
       "Error: No such file or directory\nadd rule t c ip saddr @none\n                      ^^^^^\n"},
      {"add rule t c icmp type frob",
       "Error: Could not parse ICMP type\nadd rule t c icmp type frob\n                       ^^^^\n"},
      {"add rule t c tcp dport 9-3",
       "Error: Range has zero or negative size\nadd rule t c tcp dport 9-3\n                       ^^^\n"},
      {"add rule t c limit rate 5/fortnight",
       "Error: syntax error, unexpected string\nadd rule t c limit rate 5/fortnight\n"
       "                          ^^^^^^^^^\n"},
      {"add chain t n { type nat hook forward priority 0; }",
       "Error: Could not process rule: Operation not supported\nadd chain t n { type nat hook forward priority 0; }\n"
       "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"},
      {"delete chain t c x",
       "Error: syntax error, unexpected string, expecting end of file or newline or semicolon\ndelete chain t c x\n"
       "                 ^\n"},
      {"rename chain t c c", "Error: Could not process rule: File exists\nrename chain t c c\n^^^^^^^^^^^^^^^^^^^\n"},
      {"add table arp x", "Error: Could not process rule: Operation not supported\nadd table arp x\n          ^^^\n"},
  };
  Desk desk;
  desk.out(kChain);
  const std::string before = desk.out("nft list ruleset");
  for (const Bad& row : rows) {
    INFO(row.line);
    CHECK(desk.err(std::string("nft '") + row.line + "'", 1) == row.error);
  }
  CHECK(desk.err("nft 'add table ip u; add rule ip t none accept'", 1).find("No such file") != std::string::npos);
  CHECK(desk.out("nft list ruleset") == before);  // all or nothing
  CHECK(desk.out("nft -c add table ip u; nft list ruleset") == before);
}

TEST_CASE("chains, rules, sets and elements change one by one", "[console][nft]") {
  Desk desk;
  desk.out(kChain);
  desk.out("nft add rule ip t c ip ttl 1 accept; nft insert rule t c ip ttl 2 accept");
  desk.out("nft add rule t c handle 3 ip ttl 3 accept; nft insert rule t c position 2 ip ttl 4 accept");
  desk.out("nft replace rule t c handle 3 ip ttl 5 accept; nft delete rule t c handle 2");
  const std::string text = desk.out("nft -a list chain ip t c");
  CHECK(text.find("ip ttl 5 accept # handle 6\n\t\tip ttl 3 accept # handle 4\n\t\tip ttl 4 accept # handle 5\n\t}") !=
        std::string::npos);
  desk.out("nft flush chain t c; nft 'add chain t d; rename chain t d e; add rule t c jump e'");
  CHECK(desk.err("nft delete chain t e", 1).find("Device or resource busy") != std::string::npos);
  desk.out("nft 'add chain ip t c { policy drop; }'");
  CHECK(desk.out("nft list chain t c").find("policy drop") != std::string::npos);

  desk.out("nft 'add set t s { type ipv4_addr; flags interval; size 3; }; add element t s { 10.0.0.0/8, 1.1.1.1 }'");
  CHECK(desk.err("nft 'add element t s { 10.1.0.0/16 }'", 1).starts_with("Error: interval overlaps"));
  CHECK(desk.err("nft 'create element t s { 1.1.1.1 }'", 1).find("File exists") != std::string::npos);
  CHECK(desk.err("nft 'add element t s { 2.2.2.2, 3.3.3.3 }'", 1).find("Too many open files") != std::string::npos);
  desk.out("nft 'delete element t s { 10.0.0.0/8 }'");
  CHECK(desk.out("nft list set t s").find("elements = { 1.1.1.1 }") != std::string::npos);
  CHECK(desk.err("nft 'delete element t s { 9.9.9.9 }'", 1).find("element does not exist") != std::string::npos);
  desk.out("nft flush set t s; nft delete set t s; nft delete table t");
  CHECK(desk.out("nft list tables").empty());
}

TEST_CASE("nat statements are listed as nftables lists them", "[console][nft][nat]") {
  const std::string rules =
      "\t\tmasquerade\n\t\tsnat to 1.2.3.4\n\t\tip protocol tcp snat to 1.2.3.4:100-200\n"
      "\t\tudp dport 5 snat to 1.2.3.4-1.2.3.9 random,persistent\n"
      "\t\toifname \"eth0\" meta l4proto udp masquerade to :1000-2000\n";
  const std::string text =
      "table ip t {\n\tchain n {\n\t\ttype nat hook postrouting priority srcnat + 5; policy accept;\n" + rules +
      "\t}\n\n\tchain d {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
      "\t\ttcp dport 80 dnat to 10.0.0.1:8080\n\t\ttcp dport 81 redirect to :8081\n\t\tudp dport 81 redirect\n"
      "\t\tdnat to 10.0.0.1\n\t}\n}\n"
      "table inet x {\n\tchain pre {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
      "\t\tdnat ip to 10.0.0.1\n\t\ttcp dport 80 dnat ip to 10.0.0.1:80\n\t}\n}\n";
  Desk desk;
  desk.out("nft '" + text + "'");
  CHECK(desk.out("nft list ruleset") == text);
  const std::string json = desk.out("nft -j list table ip t");
  CHECK(json.find(R"({"snat": {"addr": {"range": ["1.2.3.4", "1.2.3.9"]}, "flags": ["random", "persistent"]}})") !=
        std::string::npos);
  CHECK(json.find(R"({"masquerade": {"port": {"range": [1000, 2000]}}})") != std::string::npos);
  CHECK(json.find(R"({"redirect": null})") != std::string::npos);
  CHECK(json.find(R"({"dnat": {"addr": "10.0.0.1", "port": 8080}})") != std::string::npos);
  CHECK(
      desk.err("nft add rule t n snat to 1.2.3.4:5", 1).starts_with("Error: transport protocol mapping is only valid"));
  CHECK(desk.err("nft add rule inet x pre snat ip to 1.2.3.4", 1).find("Operation not supported") != std::string::npos);
}

TEST_CASE("rules that are typed are in force", "[console][nft]") {
  Desk desk;
  const auto answered = [&] {
    desk.station().nic.deliver(introduction(2));
    desk.world.run_for(kMillisecond);
    static_cast<void>(desk.station().nic.take_sent());
    desk.station().nic.deliver(echo_request(20));
    desk.world.run_for(kMillisecond);
    return !desk.station().nic.take_sent().empty();
  };
  CHECK(answered());
  desk.out(
      "nft 'table inet filter { set bad { type ipv4_addr; }\n chain input { type filter hook input priority 0;\n"
      "ip saddr @bad log prefix \"bad \" counter drop } }'");
  CHECK(answered());
  desk.out("nft 'add element inet filter bad { 10.0.0.2 }'");
  CHECK_FALSE(answered());
  CHECK(desk.out("nft list chain inet filter input").find("counter packets 1 bytes 48 drop") != std::string::npos);
  CHECK(desk.out("dmesg").find("bad IN=eth0 OUT= SRC=10.0.0.2 DST=10.0.0.1") != std::string::npos);
  desk.out("nft flush ruleset");
  CHECK(answered());
}

TEST_CASE("no text breaks the parser", "[console][nft][fuzz]") {
  const std::string_view pieces[] = {"add",  "rule",     "table",    "ip",        "t",
                                     "c",    "{",        "}",        ";",         "\n",
                                     "@a",   "10.0.0.1", "/",        "-",         "99999999999999999999",
                                     "0x",   "set",      "type",     "ipv4_addr", "elements",
                                     "=",    ",",        "tcp",      "flags",     "&",
                                     "(",    ")",        "|",        "syn",       "limit",
                                     "rate", "over",     "burst",    "\"q",       "chain",
                                     "hook", "input",    "priority", "policy",    "drop",
                                     "meta", "mark",     "handle",   "!=",        "saddr",
                                     "\\",   "#",        "list",     "ruleset"};
  Desk desk;
  std::uint32_t state = 7;
  const auto next = [&state] { return state = state * 1'664'525U + 1'013'904'223U, state >> 8; };
  const console::NftInterfaces nobody{[](std::string_view) { return std::nullopt; },
                                      [](unsigned) { return std::nullopt; }};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (unsigned words = next() % 14; words > 0; --words) {
      text.append(pieces[next() % std::size(pieces)]).append(next() % 4 == 0 ? "" : " ");
    }
    netfilter::Ruleset ruleset;
    const auto parsed = console::nft_parse(text, nobody);
    if (const auto* error = std::get_if<console::NftError>(&parsed)) {
      CHECK_FALSE(error->message.empty());
      CHECK(error->place.begin <= text.size());
      continue;
    }
    for (const auto& command : std::get<console::NftCommands>(parsed)) {
      if (nft_apply(ruleset, command, nobody)) break;
    }
    static_cast<void>(netfilter::Nftables::check(ruleset));
  }
}
