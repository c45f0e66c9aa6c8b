// SPDX-License-Identifier: Apache-2.0
// Counters and quotas in nft's words. The expected texts are nftables 1.0.6's own output for the same input.
#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

namespace {

constexpr const char* kTable =
    "nft 'table ip t {\n\tcounter http { packets 3 bytes 4096; comment \"w\" }\n\tcounter empty { }\n"
    "\tquota q { over 10 mbytes used 5 kbytes }\n\tquota u { 1000 bytes; comment \"x\" }\n\tquota none { }\n"
    "\tset s { type inet_service; }\n\tchain c {\n\t\ttype filter hook input priority 0; policy accept;\n"
    "\t\ttcp dport 80 counter name http\n\t\tip saddr 1.1.1.1 counter name \"http\" quota name q drop\n"
    "\t\tquota over 10 mbytes drop\n\t\tquota until 2048 bytes used 100 bytes accept\n\t}\n}'";

const std::string kHttp = "\tcounter http {\n\t\tcomment \"w\"\n\t\tpackets 3 bytes 4096\n\t}\n";
const std::string kEmpty = "\tcounter empty {\n\t\tpackets 0 bytes 0\n\t}\n";
const std::string kQuotas =
    "\tquota q {\n\t\tover 10 mbytes used 5 kbytes\n\t}\n\tquota u {\n\t\tcomment \"x\"\n\t\t1000 bytes\n\t}\n"
    "\tquota none {\n\t\t0 bytes\n\t}\n";

std::string in_table(const std::string& inside) {
  return "table ip t {\n" + inside + "}\n";
}

/// Pings from 10.0.0.2, 48 bytes each; how many were answered.
unsigned answered(Desk& desk, unsigned pings) {
  unsigned answers = 0;
  for (; pings > 0; --pings) {
    desk.station().nic.deliver(introduction(2));
    desk.world.run_for(kMillisecond);
    static_cast<void>(desk.station().nic.take_sent());
    desk.station().nic.deliver(echo_request(20));
    desk.world.run_for(kMillisecond);
    answers += static_cast<unsigned>(desk.station().nic.take_sent().size());
  }
  return answers;
}

}  // namespace

TEST_CASE("counters and quotas are listed as nftables lists them, and read back the same", "[console][nft][object]") {
  Desk desk;
  desk.out(kTable);
  const std::string text = desk.out("nft list ruleset");
  CHECK(text ==
        "table ip t {\n\tcounter http {\n\t\tcomment \"w\"\n\t\tpackets 3 bytes 4096\n\t}\n\n"
        "\tcounter empty {\n\t\tpackets 0 bytes 0\n\t}\n\n\tquota q {\n\t\tover 10 mbytes used 5 kbytes\n\t}\n\n"
        "\tquota u {\n\t\tcomment \"x\"\n\t\t1000 bytes\n\t}\n\n\tquota none {\n\t\t0 bytes\n\t}\n\n"
        "\tset s {\n\t\ttype inet_service\n\t}\n\n\tchain c {\n"
        "\t\ttype filter hook input priority filter; policy accept;\n\t\ttcp dport 80 counter name \"http\"\n"
        "\t\tip saddr 1.1.1.1 counter name \"http\" quota name \"q\" drop\n\t\tquota over 10 mbytes drop\n"
        "\t\tquota 2 kbytes used 100 bytes accept\n\t}\n}\n");
  const std::string bare = desk.out("nft -s list ruleset");
  CHECK(bare.find("\tcounter http {\n\t\tcomment \"w\"\n\t}\n\n\tcounter empty {\n\t}\n\n\tquota q {\n"
                  "\t\tover 10 mbytes\n\t}\n") != std::string::npos);
  CHECK(bare.find("\t\tquota 2 kbytes accept\n") != std::string::npos);
  const std::string handles = desk.out("nft -a list ruleset");
  CHECK(handles.find("\tcounter http { # handle 2\n") != std::string::npos);
  CHECK(handles.find("\tquota none { # handle 6\n") != std::string::npos);
  CHECK(handles.find("\tset s { # handle 7\n") != std::string::npos);
  desk.out("nft flush ruleset; nft -f - <<< '" + text + "'");
  CHECK(desk.out("nft list ruleset") == text);
}

TEST_CASE("counters and quotas are listed alone, by table, by family, by name", "[console][nft][object]") {
  Desk desk;
  desk.out(kTable);
  for (const char* line : {"nft list counters", "nft list counters ip", "nft list counters table ip t"}) {
    CHECK(desk.out(line) == in_table(kHttp + kEmpty));
  }
  CHECK(desk.out("nft list counters inet").empty());
  CHECK(desk.out("nft list quotas") == in_table(kQuotas));
  CHECK(desk.out("nft list counter ip t http") == in_table(kHttp));
  CHECK(desk.out("nft list quota t q") == in_table("\tquota q {\n\t\tover 10 mbytes used 5 kbytes\n\t}\n"));
  CHECK(desk.out("nft -a list counter t empty") ==
        in_table("\tcounter empty { # handle 3\n\t\tpackets 0 bytes 0\n\t}\n"));
  // They are no part of other lists; a table with only the other kind shows itself, one with none does not.
  CHECK(desk.out("nft list chain t c").find("counter http {") == std::string::npos);
  CHECK(desk.out("nft list sets").find("counter") == std::string::npos);
  desk.out("nft 'add table ip x; flush ruleset; add table ip t; add table ip x; add quota ip t q over 1 mbytes'");
  CHECK(desk.out("nft list counters") == in_table(""));
}

TEST_CASE("counters and quotas in JSON are those of libnftables", "[console][nft][object]") {
  Desk desk;
  desk.out(kTable);
  const std::string json = desk.out("nft -j list ruleset");
  const std::string counters =
      R"({"counter": {"family": "ip", "name": "http", "table": "t", "handle": 2, "comment": "w", "packets": 3, )"
      R"("bytes": 4096}}, {"counter": {"family": "ip", "name": "empty", "table": "t", "handle": 3, "packets": 0, )"
      R"("bytes": 0}})";
  CHECK(json.find(R"({"table": {"family": "ip", "name": "t", "handle": 1}}, )" + counters +
                  R"(, {"quota": {"family": "ip", "name": "q", "table": "t", "handle": 4, "bytes": 10485760, )"
                  R"("used": 5120, "inv": true}}, {"quota": {"family": "ip", "name": "u", "table": "t", "handle": 5, )"
                  R"("comment": "x", "bytes": 1000, "used": 0, "inv": false}}, )") != std::string::npos);
  CHECK(json.find(R"({"counter": "http"}, {"quota": "q"}, {"drop": null}]}})") != std::string::npos);
  CHECK(json.find(R"([{"quota": {"val": 10, "val_unit": "mbytes", "inv": true}}, {"drop": null}])") !=
        std::string::npos);
  CHECK(json.find(R"([{"quota": {"val": 2, "val_unit": "kbytes", "used": 100, "used_unit": "bytes"}}, )") !=
        std::string::npos);
  const std::string alone = desk.out("nft -j list counters");
  CHECK(alone.ends_with(R"("json_schema_version": 1}}, )" + counters + "]}\n"));
  CHECK(desk.out("nft -j reset counter ip t http").find(R"("packets": 3, "bytes": 4096}}]})") != std::string::npos);
  CHECK(desk.out("nft -j list counter ip t http").find(R"("packets": 0, "bytes": 0}}]})") != std::string::npos);
}

TEST_CASE("a reset shows what was, and begins anew", "[console][nft][object]") {
  Desk desk;
  desk.out(kTable);
  CHECK(desk.out("nft reset counter ip t http") == in_table(kHttp));
  const std::string zero = "\tcounter http {\n\t\tcomment \"w\"\n\t\tpackets 0 bytes 0\n\t}\n";
  CHECK(desk.out("nft list counter ip t http") == in_table(zero));
  CHECK(desk.out("nft reset quotas table t") == in_table(kQuotas));
  CHECK(desk.out("nft reset quota t q") == in_table("\tquota q {\n\t\tover 10 mbytes\n\t}\n"));
  CHECK(desk.out("nft 'list counters; reset counters'") == in_table(zero + kEmpty) + in_table(zero + kEmpty));
  desk.out("nft 'add counter t n packets 5 bytes 6; add table ip6 t; add counter ip6 t n { packets 7 bytes 8; }'");
  CHECK(desk.out("nft -c reset counters ip6") == "table ip6 t {\n\tcounter n {\n\t\tpackets 7 bytes 8\n\t}\n}\n");
  desk.out("nft reset counters ip6");
  CHECK(desk.out("nft list counters ip6") == "table ip6 t {\n\tcounter n {\n\t\tpackets 0 bytes 0\n\t}\n}\n");
  CHECK(desk.out("nft list counter t n") == in_table("\tcounter n {\n\t\tpackets 5 bytes 6\n\t}\n"));
}

TEST_CASE("counters and quotas come, change and go", "[console][nft][object]") {
  Desk desk;
  desk.out(kTable);
  // A counter that is there counts on; a quota gets another bound and keeps what is used.
  desk.out("nft 'add counter t http; add quota t q over 5 mbytes'");
  CHECK(desk.out("nft list counter t http") == in_table(kHttp));
  CHECK(desk.out("nft list quota t q") == in_table("\tquota q {\n\t\tover 5 mbytes used 5 kbytes\n\t}\n"));
  desk.out("nft 'counter t y packets 5 bytes 6; add quota t y { over 1 mbytes; }; delete counter t empty'");
  CHECK(desk.out("nft list counter t y") == in_table("\tcounter y {\n\t\tpackets 5 bytes 6\n\t}\n"));
  desk.out("nft 'flush chain t c; delete counter t http; delete quota t q; flush table t'");
  CHECK(desk.out("nft list counters") == in_table("\tcounter y {\n\t\tpackets 5 bytes 6\n\t}\n"));
  struct Bad {
    const char* line;
    const char* error;
  };
  const Bad rows[] = {
      {"list counter t none", "Error: No such file or directory\nlist counter t none\n               ^^^^\n"},
      {"list counters table none",
       "Error: No such file or directory\nlist counters table none\n                    ^^^^\n"},
      {"reset counter t none",
       "Error: Could not process rule: No such file or directory\nreset counter t none\n^^^^^^^^^^^^^^^^^^^^^\n"},
      {"reset counter nix http", "Error: No such file or directory\nreset counter nix http\n              ^^^\n"},
      {"delete counter t used",
       "Error: Could not process rule: Device or resource busy\ndelete counter t used\n                 ^^^^\n"},
      {"delete quota t used",
       "Error: Could not process rule: No such file or directory\ndelete quota t used\n               ^^^^\n"},
      {"create counter t used",
       "Error: Could not process rule: File exists\ncreate counter t used\n                 ^^^^\n"},
      {"add counter t x { packets 5 }",
       "Error: syntax error, unexpected '}', expecting bytes\nadd counter t x { packets 5 }\n"
       "                            ^\n"},
      {"add rule t c counter name none",
       "Error: Could not process rule: No such file or directory\nadd rule t c counter name none\n"
       "                          ^^^^\n"},
      {"add rule t c quota name used",
       "Error: Could not process rule: No such file or directory\nadd rule t c quota name used\n"
       "                        ^^^^\n"},
      {"add rule t c quota 5 foo", "Error: Wrong rate format\nadd rule t c quota 5 foo\n             ^^^^^^^^^^^\n"},
      {"add rule t c quota over",
       "Error: syntax error, unexpected newline, expecting number\nadd rule t c quota over\n"
       "                       ^\n"},
      {"add quota t z", "Error: syntax error, unexpected newline, expecting number\nadd quota t z\n             ^\n"},
      {"add quota t r 50 kbytes used 60 kbytes",
       "Error: Could not process rule: Invalid argument\nadd quota t r 50 kbytes used 60 kbytes\n"
       "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"},
      {"flush counter t used", "Error: syntax error, unexpected counter\nflush counter t used\n      ^^^^^^^\n"},
      {"reset rules",
       "Error: syntax error, unexpected string, expecting counter or counters or quotas or quota\nreset rules\n"
       "      ^^^^^\n"},
      {"delete counter t used handle 4",
       "Error: syntax error, unexpected handle, expecting end of file or newline or semicolon\n"
       "delete counter t used handle 4\n                      ^^^^^^\n"},
      // This host's: a map says which counter.
      {"add rule t c counter name tcp dport map { 80 : used }",
       "Error: Could not process rule: Operation not supported\nadd rule t c counter name tcp dport map { 80 : used }\n"
       "                          ^^^\n"},
  };
  desk.out("nft 'add counter t used; add rule t c counter name used'");
  const std::string before = desk.out("nft list ruleset");
  for (const Bad& row : rows) {
    INFO(row.line);
    CHECK(desk.err(std::string("nft '") + row.line + "'", 1) == row.error);
  }
  CHECK(desk.out("nft list ruleset") == before);
}

TEST_CASE("rules that name a counter count together, and on when rules change", "[console][nft][object]") {
  Desk desk;
  desk.out(
      "nft 'table ip t { counter all { }; chain c { type filter hook input priority 0; counter name all\n"
      "ip saddr 10.0.0.2 counter name all\n } }'");
  CHECK(answered(desk, 3) == 3);
  CHECK(desk.out("nft reset counter t all") == in_table("\tcounter all {\n\t\tpackets 6 bytes 288\n\t}\n"));
  CHECK(answered(desk, 1) == 1);
  desk.out("nft add rule t c counter name all");
  CHECK(answered(desk, 1) == 1);
  CHECK(desk.out("nft list counter t all") == in_table("\tcounter all {\n\t\tpackets 5 bytes 240\n\t}\n"));
}

TEST_CASE("a quota holds until its bytes are used", "[console][nft][object]") {
  Desk desk;
  desk.out("nft 'table ip t { chain c { type filter hook input priority 0; quota over 100 bytes drop\n } }'");
  CHECK(answered(desk, 5) == 2);  // 48, 96, and beyond
  CHECK(desk.out("nft list chain t c").find("quota over 100 bytes used 100 bytes drop\n") != std::string::npos);
  desk.out("nft 'flush chain t c; add rule t c quota over 96 bytes drop'");
  CHECK(answered(desk, 5) == 1);  // the last byte is beyond
  desk.out("nft 'flush chain t c; add chain t c { policy drop; }; add rule t c quota 100 bytes accept'");
  CHECK(answered(desk, 5) == 2);
  desk.out("nft 'flush chain t c; add quota t q { 60 bytes; }; add rule t c quota name q accept'");
  CHECK(answered(desk, 3) == 1);
  CHECK(desk.out("nft reset quotas") == in_table("\tquota q {\n\t\t60 bytes used 60 bytes\n\t}\n"));
  CHECK(answered(desk, 3) == 1);
  desk.out("nft add quota t q 300 bytes");
  CHECK(answered(desk, 9) == 3);  // 144 were used
}
