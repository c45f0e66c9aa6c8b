// SPDX-License-Identifier: Apache-2.0
// tc filter: as iproute2 6.1 writes it, with the effect that it has.
#include "host/device/veth.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/console/desk.hpp"

using namespace host;
using namespace host_test;

namespace {

constexpr const char* kTalking = "We have an error talking to the kernel\n";

struct FilterDesk : Desk {
  FilterDesk() {
    CHECK(out("ip link add v0 up type veth peer name v1 address 02:00:00:00:00:01 up").empty());
    CHECK(out("tc qdisc add dev eth0 ingress").empty());
  }
  std::uint64_t received(Frame frame) {
    const auto before = station().counter("Ip.InReceives");
    station().nic.deliver(std::move(frame));
    world.run_for(kMillisecond);
    return station().counter("Ip.InReceives") - before;
  }
  std::string show() { return out("tc filter show dev eth0 ingress"); }
};

}  // namespace

TEST_CASE("tc qdisc shows where received packets are filtered", "[console][tc]") {
  Desk desk;
  CHECK(desk.out("tc qdisc add dev eth0 ingress").empty());
  CHECK(desk.out("tc qdisc show dev eth0 ingress") == "qdisc ingress ffff: parent ffff:fff1 ---------------- \n");
  CHECK(desk.err("tc qdisc add dev eth0 clsact", 2) == "Error: Exclusivity flag on, cannot modify.\n");
  CHECK(desk.out("tc -j qdisc show dev eth0")
            .ends_with(R"({"kind":"ingress","handle":"ffff:","parent":"ffff:fff1","options":{}}])"
                       "\n"));
  CHECK(desk.out("tc qdisc del dev eth0 ingress").empty());
  CHECK(desk.err("tc qdisc del dev eth0 ingress", 2) == "Error: Invalid handle.\n");
  CHECK(desk.out("tc qdisc add dev eth0 clsact").empty());
  CHECK(desk.out("tc qdisc show dev eth0").ends_with("\nqdisc clsact ffff: parent ffff:fff1 \n"));
}

TEST_CASE("tc filter prints rules of u32 as iproute2 does", "[console][tc]") {
  FilterDesk desk;
  CHECK(desk.out("tc filter add dev eth0 parent ffff: protocol ip prio 1 u32 match ip protocol 17 0xff "
                 "match ip dport 53 0xffff flowid :1 action mirred egress redirect dev v1")
            .empty());
  CHECK(
      desk.out("tc filter add dev eth0 ingress protocol ip prio 1 u32 match u32 0 0 action mirred egress mirror dev v1")
          .empty());
  CHECK(desk.out("tc filter add dev eth0 ingress protocol ipv6 u32 match ip6 dst fe80::/64 flowid 1:1").empty());
  CHECK(desk.out("tc filter add dev eth0 ingress protocol all u32 match u8 1 0xff at 9 match u16 3 0xffff at 2 action "
                 "drop")
            .empty());
  CHECK(
      desk.show() ==
      "filter protocol ip pref 1 u32 chain 0 \n"
      "filter protocol ip pref 1 u32 chain 0 fh 800: ht divisor 1 \n"
      "filter protocol ip pref 1 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 *flowid :1 not_in_hw \n"
      "  match 00110000/00ff0000 at 8\n"
      "  match 00000035/0000ffff at 20\n"
      "\taction order 1: mirred (Egress Redirect to device v1) stolen\n"
      "\tindex 1 ref 1 bind 1\n\n"
      "filter protocol ip pref 1 u32 chain 0 fh 800::801 order 2049 key ht 800 bkt 0 terminal flowid not_in_hw \n"
      "  match 00000000/00000000 at 0\n"
      "\taction order 1: mirred (Egress Mirror to device v1) pipe\n"
      "\tindex 2 ref 1 bind 1\n\n"
      "filter protocol all pref 49151 u32 chain 0 \n"
      "filter protocol all pref 49151 u32 chain 0 fh 801: ht divisor 1 \n"
      "filter protocol all pref 49151 u32 chain 0 fh 801::800 order 2048 key ht 801 bkt 0 terminal flowid not_in_hw \n"
      "  match 00010000/00ff0000 at 8\n"
      "  match 00000003/0000ffff at 0\n"
      "\taction order 1: gact action drop\n"
      "\t random type none pass val 0\n"
      "\t index 3 ref 1 bind 1\n\n"
      "filter protocol ipv6 pref 49152 u32 chain 0 \n"
      "filter protocol ipv6 pref 49152 u32 chain 0 fh 802: ht divisor 1 \n"
      "filter protocol ipv6 pref 49152 u32 chain 0 fh 802::800 order 2048 key ht 802 bkt 0 *flowid 1:1 not_in_hw \n"
      "  match fe800000/ffffffff at 24\n"
      "  match 00000000/ffffffff at 28\n");
  CHECK(
      desk.out("tc -j filter show dev eth0 ingress")
          .starts_with(
              R"([{"protocol":"ip","pref":1,"kind":"u32","chain":0},{"protocol":"ip","pref":1,"kind":"u32","chain":0,)"
              R"("options":{"fh":"800:","ht_divisor":1}},{"protocol":"ip","pref":1,"kind":"u32","chain":0,"options":)"
              R"({"fh":"800::800","order":2048,"key_ht":"800","bkt":"0","flowid":":1","not_in_hw":true,"match":)"
              R"({"value":"110000","mask":"ff0000","offmask":"","off":8},"match":{"value":"35","mask":"ffff",)"
              R"("offmask":"","off":20},"actions":[{"order":1,"kind":"mirred","mirred_action":"redirect","direction":)"
              R"("egress","to_dev":"v1","control_action":{"type":"stolen"},"index":1,"ref":1,"bind":1}]}},)"));
  CHECK(desk.out("tc filter del dev eth0 ingress prio 1").empty());
  CHECK(desk.show().find("pref 1 ") == std::string::npos);
  CHECK(desk.out("tc filter del dev eth0 ingress").empty());
  CHECK(desk.show().empty());
}

TEST_CASE("tc filter drops, redirects and polices what comes in", "[console][tc]") {
  FilterDesk desk;
  auto& there = *desk.station().host.net().device_by_name("v1");
  CHECK(desk.out("tc filter add dev eth0 ingress protocol ip prio 1 u32 match ip dport 53 0xffff action drop").empty());
  CHECK(desk.received(udp_frame(4000, 53, 10)) == 0);
  CHECK(desk.received(udp_frame(4000, 54, 10)) == 1);
  CHECK(desk.station().counter("drop.tc_ingress") == 1);
  CHECK(desk.out("tc -s filter show dev eth0 ingress")
            .ends_with("\t index 1 ref 1 bind 1\n\tAction statistics:\n\tSent 60 bytes 1 pkt (dropped 1, overlimits 0 "
                       "requeues 0) \n\tbacklog 0b 0p requeues 0\n\n"));
  CHECK(desk.out("tc filter replace dev eth0 ingress protocol ip prio 1 u32 match ip src 10.0.0.0/24 "
                 "action mirred egress redirect dev v0")
            .empty());
  CHECK(desk.received(udp_frame(4000, 53, 10)) == 1);  // by v1
  CHECK(there.stats().rx_packets == 1);
  CHECK(desk.out("tc filter del dev eth0 ingress prio 1").empty());
  CHECK(desk.out("tc filter add dev eth0 ingress matchall action police rate 80kbit burst 100 conform-exceed drop")
            .empty());
  CHECK(desk.show() ==
        "filter protocol all pref 49152 matchall chain 0 \n"
        "filter protocol all pref 49152 matchall chain 0 handle 0x1 \n"
        "  not_in_hw\n"
        "\taction order 1:  police 0x3 rate 80Kbit burst 100b mtu 2Kb action drop overhead 0b \n"
        "\tref 1 bind 1 \n\n");
  CHECK(desk.received(udp_frame(4000, 53, 10)) == 1);  // 60 of 100 bytes
  CHECK(desk.received(udp_frame(4000, 53, 10)) == 0);
  desk.world.run_for(10 * kMillisecond);  // 100 bytes more
  CHECK(desk.received(udp_frame(4000, 53, 10)) == 1);
  CHECK(desk.out("tc filter del dev eth0 ingress").empty());
  CHECK(desk.out("tc filter add dev eth0 ingress prio 5 bpf bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 65535,6 0 0 0' "
                 "action drop")
            .empty());
  CHECK(desk.show().find("handle 0x1 bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 65535,6 0 0 0' not_in_hw \n\taction order "
                         "1: gact action drop\n") != std::string::npos);
  CHECK(desk.received(udp_frame(4000, 53, 10)) == 0);
}

TEST_CASE("tc filter drops, redirects and polices what is sent", "[console][tc]") {
  Desk desk;
  CHECK(desk.out("ip link add v0 up type veth peer name v1 up").empty());
  const std::string add = "tc filter add dev eth0 egress ";
  CHECK(desk.err(add + "matchall action drop", 2) == std::string("Error: Parent Qdisc doesn't exists.\n") + kTalking);
  CHECK(desk.out("tc qdisc add dev eth0 clsact").empty());
  CHECK(desk.out(add + "protocol ip prio 1 u32 match ip dport 53 0xffff action drop").empty());
  const auto sent = [&](const std::string& port) {
    desk.station().nic.deliver(introduction(2));
    desk.world.run_for(kMillisecond);
    static_cast<void>(desk.station().nic.take_sent());
    static_cast<void>(desk.station().start("sender", [&](kernel::Process& self) -> kernel::Task<void> {
      auto& sockets = desk.station().host.sockets();
      const int fd = *sockets.socket(self, socket::SocketKind::udp);
      const std::vector<std::byte> data(10);
      static_cast<void>(co_await sockets.sendto(
          self, fd, data, socket::SocketAddress{address_of(2), static_cast<std::uint16_t>(std::stoi(port))}));
      static_cast<void>(sockets.close(self, fd));
    }));
    desk.world.run_for(kMillisecond);
    return desk.station().nic.take_sent().size();
  };
  CHECK(sent("53") == 0);
  CHECK(sent("54") == 1);
  CHECK(desk.station().counter("drop.tc_egress") == 1);
  CHECK(desk.out("tc -s filter show dev eth0 egress") ==
        "filter protocol ip pref 1 u32 chain 0 \n"
        "filter protocol ip pref 1 u32 chain 0 fh 800: ht divisor 1 \n"
        "filter protocol ip pref 1 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 terminal flowid not_in_hw \n"
        "  match 00000035/0000ffff at 20\n"
        "\taction order 1: gact action drop\n"
        "\t random type none pass val 0\n"
        "\t index 1 ref 1 bind 1\n\tAction statistics:\n\tSent 52 bytes 1 pkt (dropped 1, overlimits 0 "
        "requeues 0) \n\tbacklog 0b 0p requeues 0\n\n");
  CHECK(desk.out("tc filter show dev eth0 ingress").empty());
  CHECK(desk.out("tc -s qdisc show dev eth0 clsact").find(" Sent 52 bytes 1 pkt (dropped 1,") != std::string::npos);
  CHECK(desk.out("tc filter replace dev eth0 parent ffff:fff3 protocol ip prio 1 u32 match ip dst 10.0.0.0/24 "
                 "action mirred egress redirect dev v0")
            .empty());
  const auto before = desk.station().host.net().device_by_name("v1")->stats().rx_packets;
  CHECK(sent("54") == 0);
  CHECK(desk.station().host.net().device_by_name("v1")->stats().rx_packets == before + 1);
  CHECK(desk.out("tc filter del dev eth0 egress prio 1").empty());
  CHECK(desk.out(add + "protocol ip matchall action police rate 80kbit burst 60 conform-exceed drop").empty());
  CHECK(sent("54") == 1);  // 52 of 60 bytes
  CHECK(sent("54") == 0);
  // They go with the qdisc.
  CHECK(desk.out("tc qdisc del dev eth0 clsact").empty());
  CHECK(sent("54") == 1);
  CHECK(desk.out("tc filter show dev eth0 egress").empty());
  // The qdisc `ingress` has one list.
  CHECK(desk.out("tc qdisc add dev eth0 ingress").empty());
  CHECK(desk.out(add + "protocol ip matchall action drop").empty());
  CHECK(sent("54") == 1);
  CHECK(desk.out("tc filter show dev eth0 ingress").find("matchall") != std::string::npos);
  CHECK(desk.out("tc filter show dev eth0 egress").find("matchall") != std::string::npos);
}

TEST_CASE("tc's rules go with their qdisc", "[console][tc]") {
  FilterDesk desk;
  CHECK(desk.out("tc filter add dev eth0 ingress matchall action drop").empty());
  CHECK(desk.received(udp_frame(4000, 53, 10)) == 0);
  CHECK(desk.out("tc qdisc del dev eth0 ingress").empty());
  CHECK(desk.received(udp_frame(4000, 53, 10)) == 1);
  CHECK(desk.out("tc qdisc add dev eth0 clsact").empty());
  CHECK(desk.show().empty());
}

TEST_CASE("tc filter complains as iproute2 and the kernel do", "[console][tc]") {
  FilterDesk desk;
  const std::string add = "tc filter add dev eth0 ingress ";
  const auto kernel = [](const std::string& words) { return "Error: " + words + ".\n" + kTalking; };
  CHECK(desk.err(add + "protocol ip prio 1 foo", 2) == kernel("TC classifier not found"));
  CHECK(desk.err("tc filter add dev eth0 protocol ip prio 1 matchall", 2) == kernel("Qdisc not classful"));
  CHECK(desk.err("tc filter add dev v0 ingress matchall action drop", 2) == kernel("Parent Qdisc doesn't exists"));
  CHECK(desk.err("tc filter del dev eth0 ingress prio 77", 2) == kernel("Cannot find specified filter chain"));
  CHECK(desk.out(add + "protocol ip prio 3 u32 match u32 0 0 police rate 1mbit burst 10k drop flowid :1").empty());
  CHECK(desk.err("tc filter del dev eth0 ingress prio 77", 2) ==
        kernel("Filter with specified priority/protocol not found"));
  CHECK(desk.err(add + "protocol ip prio 3 matchall action drop", 2) ==
        kernel("Specified filter kind does not match existing one"));
  CHECK(desk.err(add + "protocol ip prio 0 matchall", 2) == kernel("Invalid filter command with priority of zero"));
  CHECK(desk.err(add + "protocol ip prio 1", 2) == kernel("Filter kind and protocol must be specified"));
  CHECK(desk.err(add + "prio x matchall", 255) == "Error: argument \"x\" is wrong: invalid priority value\n");
  CHECK(desk.err(add + "protocol foo matchall", 255) == "Error: argument \"foo\" is wrong: invalid protocol\n");
  CHECK(desk.err(add + "matchall foo", 1).starts_with("What is \"foo\"?\nUsage: ... matchall "));
  CHECK(desk.err(add + "u32 foo", 1).starts_with("What is \"foo\"?\nUsage: ... u32 "));
  for (const char* selector : {"ip foo 1", "ip dst 10.0.0.x", "ip dst", "foo", "u8 1 0x1ff at 3", "u16 1 1 at 3",
                               "u32 5", "ip dport 99999 0xffff", "ip6 src 1.2.3.4", "ip dst 1.2.3.4/33", ""}) {
    CHECK(desk.err(add + "protocol ip u32 match " + selector, 1) == "Illegal \"match\"\n");
  }
  CHECK(desk.err("tc filter add dev nosuch ingress matchall", 1) == "Cannot find device \"nosuch\"\n");
  CHECK(desk.err("tc filter add ingress matchall", 2) == std::string("RTNETLINK answers: No such device\n") + kTalking);
  CHECK(desk.err(add + "matchall action mirred egress redirect dev nosuch", 1) ==
        "Cannot find device \"nosuch\"\nbad action parsing\nparse_action: bad value (5:mirred)!\nIllegal \"action\"\n");
  CHECK(desk.err(add + "matchall action foo", 255).starts_with("Bad action type foo\nUsage: ... gact <ACTION>"));
  CHECK(desk.err(add + "u32 match u32 0 0 police rate x", 255) == "Error: argument \"x\" is wrong: rate\n");
  CHECK(desk.err(add + "bpf action drop", 1).starts_with("No bytecode found.\n"));
  CHECK(desk.err(add + "bpf bytecode '1,6 0 0'", 1).starts_with("Error: Invalid bytecode\n"));
  CHECK(desk.err(add + "bpf bytecode '1,5 0 0 9'", 2).starts_with("RTNETLINK answers: Invalid argument\n"));
  CHECK(desk.err("tc filter foo", 255) == "Command \"foo\" is unknown, try \"tc filter help\".\n");
  CHECK(desk.err("tc filter show dev nosuch", 1) == "Cannot find device \"nosuch\"\n");
}
