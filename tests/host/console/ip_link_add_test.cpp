// SPDX-License-Identifier: Apache-2.0
// ip link add, ip link del, ip -d link: what iproute2 6.1 prints of such a machine.
#include "tests/host/apps/packets.hpp"
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

namespace {

constexpr const char* kGso =
    "gso_max_size 65536 gso_max_segs 65535 tso_max_size 65536 tso_max_segs 65535 gro_max_size 65536 \n";

/// The name and flags of an interface's first line.
std::string head_of(Desk& desk, const std::string& name) {
  const std::string line = desk.out("ip link show " + name);
  return line.substr(line.find(' ') + 1, line.find('>') - line.find(' '));
}

}  // namespace

TEST_CASE("ip link add makes a pair that carries what one end sends", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip link add v0 address 02:00:00:00:0a:01 type veth peer name v1 address 02:00:00:00:0a:02").empty());
  CHECK(head_of(desk, "v0") == "v0@v1: <BROADCAST,MULTICAST,M-DOWN>");
  CHECK(desk.out("ip link set v0 up").empty());
  CHECK(head_of(desk, "v0") == "v0@v1: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN>");
  CHECK(desk.out("ip link show v0").find("qdisc noqueue state LOWERLAYERDOWN ") != std::string::npos);
  CHECK(desk.out("ip link set v1 up").empty());
  CHECK(desk.out("ip link show v1") ==
        "4: v1@v0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen "
        "1000\n    link/ether 02:00:00:00:0a:02 brd ff:ff:ff:ff:ff:ff\n");
  CHECK(desk.out("ip -br link show v1") ==
        "v1@v0            UP             02:00:00:00:0a:02 <BROADCAST,MULTICAST,UP,LOWER_UP> \n");
  CHECK(desk.out("ip -j link show v1").starts_with(R"([{"ifindex":4,"link":"v0","ifname":"v1",)"));
  CHECK(desk.out("ip -d link show v0")
            .find(std::string(" promiscuity 0  allmulti 0 minmtu 68 maxmtu 1500 \n"
                              "    veth addrgenmode eui64 numtxqueues 1 numrxqueues 1 ") +
                  kGso) != std::string::npos);
  CHECK(desk.out("ip addr add 10.5.0.1/24 dev v0; ip neigh add 10.5.0.9 lladdr 02:00:00:00:0a:02 dev v0").empty());
  static_cast<void>(desk.type("ping -c 1 -W 0.01 10.5.0.9"));
  auto& there = *desk.station().host.net().device_by_name("v1");
  CHECK(there.stats().rx_packets == 1);
  CHECK(desk.out("cat /sys/class/net/v0/iflink") == "4\n");
  CHECK(desk.out("ip link del v1").empty());  // and its peer
  CHECK(desk.err("ip link show v0", 1) == "Device \"v0\" does not exist.\n");
  CHECK(desk.out("ip addr").find("10.5.0.1") == std::string::npos);
}

TEST_CASE("A VLAN goes down and up with its interface, as /sys shows", "[console][ip][vlan]") {
  Desk desk;
  const auto counts = [&](const std::string& name) {
    const std::string folder = "/sys/class/net/" + name;
    return desk.out("cat " + folder + "/carrier_changes " + folder + "/carrier_up_count " + folder +
                    "/carrier_down_count");
  };
  CHECK(desk.out("ip link add v0 type veth peer name v1; ip link add link v0 name v0.5 type vlan id 5").empty());
  CHECK(desk.err("ip link set v0.5 up", 2) == "RTNETLINK answers: Network is down\n");
  CHECK(counts("v0") == "1\n0\n1\n");
  CHECK(counts("v0.5") == "0\n0\n0\n");
  CHECK(desk.out("ip link set v0 up").empty());
  CHECK(head_of(desk, "v0.5") == "v0.5@v0: <NO-CARRIER,BROADCAST,MULTICAST,UP>");
  CHECK(desk.out("ip link show v0.5").find("state LOWERLAYERDOWN") != std::string::npos);
  CHECK(desk.out("cat /sys/class/net/v0.5/operstate /sys/class/net/v0.5/carrier") == "lowerlayerdown\n0\n");
  CHECK(desk.out("ip link set v1 up").empty());
  CHECK(head_of(desk, "v0.5") == "v0.5@v0: <BROADCAST,MULTICAST,UP,LOWER_UP>");
  CHECK(counts("v0") == "2\n1\n1\n");
  CHECK(counts("v0.5") == "1\n1\n0\n");
  CHECK(desk.out("ip link set v1 down").empty());
  CHECK(counts("v0.5") == "2\n1\n1\n");
  CHECK(desk.out("ip link set v0 down").empty());
  CHECK(head_of(desk, "v0.5") == "v0.5@v0: <BROADCAST,MULTICAST,M-DOWN>");
  CHECK(desk.out("ip -s -s link show v0").find("heartbt transns\n") != std::string::npos);
  CHECK(desk.out("ip -s -s link show v0").ends_with("      0       3 \n"));
  CHECK(desk.out("ip -s -s -j link show v0").find(R"("carrier_changes":3)") != std::string::npos);
}

TEST_CASE("A VLAN's MTU is bounded by its interface's", "[console][ip][vlan]") {
  Desk desk;
  CHECK(desk.out("ip link add link eth0 name eth0.5 type vlan id 5").empty());
  CHECK(desk.err("ip link set eth0.5 mtu 1501", 2) == "RTNETLINK answers: Numerical result out of range\n");
  CHECK(desk.err("ip link set eth0.5 mtu 70000", 2) == "Error: mtu greater than device maximum.\n");
  CHECK(desk.err("ip link add link eth0 name eth0.6 mtu 1501 type vlan id 6", 2) ==
        "RTNETLINK answers: Invalid argument\n");
  CHECK(desk.err("ip link show eth0.6", 1) == "Device \"eth0.6\" does not exist.\n");
  CHECK(desk.out("ip link set eth0 mtu 1400; cat /sys/class/net/eth0.5/mtu") == "1400\n");
  CHECK(desk.err("echo 1401 > /sys/class/net/eth0.5/mtu", 1) ==
        "bash: echo: write error: Numerical result out of range\n");
}

TEST_CASE("ip link add makes VLANs over an interface", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip link add link eth0 name eth0.5 type vlan id 5").empty());
  CHECK(head_of(desk, "eth0.5") == "eth0.5@eth0: <BROADCAST,MULTICAST>");
  CHECK(desk.out("ip -d link show eth0.5").find("\n    vlan protocol 802.1Q id 5 <REORDER_HDR> addrgenmode eui64 ") !=
        std::string::npos);
  CHECK(
      desk.out("ip -d -j link show eth0.5")
          .find(
              R"("linkinfo":{"info_kind":"vlan","info_data":{"protocol":"802.1Q","id":5,"flags":["REORDER_HDR"]}})") !=
      std::string::npos);
  CHECK(desk.out("ip link set eth0.5 up; ip addr add 10.6.0.1/24 dev eth0.5").empty());
  static_cast<void>(desk.station().nic.take_sent());
  static_cast<void>(desk.type("ping -c 1 -W 0.01 10.6.0.2"));
  const auto sent = desk.station().nic.take_sent();
  REQUIRE_FALSE(sent.empty());
  CHECK(std::to_integer<unsigned>(sent[0][12]) == 0x81);
  CHECK(std::to_integer<unsigned>(sent[0][15]) == 5);
  CHECK(desk.err("ip link add link eth0 name again type vlan id 5", 2) == "RTNETLINK answers: File exists\n");
  CHECK(desk.err("ip link add link eth0 name other type vlan id 5000", 2) == "Error: 8021q: Invalid VLAN id.\n");
  CHECK(desk.err("ip link add link eth0 name other type vlan", 2) == "Error: 8021q: VLAN id not specified.\n");
  CHECK(desk.err("ip link add name other type vlan id 6", 2) == "Error: 8021q: link not specified.\n");
  CHECK(desk.err("ip link add link eth9 name other type vlan id 6", 1) == "Cannot find device \"eth9\"\n");
  CHECK(desk.err("ip link add link eth0 name other type vlan id x", 255) ==
        "Error: argument \"x\" is wrong: id is invalid\n");
  CHECK(desk.err("ip link add link eth0 name other type vlan mode 3", 255)
            .starts_with("vlan: unknown command \"mode\"?\nUsage: ... vlan id VLANID\n"));
  CHECK(desk.out("ip link del eth0.5").empty());
  CHECK(desk.out("ip -br link").find("eth0.5") == std::string::npos);
}

TEST_CASE("A dummy takes what is sent without asking for anybody", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip link add type dummy").empty());
  CHECK(desk.out("ip link add d7 mtu 1400 up type dummy").empty());
  CHECK(head_of(desk, "dummy0") == "dummy0: <BROADCAST,NOARP>");
  CHECK(head_of(desk, "d7") == "d7: <BROADCAST,NOARP,UP,LOWER_UP>");
  CHECK(desk.out("ip addr add 10.7.0.1/24 dev d7").empty());
  static_cast<void>(desk.type("ping -c 3 -i 0.001 -W 0.01 10.7.0.9"));
  CHECK(desk.station().host.net().device_by_name("d7")->stats().tx_packets == 3);
  CHECK(desk.err("ip link add d7 type dummy", 2) == "RTNETLINK answers: File exists\n");
  CHECK(desk.err("ip link add d8 mtu 3 type dummy", 2) == "Error: mtu less than device minimum.\n");
  CHECK(desk.err("ip link show d8", 1) == "Device \"d8\" does not exist.\n");
  CHECK(desk.err("ip link del lo", 2) == "RTNETLINK answers: Operation not supported\n");
  CHECK(desk.err("ip link del eth0", 2) == "RTNETLINK answers: Operation not supported\n");
  CHECK(desk.err("ip link del nosuch", 1) == "Cannot find device \"nosuch\"\n");
  CHECK(desk.err("ip link add x type foo", 2) == "Error: Unknown device type.\n");
  CHECK(desk.err("ip link add all type dummy", 2) == "RTNETLINK answers: Invalid argument\n");
  CHECK(desk.err("ip link add v0 type veth peer name default", 2) == "RTNETLINK answers: Invalid argument\n");
  CHECK(desk.err("ip link show v0", 1) == "Device \"v0\" does not exist.\n");
  CHECK(desk.err("ip link add", 255) == "Not enough information: \"type\" argument is required\n");
  CHECK(desk.err("ip link add type", 255) == "Command line is not complete. Try option \"help\"\n");
  CHECK(desk.err("ip link add a-name-that-is-too-long type dummy", 255) ==
        "Error: argument \"a-name-that-is-too-long\" is wrong: \"name\" not a valid ifname\n");
}

TEST_CASE("Links that are left go with their host", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip link add v0 up type veth peer name v1 up").empty());
  CHECK(desk.out("ip link add link v0 name v0.9 up type vlan id 9; ip link add d0 up type dummy").empty());
  CHECK(desk.out("ip addr add 10.8.0.1/24 dev v0.9; ip route add 10.9.0.0/16 via 10.8.0.2").empty());
  CHECK(desk.out("ip link del v0").empty());
  CHECK(desk.out("ip route").find("10.8") == std::string::npos);
  CHECK(desk.out("ip -br link").find("v0.9") == std::string::npos);
}

TEST_CASE("ip link set changes addresses and flags", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip link set eth0 address 02:00:00:00:00:77 allmulticast on multicast off arp off").empty());
  const std::string shown = desk.out("ip link show eth0");
  CHECK(shown.find("eth0: <BROADCAST,NOARP,ALLMULTI,UP,LOWER_UP>") != std::string::npos);
  CHECK(shown.find("link/ether 02:00:00:00:00:77 ") != std::string::npos);
  CHECK(desk.out("cat /sys/class/net/eth0/flags") == "0x283\n");
  CHECK(desk.out("ip link set eth0 allmulticast off multicast on arp on").empty());
  CHECK(desk.out("cat /sys/class/net/eth0/flags") == "0x1003\n");
  CHECK(desk.err("ip link set eth0 address 02:zz:1", 1) == "\"zz\" is invalid lladdr.\n");
  CHECK(desk.err("ip link set eth0 address 02:00", 1) == "Invalid address length 2 - must be 6 bytes\n");
  CHECK(desk.err("ip link set eth0 address 1:2:3:4:5:6:7", 1) == "Invalid address length 7 - must be 6 bytes\n");
  CHECK(desk.err("ip link set eth0 address 02:100:0:0:0:0", 1) == "\"100\" is invalid lladdr.\n");
  CHECK(desk.err("ip link set eth0 address 01:00:5e:00:00:01", 2) ==
        "RTNETLINK answers: Cannot assign requested address\n");
  CHECK(desk.err("ip link set lo address 02:00:00:00:00:77", 2) == "RTNETLINK answers: Operation not supported\n");
}

TEST_CASE("A frame to the old address is for somebody else", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip link set eth0 address 02:00:00:00:00:77").empty());
  desk.station().nic.deliver(Frame(60, std::byte{0}));
  Frame frame(60);
  mac_of(1).store(frame, 0);
  mac_of(2).store(frame, 6);
  frame[12] = std::byte{8};
  desk.station().nic.deliver(frame);
  desk.world.run_for(kMillisecond);
  CHECK(desk.station().counter("Ip.InReceives") == 0);
  base::MacAddress{{2, 0, 0, 0, 0, 0x77}}.store(frame, 0);
  desk.station().nic.deliver(frame);
  desk.world.run_for(kMillisecond);
  CHECK(desk.station().counter("Ip.InReceives") == 1);
}

TEST_CASE("Without ARP nobody is asked and nobody is answered", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip link set eth0 arp off").empty());
  static_cast<void>(desk.station().nic.take_sent());
  static_cast<void>(desk.type("ping -c 1 -W 0.01 10.0.0.9"));
  const auto sent = desk.station().nic.take_sent();
  REQUIRE(sent.size() == 1);
  CHECK(std::to_integer<unsigned>(sent[0][13]) == 0);  // IPv4, to the interface's own address
  CHECK(base::MacAddress::load(sent[0], 0) == desk.station().nic.device().address());
  desk.station().nic.deliver(introduction(2));
  desk.world.run_for(kMillisecond);
  CHECK(desk.station().counter("drop.arp_unwanted") == 1);
  CHECK(desk.station().nic.take_sent().empty());
  CHECK(desk.out("ip link set eth0 arp on").empty());
  static_cast<void>(desk.type("ping -c 1 -W 0.01 10.0.0.9"));
  const auto asked = desk.station().nic.take_sent();
  REQUIRE_FALSE(asked.empty());
  CHECK(std::to_integer<unsigned>(asked[0][13]) == 6);
}

TEST_CASE("A VLAN with an address of its own hears what is sent to it", "[console][ip]") {
  Desk desk;
  CHECK(desk.out("ip link add link eth0 name eth0.5 address 02:00:00:00:00:55 type vlan id 5").empty());
  CHECK(desk.out("ip link set eth0.5 up").empty());
  CHECK(desk.station().nic.device().promiscuous());
  Frame frame(64);
  base::MacAddress{{2, 0, 0, 0, 0, 0x55}}.store(frame, 0);
  mac_of(2).store(frame, 6);
  frame[12] = std::byte{0x81};
  frame[15] = std::byte{5};
  frame[16] = std::byte{8};
  desk.station().nic.deliver(frame);
  desk.world.run_for(kMillisecond);
  CHECK(desk.station().counter("Ip.InReceives") == 1);
  mac_of(7).store(frame, 0);
  desk.station().nic.deliver(frame);
  desk.world.run_for(kMillisecond);
  CHECK(desk.station().counter("Ip.InReceives") == 1);
  CHECK(desk.out("ip link set eth0.5 down").empty());
  CHECK_FALSE(desk.station().nic.device().promiscuous());
}
