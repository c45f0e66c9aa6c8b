// SPDX-License-Identifier: Apache-2.0
// ip route: what iproute2 6.1 prints and says of such tables.
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

TEST_CASE("ip route shows what was added", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip route add default via 10.0.0.2; ip route add 10.5.0.0/16 via 10.0.0.3 metric 10;"
                 "ip route add 10.6.0.0/16 dev eth0 src 10.0.0.1 mtu 1400; ip route add blackhole 10.7/16;"
                 "ip r a unreachable 10.8.0.0/16 metric 5")
            .empty());
  CHECK(desk.out("ip route") ==
        "default via 10.0.0.2 dev eth0 \n"
        "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 \n"
        "10.5.0.0/16 via 10.0.0.3 dev eth0 metric 10 \n"
        "10.6.0.0/16 dev eth0 scope link src 10.0.0.1 mtu 1400 \n"
        "blackhole 10.7.0.0/16 \n"
        "unreachable 10.8.0.0/16 metric 5 \n");
  CHECK(desk.out("ip -j route") ==
        R"([{"dst":"default","gateway":"10.0.0.2","dev":"eth0","flags":[]},)"
        R"({"dst":"10.0.0.0/24","dev":"eth0","protocol":"kernel","scope":"link","prefsrc":"10.0.0.1","flags":[]},)"
        R"({"dst":"10.5.0.0/16","gateway":"10.0.0.3","dev":"eth0","metric":10,"flags":[]},)"
        R"({"dst":"10.6.0.0/16","dev":"eth0","scope":"link","prefsrc":"10.0.0.1","flags":[],"metrics":[{"mtu":1400}]},)"
        R"({"type":"blackhole","dst":"10.7.0.0/16","flags":[]},)"
        R"({"type":"unreachable","dst":"10.8.0.0/16","metric":5,"flags":[]}])"
        "\n");
  CHECK(desk.out("ip route show 10.5.0.0/16") == "10.5.0.0/16 via 10.0.0.3 dev eth0 metric 10 \n");
  CHECK(desk.out("ip route show dev eth0 scope link") ==
        "10.0.0.0/24 proto kernel scope link src 10.0.0.1 \n10.6.0.0/16 scope link src 10.0.0.1 mtu 1400 \n");
  CHECK(desk.out("ip route show match 10.5.1.0/24") ==
        "default via 10.0.0.2 dev eth0 \n10.5.0.0/16 via 10.0.0.3 dev eth0 metric 10 \n");
  CHECK(desk.out("ip route show root 10.6.0.0/15 type blackhole") == "blackhole 10.7.0.0/16 \n");
  CHECK(desk.out("ip route show table local") ==
        "local 10.0.0.1 dev eth0 proto kernel scope host src 10.0.0.1 \n"
        "broadcast 10.0.0.255 dev eth0 proto kernel scope link src 10.0.0.1 \n"
        "local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1 \n"
        "local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1 \n"
        "broadcast 127.255.255.255 dev lo proto kernel scope link src 127.0.0.1 \n");
  CHECK(desk.out("ip route show table all").find("local 10.0.0.1 dev eth0 table local proto kernel scope host") !=
        std::string::npos);
}

TEST_CASE("ip route changes, replaces, removes and flushes", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip route add 10.5.0.0/16 via 10.0.0.3; ip route change 10.5.0.0/16 via 10.0.0.4;"
                 "ip route replace 10.6.0.0/16 via 10.0.0.4; ip route show root 10.0.0.0/8")
            .find("10.5.0.0/16 via 10.0.0.4 dev eth0 \n10.6.0.0/16 via 10.0.0.4 dev eth0 \n") != std::string::npos);
  CHECK(desk.out("ip route del 10.5.0.0/16; ip route show 10.5.0.0/16").empty());
  CHECK(desk.out("ip route add 10.7.0.0/16 dev eth0 table 77; ip route show table 77") ==
        "10.7.0.0/16 dev eth0 scope link \n");
  CHECK(desk.out("ip route flush table 77; ip route show table 77").empty());
  CHECK(desk.out("ip route flush root 10.6.0.0/16; ip route") ==
        "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 \n");
}

TEST_CASE("ip route get asks the tables", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip route add default via 10.0.0.2").empty());
  CHECK(desk.out("ip route get 10.9.9.9") == "10.9.9.9 via 10.0.0.2 dev eth0 src 10.0.0.1 uid 0 \n    cache \n");
  CHECK(desk.out("ip route get 10.0.0.5") == "10.0.0.5 dev eth0 src 10.0.0.1 uid 0 \n    cache \n");
  CHECK(desk.out("ip route get 127.0.0.1") == "local 127.0.0.1 dev lo src 127.0.0.1 uid 0 \n    cache <local> \n");
  CHECK(desk.out("ip -j route get 10.9.9.9") ==
        R"([{"dst":"10.9.9.9","gateway":"10.0.0.2","dev":"eth0","prefsrc":"10.0.0.1","flags":[],"uid":0,"cache":[]}])"
        "\n");
}

TEST_CASE("ip's complaints about routes", "[console][ip]") {
  Desk desk;
  CHECK(desk.err("ip route add default", 2) == "RTNETLINK answers: No such device\n");
  CHECK(desk.err("ip route add 10.9.0.0/16 via 192.168.1.1", 2) == "Error: Nexthop has invalid gateway.\n");
  CHECK(desk.err("ip route add 10.9.0.0/16 dev nosuch", 1) == "Cannot find device \"nosuch\"\n");
  CHECK(desk.err("ip route add 10.9.0.1/16 dev eth0", 2) == "Error: Invalid prefix for given prefix length.\n");
  CHECK(desk.err("ip route add 10.0.0.0/24 dev eth0", 2) == "RTNETLINK answers: File exists\n");
  CHECK(desk.err("ip route del 10.99.0.0/16", 2) == "RTNETLINK answers: No such process\n");
  CHECK(desk.err("ip route change 10.88.0.0/16 dev eth0", 2) == "RTNETLINK answers: No such file or directory\n");
  CHECK(desk.err("ip route add foo", 1) == "Error: any valid prefix is expected rather than \"foo\".\n");
  CHECK(desk.err("ip route add 10.9.0.0/16 via", 255) == "Command line is not complete. Try option \"help\"\n");
  CHECK(desk.err("ip route add 10.9.0.0/16 via foo", 1) == "Error: inet address is expected rather than \"foo\".\n");
  CHECK(desk.err("ip route add 10.10.0.0/16 dev eth0 metric x", 255) ==
        "Error: argument \"x\" is wrong: \"metric\" value is invalid\n\n");
  CHECK(desk.err("ip route add 10.10.0.0/16 dev eth0 frob", 255) ==
        "Error: either \"to\" is duplicate, or \"frob\" is a garbage.\n");
  CHECK(desk.err("ip route add 10.9.0.0/16 src 1.2.3.4 dev eth0", 2) == "Error: Invalid prefsrc address.\n");
  CHECK(desk.err("ip route get", 1) == "need at least a destination address\n");
  CHECK(desk.err("ip route get 8.8.8.8", 2) == "RTNETLINK answers: Network is unreachable\n");
  CHECK(desk.err("ip route add unreachable 10.11.0.0/16; ip route get 10.11.0.1", 2) ==
        "RTNETLINK answers: No route to host\n");
  CHECK(desk.err("ip route add blackhole 10.12.0.0/16; ip route get 10.12.0.1", 2) ==
        "RTNETLINK answers: Invalid argument\n");
  CHECK(desk.err("ip route add prohibit 10.13.0.0/16; ip route get 10.13.0.1", 2) ==
        "RTNETLINK answers: Permission denied\n");
  CHECK(desk.err("ip route show table foo", 255) == "Error: argument \"foo\" is wrong: table id value is invalid\n\n");
  CHECK(desk.err("ip route show table 77", 2) == "Error: ipv4: FIB table does not exist.\nDump terminated\n");
  CHECK(desk.err("ip route flush", 1) == "\"ip route flush\" requires arguments.\n");
  CHECK(desk.err("ip route foo", 255) == "Command \"foo\" is unknown, try \"ip route help\".\n");
}

TEST_CASE("ip rule chooses tables", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip rule") ==
        "0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n");
  CHECK(
      desk.out("ip rule add from 10.0.0.0/24 to 10.1.0.1 fwmark 0x1/0xff iif eth0 table 77;"
               "ip rule add blackhole from 10.9.0.0/16 priority 100; ip ru add oif eth1 lookup main tos 0x10 pref 200")
          .empty());
  CHECK(desk.out("ip rule") ==
        "0:\tfrom all lookup local\n"
        "100:\tfrom 10.9.0.0/16 blackhole\n"
        "200:\tfrom all tos 0x10 oif eth1 lookup main\n"
        "32765:\tfrom 10.0.0.0/24 to 10.1.0.1 fwmark 0x1/0xff iif eth0 lookup 77\n"
        "32766:\tfrom all lookup main\n"
        "32767:\tfrom all lookup default\n");
  CHECK(desk.out("ip -j rule show table 77") ==
        R"([{"priority":32765,"src":"10.0.0.0","srclen":24,"dst":"10.1.0.1","fwmark":"0x1","fwmask":"0xff",)"
        R"("iif":"eth0","table":"77"}])"
        "\n");
  CHECK(desk.out("ip rule show pref 200") == "200:\tfrom all tos 0x10 oif eth1 lookup main\n");
  CHECK(desk.err("ip rule add blackhole from 10.9.0.0/16 priority 100", 2) == "RTNETLINK answers: File exists\n");
  CHECK(desk.err("ip route get 8.8.8.8 from 10.9.0.1", 2) == "RTNETLINK answers: Invalid argument\n");
  CHECK(desk.out("ip rule del from 10.9.0.0/16").empty());
  CHECK(desk.err("ip rule del pref 100", 2) == "RTNETLINK answers: No such file or directory\n");
  CHECK(desk.err("ip rule add", 1) == "\"ip rule add\" requires arguments.\n");
  CHECK(desk.err("ip rule add table foo", 255) == "Error: argument \"foo\" is wrong: invalid table ID\n\n");
  CHECK(desk.err("ip rule add fwmark x table 5", 255) == "Error: argument \"x\" is wrong: fwmark value is invalid\n\n");
  CHECK(desk.err("ip rule add from 1.2.3.4 frob", 255) ==
        "Error: argument \"frob\" is wrong: Failed to parse rule type\n");
  CHECK(desk.err("ip rule foo", 255) == "Command \"foo\" is unknown, try \"ip rule help\".\n");
}
