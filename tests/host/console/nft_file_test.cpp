// SPDX-License-Identifier: Apache-2.0
// nft -f: whole scripts, all or nothing. The expected texts are nftables 1.0.6's own output for the same files.
#include <fmt/format.h>

#include "tests/host/console/file_desk.hpp"

using namespace host;
using namespace host_test;

TEST_CASE("nft -f takes blocks, commands, comments, continued lines and names for values", "[console][nft][file]") {
  FileDesk desk;
  desk.files["rules.nft"] =
      "#!/usr/sbin/nft -f\n\nflush ruleset\n"
      "define web = { 80, # one\n  443 }\ndefine lan = 10.0.0.0/8\ndefine deep = 10\n"
      "table ip t {\n\tset s { type inet_service; elements = { $web, 22 } }\n"
      "\tdefine wan = \"eth*\"\n"
      "\tchain c {\n\t\ttype filter hook input priority -$deep; policy accept;\n"
      "\t\ttcp dport $web ip saddr { $lan, 1.1.1.1 } \\\n\t\t  iifname $wan accept\n\t}\n}\n"
      "redefine deep = sub\n"
      "add chain ip t sub; add rule ip t c ip ttl 5 jump $deep\nundefine deep\ndefine deep = 9\n"
      "add rule ip t sub iifname \"$deep\" ip ttl $deep";
  CHECK(desk.out("nft -f rules.nft").empty());
  const std::string expected =
      "table ip t {\n\tset s {\n\t\ttype inet_service\n\t\telements = { 22, 80, 443 }\n\t}\n\n"
      "\tchain c {\n\t\ttype filter hook input priority filter - 10; policy accept;\n"
      "\t\ttcp dport { 80, 443 } ip saddr { 1.1.1.1, 10.0.0.0/8 } iifname \"eth*\" accept\n"
      "\t\tip ttl 5 jump sub\n\t}\n\n\tchain sub {\n\t\tiifname \"$deep\" ip ttl 9\n\t}\n}\n";
  CHECK(desk.rules() == expected);
  // It flushes first, so it may run again; with -c nothing changes; what is typed goes before the file.
  desk.out("nft --file rules.nft && nft --file=rules.nft && nft -c -frules.nft");
  CHECK(desk.rules() == expected);
  desk.files["rules.nft"] = "flush ruleset";
  desk.out("nft -cf rules.nft && nft -f rules.nft add table ip u");
  CHECK(desk.rules() == expected + "table ip u {\n}\n");
  desk.out("nft -f rules.nft");
  CHECK(desk.rules().empty());
}

TEST_CASE("a file that is wrong is refused with its line and columns, and changes nothing", "[console][nft][file]") {
  struct Bad {
    const char* text;
    const char* error;
  };
  const Bad rows[] = {
      {"add table ip t\nadd rule ip t foo accept\n",
       "x.nft:2:15-17: Error: Could not process rule: No such file or directory\nadd rule ip t foo accept\n"
       "              ^^^\n"},
      {"table ip t {\n\tchain c {\n\t\ttcp dport 22 accept\n\t\tip ttl 256 drop\n\t}\n}\n",
       "x.nft:4:10-12: Error: Value 256 exceeds valid range 0-255\n\t\tip ttl 256 drop\n\t\t       ^^^\n"},
      {"flush ruleset\ntable ip t {\n\tchain c {\n\t\ttcp dport 22 jump none\n\t}\n}\n",
       "x.nft:4:21-24: Error: Could not process rule: No such file or directory\n\t\ttcp dport 22 jump none\n"
       "\t\t                  ^^^^\n"},
      {"table ip t {\n\tchain c {\n\t\ttype nat hook forward priority 0;\n\t\taccept\n\t}\n}\n",
       "x.nft:2:8-8: Error: Could not process rule: Operation not supported\n\tchain c {\n\t      ^\n"},
      {"table ip t {\n\tchain c {\n\t\taccept\n", "x.nft:4:1-1: Error: syntax error, unexpected end of file\n\n^\n"},
      {"table ip t {\n\tchain c {\n\t\ttcp dport $port accept\n\t}\n}\n",
       "x.nft:3:14-17: Error: unknown identifier 'port'\n\t\ttcp dport $port accept\n\t\t           ^^^^\n"},
      {"define a = 1\ndefine a = 2\n", "x.nft:2:8-8: Error: redefinition of symbol 'a'\ndefine a = 2\n       ^\n"},
      {"define a =\n", "x.nft:1:11-11: Error: syntax error, unexpected newline\ndefine a =\n          ^\n"},
      {"define a = 5 6\n",
       "x.nft:1:14-14: Error: syntax error, unexpected number, expecting newline or semicolon\ndefine a = 5 6\n"
       "             ^\n"},
      {"define a 5\n",
       "x.nft:1:10-10: Error: syntax error, unexpected number, expecting '='\ndefine a 5\n         ^\n"},
      {"define accept = 5\n",
       "x.nft:1:8-13: Error: syntax error, unexpected accept, expecting string\ndefine accept = 5\n       ^^^^^^\n"},
      {"define v = accept\n",
       "x.nft:1:12-17: Error: syntax error, unexpected accept\ndefine v = accept\n           ^^^^^^\n"},
      {"add table ip t\nadd rule ip t c ip ttl $ accept\n",
       "x.nft:2:26-31: Error: syntax error, unexpected accept, expecting string\nadd rule ip t c ip ttl $ accept\n"
       "                         ^^^^^^\n"},
      // What a name stands for is wrong where it was written.
      {"define x = 300\ntable ip t {\n chain c {\n  ip ttl $x accept\n }\n}\n",
       "x.nft:1:12-14: Error: Value 300 exceeds valid range 0-255\ndefine x = 300\n           ^^^\n"},
      // A name ends with its block.
      {"table ip t {\n define c = 10.0.0.0/8\n chain c { ip saddr $c; }\n}\nadd rule ip t c ip saddr $c\n",
       "x.nft:5:27-27: Error: unknown identifier 'c'\nadd rule ip t c ip saddr $c\n                          ^\n"},
      {"add table ip t\nadd chain ip t c\nadd rule ip t c ip ttl \\\n  256 accept\n",
       "x.nft:4:3-5: Error: Value 256 exceeds valid range 0-255\n  256 accept\n  ^^^\n"},
      {"flush ruleset\nadd table ip x\nadd chain ip x c\nadd rule ip x c jump nowhere\n",
       "x.nft:4:22-28: Error: Could not process rule: No such file or directory\nadd rule ip x c jump nowhere\n"
       "                     ^^^^^^^\n"},
      // This host's: the first of several mistakes.
      {"frob\nadd rule ip t c ip ttl $none\n",
       "x.nft:1:5-5: Error: syntax error, unexpected newline, expecting string\nfrob\n    ^\n"},
  };
  FileDesk desk;
  desk.out("nft 'add table ip kept; add chain ip kept c; add rule ip kept c counter accept'");
  const std::string before = desk.out("nft -a list ruleset");
  for (const Bad& row : rows) {
    INFO(row.text);
    CHECK(desk.refused(row.text) == row.error);
    CHECK(desk.out("nft -a list ruleset") == before);
  }
}

TEST_CASE("what only the rules together forbid is told at the line that does", "[console][nft][file]") {
  FileDesk desk;
  const std::string text =
      "add table ip t\nadd chain ip t a\nadd chain ip t b\nadd rule ip t a jump b\nadd rule ip t b jump a\n"
      "add rule ip t a accept\nadd rule ip t b accept\n";
  CHECK(desk.refused(text) ==
        "x.nft:5:1-23: Error: Could not process rule: Too many links\nadd rule ip t b jump a\n"
        "^^^^^^^^^^^^^^^^^^^^^^^\n");
  CHECK(desk.rules().empty());
}

TEST_CASE("a listed ruleset loads as an equal one", "[console][nft][file]") {
  FileDesk desk;
  desk.files["x.nft"] =
      "table ip t {\n comment \"tee\"; flags dormant\n"
      " map m { type ipv4_addr : mark; elements = { 1.1.1.1 : 5 } }\n"
      " map v { type inet_service : verdict; flags interval; elements = { 22 : accept, 80-90 : jump end } }\n chain "
      "end { }\n"
      " set e { type ipv4_addr; flags dynamic,timeout; size 100; timeout 90s; gc-interval 10s\n"
      "  elements = { 1.1.1.1 limit rate 10/second timeout 1h expires 30m, 2.2.2.2 counter packets 5 bytes 7 } }\n"
      " chain c { type nat hook postrouting priority srcnat + 5; ip saddr 10.0.0.0-10.0.0.9 snat to 1.2.3.4\n"
      "  oifname \"eth0\" udp dport 5 masquerade to :1000-2000 random,persistent; }\n"
      " chain sub { comment \"s\"; update @e { ip saddr timeout 10s limit rate over 1/minute }; counter packets 1 "
      "bytes 2\n"
      "  log prefix \"a b \" level info; tcp flags & (syn|ack) == syn reject with tcp reset comment \"no; no\"\n"
      "  ct state established,related meta mark set ip saddr map @m; tcp dport vmap @v }\n}\n"
      "table inet x { set a { type ipv6_addr; flags interval; elements = { 2001:db8::/32, fe80::1 } }\n"
      " chain c { type filter hook forward priority mangle - 1; policy drop; ip6 saddr @a drop\n"
      "  meta nfproto ipv4 ip dscp ef limit rate over 10 mbytes/second burst 1 mbytes drop; }\n}\n"
      "table ip6 y {\n}\n";
  desk.out("nft -f x.nft", kMillisecond);
  const std::string first = desk.out("nft list ruleset", kMillisecond);
  CHECK(first.find("1.1.1.1 limit rate 10/second timeout 1h expires 29m59s") != std::string::npos);
  CHECK(first.find("2.2.2.2 counter packets 5 bytes 7 expires 1m29s") != std::string::npos);
  const std::string whole = desk.out("nft -as list ruleset", kMillisecond);
  desk.files["x.nft"] = "flush ruleset\n" + first;
  desk.out("nft -f x.nft", kMillisecond);
  desk.files["x.nft"] = "flush ruleset\n" + desk.out("nft list ruleset", kMillisecond);
  desk.out("nft -f x.nft", kMillisecond);
  const std::string again = desk.out("nft list ruleset", kMillisecond);
  // Time has passed, a few milliseconds.
  const auto without_time = [](std::string text) {
    for (auto at = text.find("expires "); at != std::string::npos; at = text.find("expires ", at + 8)) {
      text.erase(at + 8, text.find_first_of(", }", at + 8) - at - 8);
    }
    return text;
  };
  CHECK(without_time(again) == without_time(first));
  CHECK(again.find("expires 29m59s") != std::string::npos);
  // The handles, too, but those of the tables: they count on.
  const auto without_tables = [](std::string text) {
    for (auto at = text.find("\ntable "); at != std::string::npos; at = text.find("\ntable ", at + 1)) {
      text.erase(text.find(" # handle", at), text.find('\n', at + 1) - text.find(" # handle", at));
    }
    return text.substr(text.find('\n'));
  };
  CHECK(without_tables(desk.out("nft -as list ruleset")) == without_tables(whole));
}

TEST_CASE("elements say what they have only where sets keep it", "[console][nft][file]") {
  FileDesk desk;
  desk.out(
      "nft 'add table ip t; add set ip t s { type ipv4_addr; }; add set ip t u { type ipv4_addr; flags timeout; }'");
  desk.out("nft 'add set ip t d { type ipv4_addr; flags dynamic; }'");
  CHECK(desk.err("nft 'add element ip t s { 1.1.1.1 counter }'", 1).find("Invalid argument") != std::string::npos);
  CHECK(desk.err("nft 'add element ip t u { 1.1.1.1 counter }'", 1).find("not supported") != std::string::npos);
  CHECK(desk.err("nft 'add element ip t d { 1.1.1.1 expires 5s }'", 1).find("Invalid argument") != std::string::npos);
  CHECK(desk.err("nft 'add chain ip t c; add rule ip t c ip saddr { 1.1.1.1 timeout 5s, 2.2.2.2 }'", 1)
            .find("not supported") != std::string::npos);
  // An element that is there stays as it is.
  desk.out("nft 'add element ip t d { 1.1.1.1 counter packets 3 bytes 4 }; add element ip t d { 1.1.1.1 counter }'");
  CHECK(desk.out("nft list set ip t d").find("{ 1.1.1.1 counter packets 3 bytes 4 }") != std::string::npos);
}

TEST_CASE("sets within sets are one set, so deep", "[console][nft][file]") {
  FileDesk desk;
  desk.files["x.nft"] =
      "define m = { 22, 23 }\nadd table ip t\nadd set ip t s { type inet_service; elements = $m; }\n"
      "add element ip t s { 24, $m, { 25 } }\n";
  desk.out("nft -f x.nft");
  CHECK(desk.rules().find("elements = { 22, 23, 24, 25 }") != std::string::npos);
  CHECK(desk.refused("add element ip t s " + std::string(20, '{') + "1" + std::string(20, '}'))
            .find("syntax error, unexpected '{'") != std::string::npos);
  // Names of names of names.
  std::string text = "define a0 = { 1, 2 }\n";
  for (int i = 1; i < 30; ++i) {
    text += fmt::format("define a{} = {{ $a{}, $a{}, $a{} }}\n", i, i - 1, i - 1, i - 1);
  }
  CHECK(desk.refused(text).find("Cannot allocate memory") != std::string::npos);
}

TEST_CASE("nft -f - reads what the shell gives", "[console][nft][file]") {
  FileDesk desk;
  desk.files["x.nft"] = "add table ip t\n";
  desk.out("nft -f - < x.nft; nft -f - <<< 'add table ip u; add chain ip u c'");
  CHECK(desk.rules() == "table ip t {\n}\ntable ip u {\n\tchain c {\n\t}\n}\n");
  CHECK(desk.err("nft -f - <<< 'add rule ip t c accept'", 1) ==
        "/dev/stdin:1:15-15: Error: Could not process rule: No such file or directory\nadd rule ip t c accept\n"
        "              ^\n");
  CHECK(desk.err("nft -f - < none", 1) == "bash: none: No such file or directory\n");
  CHECK(desk.err("nft -f -", 1) == "nft: -: there is no input here but that of `< FILE` and `<<< 'TEXT'`\n");
  // A file of the host itself.
  CHECK(desk.err("nft -f - < /proc/sys/net/ipv4/ip_forward", 1).starts_with("/dev/stdin:1:1-1: Error: syntax error"));
}

TEST_CASE("a file that is not there is told, and nothing without a name", "[console][nft][file]") {
  FileDesk desk;
  CHECK(desk.err("nft -f nothing.nft", 1) ==
        "internal:0:0-0: Error: Could not open file \"nothing.nft\": No such file or directory\n\n\n");
  CHECK(desk.err("nft -f", 1).starts_with("nft: option requires an argument -- 'f'\nUsage: nft"));
  CHECK(desk.err("nft --file", 1).starts_with("nft: option requires an argument -- 'f'\nUsage: nft"));
  CHECK(desk.err("nft --check=x", 1).starts_with("nft: unrecognized option '--check=x'\n"));
  CHECK(desk.err("nft -cz", 1).starts_with("nft: invalid option -- 'z'\n"));
  desk.station().host.console().read_file = nullptr;
  CHECK(desk.err("nft -f x.nft", 1) == "nft: x.nft: there are no files here to read rules from\n");
  CHECK(desk.err("nft -f - < x.nft", 1) == "bash: x.nft: No such file or directory\n");
}
