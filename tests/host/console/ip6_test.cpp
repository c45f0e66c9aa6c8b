// SPDX-License-Identifier: Apache-2.0
// ip over IPv6: addresses, routes, neighbours as iproute2 6.1 prints and refuses them.
#include "host/ip6/addrconf.hpp"
#include "tests/host/console/desk.hpp"
#include "tests/host/ip6/packets6.hpp"

using namespace host;
using namespace host_test;

namespace {

/// Has IPv6 and fe80::ff:fe00:1, whose duplicate detection is over.
struct Enabled : Desk {
  Enabled() {
    static_cast<void>(out("sysctl -w net.ipv6.conf.eth0.accept_ra=0"));
    static_cast<void>(out("sysctl -w net.ipv6.conf.lo.disable_ipv6=0"));
    static_cast<void>(out("sysctl -w net.ipv6.conf.eth0.disable_ipv6=0", 5 * kSecond));
  }
};

}  // namespace

TEST_CASE("ip addr adds, shows and removes addresses of IPv6", "[console][ip][ip6]") {
  Enabled desk;
  CHECK(desk.out("ip -6 addr add fd00::1/64 dev eth0", kMillisecond).empty());
  CHECK(desk.out("ip addr show dev eth0", kMillisecond)
            .find("    inet6 fd00::1/64 scope global tentative \n       valid_lft forever preferred_lft forever\n"
                  "    inet6 fe80::ff:fe00:1/64 scope link \n       valid_lft forever preferred_lft forever\n") !=
        std::string::npos);
  desk.world.run_for(5 * kSecond);
  CHECK(desk.out("ip addr add fd00::5 dev eth0", 5 * kSecond).empty());
  CHECK(desk.out("ip -6 addr") ==
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65535 state UNKNOWN qlen 1000\n"
        "    inet6 ::1/128 scope host \n       valid_lft forever preferred_lft forever\n"
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP qlen 1000\n"
        "    inet6 fd00::5/128 scope global \n       valid_lft forever preferred_lft forever\n"
        "    inet6 fd00::1/64 scope global \n       valid_lft forever preferred_lft forever\n"
        "    inet6 fe80::ff:fe00:1/64 scope link \n       valid_lft forever preferred_lft forever\n");
  CHECK(desk.out("ip -br -6 addr") ==
        "lo               UNKNOWN        ::1/128 \n"
        "eth0             UP             fd00::5/128 fd00::1/64 fe80::ff:fe00:1/64 \n");
  CHECK(desk.out("ip -o -6 addr show dev lo") ==
        "1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever\n");
  CHECK(desk.out("ip -6 -j addr show dev lo")
            .find("\"addr_info\":[{\"family\":\"inet6\",\"local\":\"::1\",\"prefixlen\":128,\"scope\":\"host\","
                  "\"valid_life_time\":4294967295,\"preferred_life_time\":4294967295}]") != std::string::npos);
  CHECK(desk.out("ip -4 addr").find("inet6") == std::string::npos);
  CHECK(desk.out("ip addr").find("    inet 10.0.0.1/24 ") != std::string::npos);

  CHECK(desk.err("ip -6 addr add fd00::1/64 dev eth0", 2) == "Error: ipv6: address already assigned.\n");
  CHECK(desk.out("ip -6 addr replace fd00::1/64 dev eth0").empty());
  CHECK(desk.err("ip addr add fd00::6/129 dev eth0", 1) ==
        "Error: any valid prefix is expected rather than \"fd00::6/129\".\n");
  CHECK(desk.err("ip -6 addr add 10.0.0.9/24 dev eth0", 1) ==
        "Error: inet6 prefix is expected rather than \"10.0.0.9/24\".\n");
  CHECK(desk.err("ip -4 addr add fd00::9/64 dev eth0", 1) ==
        "Error: inet prefix is expected rather than \"fd00::9/64\".\n");
  CHECK(desk.err("ip addr del fd00::77/64 dev eth0", 2) == "Error: ipv6: address not found.\n");
  CHECK(desk.err("ip addr del fd00::1/65 dev eth0", 2) == "Error: ipv6: address not found.\n");
  CHECK(desk.err("ip -6 addr add ff02::5/64 dev eth0", 2) ==
        "Error: ipv6: Cannot assign multicast address without \"IFA_F_MCAUTOJOIN\" flag.\n");
  CHECK(desk.out("ip addr del fd00::5/128 dev eth0").empty());
  CHECK(desk.out("ip addr").find("fd00::5") == std::string::npos);
  CHECK(desk.out("ip -6 addr flush dev eth0").empty());
  CHECK(desk.out("ip addr show dev eth0").find("inet6") == std::string::npos);
  CHECK(desk.out("ip addr show dev eth0").find("inet 10.0.0.1/24") != std::string::npos);
  Desk off;
  CHECK(off.err("ip addr add fd00::1/64 dev eth0", 2) == "Error: ipv6: IPv6 is disabled on this device.\n");
}

TEST_CASE("ip -6 route adds, shows, asks and removes", "[console][ip][ip6]") {
  Enabled desk;
  static_cast<void>(desk.out("ip addr add fd00::1/64 dev eth0", 5 * kSecond));
  for (const char* line : {"ip -6 route add 2001:db8::/32 via fd00::2", "ip route add ::/0 via fd00::2 dev eth0",
                           "ip -6 route add 2001:db8:1::/48 dev eth0", "ip -6 route add 2001:db8:2::1/48 dev eth0",
                           "ip -6 route add 2001:db8:4::/48 via fe80::9 dev eth0 metric 5"}) {
    CHECK(desk.out(line).empty());
  }
  CHECK(desk.out("ip -6 route") ==
        "2001:db8:1::/48 dev eth0 metric 1024 pref medium\n"
        "2001:db8:2::/48 dev eth0 metric 1024 pref medium\n"
        "2001:db8:4::/48 via fe80::9 dev eth0 metric 5 pref medium\n"
        "2001:db8::/32 via fd00::2 dev eth0 metric 1024 pref medium\n"
        "fd00::/64 dev eth0 proto kernel metric 256 pref medium\n"
        "fe80::/64 dev eth0 proto kernel metric 256 pref medium\n"
        "default via fd00::2 dev eth0 metric 1024 pref medium\n");
  CHECK(desk.out("ip -6 route show table local") ==
        "local ::1 dev lo table local proto kernel metric 0 pref medium\n"
        "local fd00::1 dev eth0 table local proto kernel metric 0 pref medium\n"
        "local fe80::ff:fe00:1 dev eth0 table local proto kernel metric 0 pref medium\n");
  CHECK(desk.out("ip -6 -d route show 2001:db8::/32") ==
        "unicast 2001:db8::/32 via fd00::2 dev eth0 proto boot scope global metric 1024 pref medium\n");
  CHECK(desk.out("ip -6 -j route show default") ==
        "[{\"dst\":\"default\",\"gateway\":\"fd00::2\",\"dev\":\"eth0\",\"metric\":1024,\"flags\":[],"
        "\"pref\":\"medium\"}]\n");
  CHECK(desk.out("ip -6 route list match 2001:db8:5::1") ==
        "2001:db8::/32 via fd00::2 dev eth0 metric 1024 pref medium\n"
        "default via fd00::2 dev eth0 metric 1024 pref medium\n");
  CHECK(desk.out("ip -6 route show dev lo").empty());
  CHECK(desk.out("ip -6 route show dev eth0 proto kernel") ==
        "fd00::/64 proto kernel metric 256 pref medium\nfe80::/64 proto kernel metric 256 pref medium\n");
  CHECK(desk.out("ip route get 2001:db8::1") ==
        "2001:db8::1 from :: via fd00::2 dev eth0 src fd00::1 metric 1024 pref medium\n");
  CHECK(desk.out("ip -6 route get fe80::9 oif eth0") ==
        "fe80::9 from :: dev eth0 proto kernel src fe80::ff:fe00:1 metric 256 pref medium\n");
  CHECK(desk.out("ip -6 route get fd00::1") ==
        "local fd00::1 from :: dev lo table local proto kernel src fd00::1 metric 0 pref medium\n");

  CHECK(desk.err("ip -6 route add 2001:db8::/32 via fd00::2", 2) == "RTNETLINK answers: File exists\n");
  CHECK(desk.err("ip -6 route add 2001:db8:3::/48 via 2001:dead::1", 2) == "RTNETLINK answers: No route to host\n");
  CHECK(desk.err("ip -6 route add 2001:db8:5::/48 via fe80::9", 2) == "Error: Egress device not specified.\n");
  CHECK(desk.err("ip -6 route add 2001:db8:9::/48", 2) == "RTNETLINK answers: No such device\n");
  CHECK(desk.err("ip -6 route add 10.0.0.0/8 via fd00::2", 1) ==
        "Error: inet6 prefix is expected rather than \"10.0.0.0/8\".\n");
  CHECK(desk.err("ip -6 route del 2001:db8:4::/48 metric 6", 2) == "RTNETLINK answers: No such process\n");
  CHECK(desk.out("ip -6 route del 2001:db8:4::/48 metric 5").empty());
  CHECK(desk.err("ip -6 route del 2001:db8:4::/48", 2) == "RTNETLINK answers: No such process\n");
  CHECK(desk.out("ip -6 route replace 2001:db8:1::/48 via fd00::3").empty());
  CHECK(desk.out("ip -6 route show 2001:db8:1::/48") ==
        "2001:db8:1::/48 via fd00::3 dev eth0 metric 1024 pref medium\n");
  CHECK(desk.out("ip -6 route flush root 2001:db8::/32").empty());
  CHECK(desk.out("ip -6 route del default").empty());
  CHECK(desk.err("ip -6 route get 2001:db8::1", 2) == "RTNETLINK answers: Network is unreachable\n");
}

TEST_CASE("ip maddr shows groups of both families", "[console][ip][ip6]") {
  Enabled desk;
  auto& host = desk.station().host;
  const auto group = *headers::Ipv6Address::parse("ff05::77");
  for (unsigned user = 0; user < 2; ++user) {
    host.ip6().mld.join(host.kernel().cpu(0), desk.station().nic.device(), group);
  }
  CHECK(desk.out("ip -6 maddr") ==
        "1:\tlo\n\tinet6 ff02::1\n\tinet6 ff01::1\n"
        "2:\teth0\n\tinet6 ff05::77 users 2\n\tinet6 ff02::1:ff00:1\n\tinet6 ff02::1\n\tinet6 ff01::1\n");
  CHECK(desk.out("ip maddr show dev eth0") ==
        "2:\teth0\n\tlink  01:00:5e:00:00:01\n\tlink  33:33:00:00:00:01\n\tlink  33:33:00:00:00:77\n"
        "\tlink  33:33:ff:00:00:01\n\tinet  224.0.0.1\n\tinet6 ff05::77 users 2\n\tinet6 ff02::1:ff00:1\n"
        "\tinet6 ff02::1\n\tinet6 ff01::1\n");
  CHECK(desk.out("ip -j -6 maddr show dev lo") ==
        R"([{"ifindex":1,"ifname":"lo","maddr":[{"family":"inet6","address":"ff02::1"},)"
        R"({"family":"inet6","address":"ff01::1"}]}])"
        "\n");
  CHECK(desk.out("ip -0 maddr show dev lo").empty());
}

TEST_CASE("ip neigh knows neighbours of both families", "[console][ip][ip6]") {
  Enabled desk;
  static_cast<void>(desk.out("ip addr add fd00::1/64 dev eth0", 5 * kSecond));
  CHECK(desk.out("ip -6 neigh add fd00::2 lladdr 02:00:00:00:00:02 dev eth0").empty());
  CHECK(desk.out("ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0").empty());
  CHECK(desk.out("ip neigh") ==
        "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 PERMANENT \n"
        "fd00::2 dev eth0 lladdr 02:00:00:00:00:02 PERMANENT \n");
  CHECK(desk.out("ip -4 neigh") == "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 PERMANENT \n");
  CHECK(desk.out("ip -6 -j neigh") ==
        "[{\"dst\":\"fd00::2\",\"dev\":\"eth0\",\"lladdr\":\"02:00:00:00:00:02\",\"state\":[\"PERMANENT\"]}]\n");
  CHECK(desk.out("ip -6 neigh show fd00::2 dev eth0") == "fd00::2 lladdr 02:00:00:00:00:02 PERMANENT \n");
  CHECK(desk.err("ip neigh add fd00::2 lladdr 02:00:00:00:00:02 dev eth0", 2) == "RTNETLINK answers: File exists\n");
  CHECK(desk.err("ip neigh del fd00::9 dev eth0", 2) == "RTNETLINK answers: No such file or directory\n");
  CHECK(desk.err("ip -6 neigh show 10.0.0.2", 1) == "Error: inet6 prefix is expected rather than \"10.0.0.2\".\n");
  CHECK(desk.err("ip neigh add fd00::zz lladdr 02:00:00:00:00:04 dev eth0", 1) ==
        "Error: any valid address is expected rather than \"fd00::zz\".\n");
  CHECK(desk.err("ip -6 neigh add 10.0.0.3 lladdr 02:00:00:00:00:04 dev eth0", 1) ==
        "Error: inet6 address is expected rather than \"10.0.0.3\".\n");
  CHECK(desk.out("ip neigh del fd00::2 dev eth0").empty());
  CHECK(desk.out("ip -6 neigh").empty());
  CHECK(desk.out("ip -6 neigh replace fd00::4 lladdr 02:00:00:00:00:04 dev eth0 nud stale").empty());
  CHECK(desk.out("ip -6 neigh flush dev eth0").empty());
  CHECK(desk.out("ip neigh") == "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 PERMANENT \n");
}

TEST_CASE("ip -6 rule shows the rules that are always there", "[console][ip][ip6]") {
  Desk desk;
  CHECK(desk.out("ip -6 rule") == "0:\tfrom all lookup local\n32766:\tfrom all lookup main\n");
  CHECK(desk.out("ip -6 -j rule") ==
        "[{\"priority\":0,\"src\":\"all\",\"table\":\"local\"},{\"priority\":32766,\"src\":\"all\",\"table\":\"main\"}]"
        "\n");
  CHECK(desk.err("ip -6 rule add table 5", 2) == "RTNETLINK answers: Operation not supported\n");
}
