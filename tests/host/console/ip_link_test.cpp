// SPDX-License-Identifier: Apache-2.0
// ip link, ip addr and ip neigh: what iproute2 6.1 prints of such a machine.
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

namespace {

constexpr const char* kLo =
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65535 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n"
    "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n";

}  // namespace

TEST_CASE("ip link shows interfaces", "[console][ip]") {
  Desk desk;
  const std::string eth0 =
      "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP mode DEFAULT group default qlen "
      "1000\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n";
  CHECK(desk.out("ip link") == kLo + eth0);
  CHECK(desk.out("ip l show eth0") == eth0);
  CHECK(desk.out("ip link list dev lo") == kLo);
  std::string one = eth0;
  one.replace(one.find('\n'), 1, "\\");
  CHECK(desk.out("ip -o link show eth0") == one);
  CHECK(desk.out("ip -br link") ==
        "lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> \n"
        "eth0             UP             02:00:00:00:00:01 <BROADCAST,MULTICAST,UP,LOWER_UP> \n");
  CHECK(desk.out("ip -j link show dev eth0") ==
        R"([{"ifindex":2,"ifname":"eth0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,)"
        R"("qdisc":"pfifo_fast","operstate":"UP","linkmode":"DEFAULT","group":"default","txqlen":1000,)"
        R"("link_type":"ether","address":"02:00:00:00:00:01","broadcast":"ff:ff:ff:ff:ff:ff"}])"
        "\n");
  CHECK(desk.out("ip -j -p -br link show lo") ==
        "[ {\n        \"ifname\": \"lo\",\n        \"operstate\": \"UNKNOWN\",\n"
        "        \"address\": \"00:00:00:00:00:00\",\n        \"flags\": [ \"LOOPBACK\",\"UP\",\"LOWER_UP\" ]\n    } "
        "]\n");
}

TEST_CASE("ip -s link counts in columns as wide as their numbers", "[console][ip]") {
  Desk desk;
  auto& stats = desk.station().nic.device().stats();
  stats = {.rx_packets = 6, .tx_packets = 5, .rx_bytes = 516, .tx_bytes = 426};
  const std::string head = desk.out("ip link show eth0");
  CHECK(desk.out("ip -s link show eth0") == head +
                                                "    RX:  bytes packets errors dropped  missed   mcast           \n"
                                                "           516       6      0       0       0       0 \n"
                                                "    TX:  bytes packets errors dropped carrier collsns           \n"
                                                "           426       5      0       0       0       0 \n");
  stats.rx_bytes = 123'456'789'012;
  CHECK(desk.out("ip -s -s link show eth0") ==
        head +
            "    RX:    bytes packets errors dropped  missed   mcast           \n"
            "    123456789012       6      0       0       0       0 \n"
            "    RX errors:    length    crc   frame    fifo overrun\n"
            "                       0      0       0       0       0 \n"
            "    TX:    bytes packets errors dropped carrier collsns           \n"
            "             426       5      0       0       0       0 \n"
            "    TX errors:   aborted   fifo  window heartbt transns\n"
            "                       0      0       0       0       0 \n");
  CHECK(desk.out("ip -s -4 addr show eth0").find("preferred_lft forever\n    RX:    bytes packets") !=
        std::string::npos);
  const std::string json = desk.out("ip -s -j link show eth0");
  CHECK(json.find(R"("stats64":{"rx":{"bytes":123456789012,"packets":6,"errors":0,"dropped":0,"over_errors":0,)"
                  R"("multicast":0},"tx":{"bytes":426,"packets":5,"errors":0,"dropped":0,"carrier_errors":0,)"
                  R"("collisions":0}}}])") != std::string::npos);
}

TEST_CASE("ip link set acts on the interface", "[console][ip]") {
  Desk desk;
  auto& dev = desk.station().nic.device();
  CHECK(desk.out("ip link set eth0 mtu 1280 txqueuelen 7").empty());
  CHECK(dev.mtu() == 1280);
  CHECK(dev.tx_queue_len() == 7);
  CHECK(desk.out("ip link set dev eth0 promisc on").empty());
  CHECK(dev.promiscuous());
  CHECK(desk.out("ip link set eth0 promisc off down").empty());
  CHECK_FALSE(dev.is_up());
  CHECK(desk.out("ip -br link show eth0") ==
        "eth0             DOWN           02:00:00:00:00:01 <BROADCAST,MULTICAST> \n");
  CHECK(desk.out("ip link show up") == kLo);
  CHECK(desk.out("ip link set eth0 up").empty());
  CHECK(dev.is_up());
}

TEST_CASE("ip's complaints about links", "[console][ip]") {
  Desk desk;
  CHECK(desk.err("ip foo", 1) == "Object \"foo\" is unknown, try \"ip help\".\n");
  CHECK(desk.err("ip", 255).starts_with("Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n"));
  CHECK(desk.err("ip -Z", 255) == "Option \"-Z\" is unknown, try \"ip -help\".\n");
  CHECK(desk.err("ip link foo", 255) == "Command \"foo\" is unknown, try \"ip link help\".\n");
  CHECK(desk.err("ip link show nosuch", 1) == "Device \"nosuch\" does not exist.\n");
  CHECK(desk.err("ip link show dev", 255) == "Command line is not complete. Try option \"help\"\n");
  CHECK(desk.err("ip link set", 255) == "Not enough information: \"dev\" argument is required.\n");
  CHECK(desk.err("ip link set nosuch up", 1) == "Cannot find device \"nosuch\"\n");
  CHECK(desk.err("ip link set eth0 mtu x", 255) == "Error: argument \"x\" is wrong: Invalid \"mtu\" value\n\n");
  CHECK(desk.err("ip link set eth0 mtu 10", 2) == "Error: mtu less than device minimum.\n");
  CHECK(desk.err("ip link set eth0 mtu 99999", 2) == "Error: mtu greater than device maximum.\n");
  CHECK(desk.err("ip link set eth0 frob", 255) == "Error: either \"dev\" is duplicate, or \"frob\" is a garbage.\n");
  CHECK(desk.err("ip link set eth0 promisc foo", 1) ==
        "Error: argument of \"promisc\" must be \"on\" or \"off\", not \"foo\"\n");
}

TEST_CASE("ip addr adds, shows and removes addresses", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip addr add 10.1.0.1/32 dev eth0").empty());
  CHECK(desk.out("ip addr show eth0") ==
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP group default qlen 1000\n"
        "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n"
        "    inet 10.0.0.1/24 scope global eth0\n       valid_lft forever preferred_lft forever\n"
        "    inet 10.1.0.1/32 scope global eth0\n       valid_lft forever preferred_lft forever\n");
  CHECK(desk.out("ip -4 addr show lo") ==
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65535 qdisc noqueue state UNKNOWN group default qlen 1000\n"
        "    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n");
  CHECK(desk.out("ip -o addr") ==
        "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"
        "2: eth0    inet 10.0.0.1/24 scope global eth0\\       valid_lft forever preferred_lft forever\n"
        "2: eth0    inet 10.1.0.1/32 scope global eth0\\       valid_lft forever preferred_lft forever\n");
  CHECK(desk.out("ip -br addr") ==
        "lo               UNKNOWN        127.0.0.1/8 \neth0             UP             10.0.0.1/24 10.1.0.1/32 \n");
  const std::string json = desk.out("ip -j addr show lo");
  CHECK(json.find(R"("addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo",)"
                  R"("valid_life_time":4294967295,"preferred_life_time":4294967295}]}])") != std::string::npos);
  CHECK(desk.out("ip -6 addr").empty());
  CHECK(desk.out("ip addr del 10.1.0.1/32 dev eth0").empty());
  CHECK(desk.out("ip addr add 10.0.0.9/24 dev eth0; ip -o addr show eth0; ip addr del 10.0.0.9/24 dev eth0")
            .find("inet 10.0.0.9/24 scope global secondary eth0\\") != std::string::npos);
  CHECK(desk.out("ip addr replace 10.0.0.1/24 dev eth0").empty());
  CHECK(desk.out("ip -br -4 a show dev eth0") == "eth0             UP             10.0.0.1/24 \n");
  CHECK(desk.out("ip addr flush dev eth0; ip -br a show eth0") == "eth0             UP             \n");
}

TEST_CASE("ip's complaints about addresses", "[console][ip]") {
  Desk desk;
  CHECK(desk.err("ip addr add 10.0.0.1/24 dev eth0", 2) == "Error: ipv4: Address already assigned.\n");
  CHECK(desk.err("ip addr add 10.0.0.3/24", 1) == "Not enough information: \"dev\" argument is required.\n");
  CHECK(desk.err("ip addr add 10.0.0.300/24 dev eth0", 1) ==
        "Error: any valid prefix is expected rather than \"10.0.0.300/24\".\n");
  CHECK(desk.err("ip addr add 10.0.0.3/33 dev eth0", 1) ==
        "Error: any valid prefix is expected rather than \"10.0.0.3/33\".\n");
  CHECK(desk.err("ip addr add 10.0.0.3/24 dev nosuch", 1) == "Cannot find device \"nosuch\"\n");
  CHECK(desk.err("ip addr del 10.0.0.77/24 dev eth0", 2) == "Error: ipv4: Address not found.\n");
  CHECK(desk.err("ip addr add 10.0.0.5 dev eth0 frob", 255) ==
        "Error: either \"local\" is duplicate, or \"frob\" is a garbage.\n");
  CHECK(desk.err("ip addr flush", 1) == "Flush requires arguments.\n");
  CHECK(desk.err("ip addr foo", 255) == "Command \"foo\" is unknown, try \"ip address help\".\n");
}

TEST_CASE("ip neigh shows whom ARP found and takes whom one names", "[console][ip]") {
  Desk desk({.stations = 2});
  CHECK(desk.out("ip neigh").empty());
  CHECK(desk.out("ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:99 dev eth0").empty());
  CHECK(desk.out("ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev eth0 nud stale").empty());
  CHECK(desk.out("ip neigh") ==
        "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:99 PERMANENT \n10.0.0.3 dev eth0 lladdr 02:00:00:00:00:03 STALE \n");
  CHECK(desk.out("ip n show dev eth0 nud stale") == "10.0.0.3 lladdr 02:00:00:00:00:03 STALE \n");
  CHECK(desk.out("ip -j neigh show 10.0.0.2") ==
        R"([{"dst":"10.0.0.2","dev":"eth0","lladdr":"02:00:00:00:00:99","state":["PERMANENT"]}])"
        "\n");
  CHECK(desk.out("cat /proc/net/arp").find("10.0.0.2         0x1         0x6         02:00:00:00:00:99") !=
        std::string::npos);
  CHECK(desk.out("ip neigh flush all; ip neigh").starts_with("10.0.0.2 dev eth0 lladdr 02:00:00:00:00:99"));
  CHECK(desk.out("ip neigh change 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0 nud reachable; ip neigh") ==
        "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 REACHABLE \n");
  CHECK(desk.out("ip neigh del 10.0.0.2 dev eth0; ip -j neigh") == "[]\n");
}

TEST_CASE("A neighbour that an administrator named is spoken to without asking, and listens to nobody",
          "[console][ip]") {
  Desk desk({.stations = 2});
  auto& station = desk.station();
  CHECK(desk.out("ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0").empty());
  std::vector<unsigned> ether_types;
  station.nic.on_wire = [&](const Frame& frame) {
    ether_types.push_back(std::to_integer<unsigned>(frame[12]) << 8 | std::to_integer<unsigned>(frame[13]));
    return true;
  };
  static_cast<void>(station.start("sender", [&](kernel::Process& self) -> kernel::Task<void> {
    auto& sockets = station.host.sockets();
    const int fd = *sockets.socket(self, socket::SocketKind::udp);
    const std::vector<std::byte> payload(10);
    const auto sent = co_await sockets.sendto(self, fd, payload, socket::SocketAddress{address_of(2), 9});
    CHECK(sent.ok());
  }));
  desk.world.run_for(kSecond);
  REQUIRE_FALSE(ether_types.empty());
  CHECK(ether_types.front() == 0x0800);
  auto& cpu = station.host.kernel().cpu(0);
  auto& table = station.host.ip().neighbours;
  table.update(cpu, station.nic.device(), address_of(2), {.mac = mac_of(7), .solicited = true, .override_mac = true});
  CHECK(desk.out("ip neigh") == "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 PERMANENT \n");
}

TEST_CASE("ip's complaints about neighbours", "[console][ip]") {
  Desk desk;
  CHECK(desk.err("ip neigh add 10.0.0.2 dev eth0", 2) == "Error: No link layer address given.\n");
  CHECK(desk.err("ip neigh add 10.0.0.2", 255) == "Device and destination are required arguments.\n");
  CHECK(desk.err("ip neigh del 10.0.0.99 dev eth0", 2) == "RTNETLINK answers: No such file or directory\n");
  CHECK(desk.err("ip neigh change 10.0.0.50 lladdr 02:00:00:00:00:02 dev eth0", 2) ==
        "RTNETLINK answers: No such file or directory\n");
  CHECK(desk.err("ip neigh add 10.0.0.3 lladdr foo dev eth0", 2) == "Error: Invalid link address.\n");
  CHECK(desk.err("ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:02 dev eth0 nud foo", 255) ==
        "Error: argument \"foo\" is wrong: nud state is bad\n");
  CHECK(desk.err("ip neigh add foo lladdr 02:00:00:00:00:02 dev eth0", 1) ==
        "Error: any valid address is expected rather than \"foo\".\n");
  CHECK(desk.err("ip neigh flush", 1) == "Flush requires arguments.\n");
  CHECK(desk.type("ip neigh replace 10.0.0.3 lladdr 02:00:00:00:00:03 dev eth0; ip neigh add 10.0.0.3 lladdr "
                  "02:00:00:00:00:03 dev eth0")
            .err == "RTNETLINK answers: File exists\n");
}

TEST_CASE("ip maddr shows groups with their stations' addresses", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip -6 maddr").empty());
  CHECK(desk.out("ip maddr") == "1:\tlo\n\tinet  224.0.0.1\n2:\teth0\n\tlink  01:00:5e:00:00:01\n\tinet  224.0.0.1\n");
  auto& host = desk.station().host;
  host.ip().igmp.join(host.kernel().cpu(0), desk.station().nic.device(), *headers::Ipv4Address::parse("239.1.2.3"));
  host.ip().igmp.join(host.kernel().cpu(0), desk.station().nic.device(), *headers::Ipv4Address::parse("239.1.2.3"));
  CHECK(desk.out("ip -j maddr show dev eth0") ==
        R"([{"ifindex":2,"ifname":"eth0","maddr":[{"link":"01:00:5e:00:00:01"},{"link":"01:00:5e:01:02:03"},)"
        R"({"family":"inet","address":"224.0.0.1"},{"family":"inet","address":"239.1.2.3","users":2}]}])"
        "\n");
  CHECK(desk.out("ip -4 maddr show eth0") == "2:\teth0\n\tinet  224.0.0.1\n\tinet  239.1.2.3 users 2\n");
  CHECK(desk.err("ip maddr show nosuch", 1) == "Cannot find device \"nosuch\"\n");
  CHECK(desk.err("ip maddr foo", 255) == "Command \"foo\" is unknown, try \"ip maddr help\".\n");
}
