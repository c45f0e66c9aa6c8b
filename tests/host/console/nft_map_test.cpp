// SPDX-License-Identifier: Apache-2.0
// Maps and sets with timeouts in nft's words. The expected texts are nftables 1.0.6's own output for the same input.
#include <catch2/catch.hpp>

#include "tests/host/console/desk.hpp"

using namespace host_test;

namespace {

constexpr const char* kChains =
    "nft 'add table ip t; add chain ip t c { type filter hook input priority 0; }; add chain ip t a; add chain ip t b'";

}  // namespace

TEST_CASE("maps are listed as nftables lists them, and read back the same", "[console][nft][map]") {
  const std::string text =
      "table ip t {\n"
      "\tmap m {\n\t\ttype ipv4_addr : mark\n\t\telements = { 1.1.1.1 : 0x00000005 }\n\t}\n\n"
      "\tmap v {\n\t\ttype inet_service : verdict\n\t\tflags interval\n\t\telements = { 22 : accept, 80-90 : jump a }\n"
      "\t}\n\n"
      "\tmap x {\n\t\ttype ipv4_addr : inet_service\n\t\tflags constant\n\t\tcomment \"hello\"\n"
      "\t\telements = { 1.1.1.1 : 80 }\n\t}\n\n"
      "\tset e {\n\t\ttype ipv4_addr\n\t\tsize 100\n\t\tflags dynamic,timeout\n\t\ttimeout 1m30s\n\t\tgc-interval 10s\n"
      "\t\tcomment \"c\"\n\t}\n\n"
      "\tset d {\n\t\ttype ipv4_addr\n\t\tsize 65535\n\t\tflags dynamic\n\t}\n\n"
      "\tchain c {\n\t\ttype filter hook input priority filter; policy accept;\n"
      "\t\ttcp dport vmap { 22 : accept, 23 : drop, 80-90 : jump a }\n"
      "\t\ttcp dport vmap @v\n"
      "\t\tip saddr vmap { 1.1.1.1 : drop, 2.2.2.2-2.2.2.9 : return, 10.0.0.0/8 : accept }\n"
      "\t\tcounter packets 0 bytes 0 ip protocol vmap { icmp : accept, tcp : jump a, udp : jump b }\n"
      "\t\tmeta mark set ip saddr map { 1.1.1.1 : 0x00000005, 2.2.2.2 : 0x00000006 }\n"
      "\t\tmeta mark set ip saddr map @m\n"
      "\t\tct mark set tcp dport map { 22 : 0x00000001, 80 : 0x00000002 }\n"
      "\t\tct state vmap { invalid : drop, established : accept, related : accept }\n"
      "\t\tmeta mark & 0x000000ff vmap { 0x00000001 : accept, 0x00000002 : drop }\n"
      "\t\ttcp dport @v\n"
      "\t\tadd @e { ip saddr }\n"
      "\t\tupdate @e { ip saddr timeout 10s }\n"
      "\t\tadd @d { ip saddr limit rate over 10/second } drop\n"
      "\t\tupdate @e { ip saddr timeout 1m limit rate 1/minute burst 2 packets }\n"
      "\t\tadd @e { ip saddr & 255.255.255.0 }\n"
      "\t\tadd @d { ip saddr counter } accept\n"
      "\t\tdelete @e { ip saddr }\n"
      "\t\tip saddr @e accept\n\t}\n\n"
      "\tchain a {\n\t}\n\n\tchain b {\n\t}\n}\n";
  Desk desk;
  desk.out("nft '" + text + "'");
  CHECK(desk.out("nft list ruleset") == text);
  CHECK(desk.out("nft list map ip t m") ==
        "table ip t {\n\tmap m {\n\t\ttype ipv4_addr : mark\n\t\telements = { 1.1.1.1 : 0x00000005 }\n\t}\n}\n");
  CHECK(desk.out("nft list maps").find("map x {") != std::string::npos);
  CHECK(desk.out("nft list maps").find("set e {") == std::string::npos);
  CHECK(desk.out("nft list sets").find("map x {") == std::string::npos);
  const std::string json = desk.out("nft -j list ruleset");
  for (const char* part :
       {R"("type": "ipv4_addr", "handle": 4, "map": "mark", "elem": [["1.1.1.1", 5]]}})",
        R"("map": "verdict", "flags": ["interval"], "elem": [[22, {"accept": null}], [{"range": [80, )"
        R"(90]}, {"jump": {"target": "a"}}]]}})",
        R"("comment": "c", "size": 100, "flags": ["timeout"], "timeout": 90, "gc-interval": 10}})",
        R"({"vmap": {"key": {"payload": {"protocol": "tcp", "field": "dport"}}, "data": {"set": [[22, )"
        R"({"accept": null}], [23, {"drop": null}], [{"range": [80, 90]}, {"jump": {"target": "a"}}]]}}})",
        R"({"vmap": {"key": {"payload": {"protocol": "tcp", "field": "dport"}}, "data": "@v"}})",
        R"({"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"map": {"key": {"payload": )"
        R"({"protocol": "ip", "field": "saddr"}}, "data": {"set": [["1.1.1.1", 5], ["2.2.2.2", 6]]}}}}})",
        R"({"vmap": {"key": {"&": [{"meta": {"key": "mark"}}, 255]}, "data": {"set": [[1, {"accept": )"
        R"(null}], [2, {"drop": null}]]}}})",
        R"({"set": {"op": "update", "elem": {"elem": {"val": {"payload": {"protocol": "ip", "field": )"
        R"("saddr"}}, "timeout": 10}}, "set": "@e"}})",
        R"({"set": {"op": "add", "elem": {"payload": {"protocol": "ip", "field": "saddr"}}, "set": "@d", )"
        R"("stmt": [{"limit": {"rate": 10, "burst": 5, "per": "second", "inv": true}}]}})"}) {
    INFO(part);
    CHECK(json.find(part) != std::string::npos);
  }
}

TEST_CASE("elements with timeouts show what is left, and go", "[console][nft][set]") {
  Desk desk;
  desk.out(kChains);
  desk.out("nft 'add set ip t f { type ipv4_addr; flags timeout; elements = { 1.1.1.1 timeout 1h, 2.2.2.2 }; }'");
  desk.out("nft 'add set ip t g { type ipv4_addr; timeout 10s; gc-interval 5s; elements = { 1.1.1.1 }; }'");
  const std::string set = desk.out("nft list set ip t f");
  CHECK(set.find("\t\tflags timeout\n\t\telements = { 1.1.1.1 timeout 1h expires 59m58s, 2.2.2.2 }\n") !=
        std::string::npos);
  CHECK(desk.out("nft list set ip t g")
            .find("\t\ttype ipv4_addr\n\t\ttimeout 10s\n\t\tgc-interval 5s\n"
                  "\t\telements = { 1.1.1.1 expires 8s }\n") != std::string::npos);
  CHECK(
      desk.out("nft -j list set ip t f").find(R"("elem": [{"elem": {"val": "1.1.1.1", "timeout": 3600, "expires": )") !=
      std::string::npos);
  CHECK(desk.out("nft -s list set ip t f").find("{ 1.1.1.1 timeout 1h, 2.2.2.2 }") != std::string::npos);
  CHECK(desk.out("nft list set ip t g", 10 * kSecond).find("1.1.1.1") != std::string::npos);
  CHECK(desk.out("nft list set ip t g").find("1.1.1.1") == std::string::npos);
  desk.out("nft 'add element ip t f { 9.9.9.8 timeout 1d2h3m4s, 9.9.9.9 timeout 250ms }'");
  CHECK(desk.out("nft list set ip t f").find("9.9.9.8 timeout 1d2h3m4s expires 1d2h3m3s }") != std::string::npos);
  desk.out("nft 'delete element ip t f { 1.1.1.1 }'");
  CHECK(desk.out("nft list set ip t f").find("1.1.1.1") == std::string::npos);
}

TEST_CASE("what is wrong with maps is refused in nft's words", "[console][nft][map]") {
  struct Bad {
    const char* line;
    const char* error;
  };
  const Bad rows[] = {
      {"add element ip t m { 1.1.1.1 : 8 }",
       "Error: Could not process rule: File exists\nadd element ip t m { 1.1.1.1 : 8 }\n                     "
       "^^^^^^^\n"},
      {"add element ip t m { 4.4.4.4 }",
       "Error: Could not process rule: Invalid argument\nadd element ip t m { 4.4.4.4 }\n                     "
       "^^^^^^^\n"},
      {"add rule ip t c tcp dport vmap @m",
       "Error: No such file or directory\nadd rule ip t c tcp dport vmap @m\n                               ^^\n"},
      {"add rule ip t c ip saddr vmap @v",
       "Error: datatype mismatch, map expects internet network service, mapping expression has type IPv4 address\n"
       "add rule ip t c ip saddr vmap @v\n                              ^^\n"},
      {"add rule ip t c tcp dport vmap { 22 : frob }",
       "Error: syntax error, unexpected string\nadd rule ip t c tcp dport vmap { 22 : frob }\n"
       "                                      ^^^^\n"},
      {"add rule ip t c tcp dport vmap { 22 : jump zz }",
       "Error: Could not process rule: No such file or directory\nadd rule ip t c tcp dport vmap { 22 : jump zz }\n"
       "                                 ^^\n"},
      {"add rule ip t c ip saddr vmap { 1.1.1.1 : accept, 1.1.1.1 : drop }",
       "Error: Could not process rule: File exists\nadd rule ip t c ip saddr vmap { 1.1.1.1 : accept, 1.1.1.1 : drop "
       "}\n"
       "                                                  ^^^^^^^\n"},
      {"add rule ip t c meta mark set ip saddr map { 1.1.1.1 : frob }",
       "Error: Could not parse packet mark\nadd rule ip t c meta mark set ip saddr map { 1.1.1.1 : frob }\n"
       "                                                       ^^^^\n"},
      {"add rule ip t c add @none { ip saddr }",
       "Error: No such file or directory\nadd rule ip t c add @none { ip saddr }\n                    ^^^^^\n"},
      {"add map ip t n { type ipv4_addr : frob; }",
       "Error: unknown datatype frob\nadd map ip t n { type ipv4_addr : frob; }\n"
       "                                  ^^^^\n"},
      {"add map ip t m { type ipv4_addr : verdict; }",
       "Error: Could not process rule: File exists\nadd map ip t m { type ipv4_addr : verdict; }\n             ^\n"},
      {"list set ip t m", "Error: No such file or directory\nlist set ip t m\n              ^\n"},
      {"delete chain ip t a",
       "Error: Could not process rule: Device or resource busy\ndelete chain ip t a\n                  ^\n"},
  };
  Desk desk;
  desk.out(kChains);
  desk.out(
      "nft 'add map ip t m { type ipv4_addr : mark; elements = { 1.1.1.1 : 5 }; }; "
      "add map ip t v { type inet_service : verdict; elements = { 22 : jump a }; }'");
  for (const Bad& row : rows) {
    INFO(row.line);
    CHECK(desk.err(std::string("nft '") + row.line + "'", 1) == row.error);
  }
  // A time that is none, and a map that has no values.
  CHECK(desk.err("nft 'add set ip t b { type ipv4_addr; timeout 5q; }'", 1).starts_with("Error: syntax error"));
  CHECK(desk.err("nft 'add map ip t b { type ipv4_addr; }'", 1)
            .starts_with("Error: syntax error, unexpected semicolon, expecting colon or ."));
}
