// SPDX-License-Identifier: Apache-2.0
// tc as an administrator types it; the texts are those of iproute2 6.1 on Linux, from the same commands.
#include <catch2/catch.hpp>

#include "host/console/tc_units.hpp"
#include "tests/host/apps/test_world.hpp"

using namespace host;
using namespace host_test;
using console::Stream;

namespace {

struct TcDesk {
  World world{{.stations = 1}};
  int status = -1;

  /// What it prints on either stream; the exit status stays in `status`.
  std::string tc(const std::string& arguments) {
    std::string text;
    static_cast<void>(world[1].start("bash", [&](kernel::Process& self) -> kernel::Task<void> {
      status = co_await world[1].host.console().run(self, "tc " + arguments,
                                                    [&](Stream, std::string_view part) { text += part; });
    }));
    world.run_for(kMillisecond);
    return text;
  }
  /// Succeeds without a word.
  void does(const std::string& arguments) {
    INFO(arguments);
    CHECK(tc(arguments).empty());
    CHECK(status == 0);
  }
  void fails(const std::string& arguments, int with, const std::string& saying) {
    INFO(arguments);
    CHECK(tc(arguments) == saying);
    CHECK(status == with);
  }
  /// The line of eth0's outermost qdisc.
  std::string shown_after(const std::string& qdisc) {
    does("qdisc replace dev eth0 root handle " + std::to_string(++handle_) + ": " + qdisc);
    return tc("qdisc show dev eth0");
  }

 private:
  int handle_ = 0;
};

}  // namespace

TEST_CASE("tc shows every device's qdiscs, or one's", "[console][tc]") {
  TcDesk desk;
  CHECK(desk.tc("qdisc") ==
        "qdisc noqueue 0: dev lo root refcnt 2 \n"
        "qdisc pfifo_fast 0: dev eth0 root refcnt 2 bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1\n");
  CHECK(desk.tc("qdisc show dev lo") == "qdisc noqueue 0: root refcnt 2 \n");
  CHECK(desk.tc("-s qdisc show dev lo") ==
        "qdisc noqueue 0: root refcnt 2 \n"
        " Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0) \n"
        " backlog 0b 0p requeues 0\n");
  CHECK(desk.tc("-j qdisc show dev eth0") ==
        "[{\"kind\":\"pfifo_fast\",\"handle\":\"0:\",\"root\":true,\"refcnt\":2,\"options\":{\"bands\":3,\"priomap\":"
        "[1,2,2,2,1,2,0,0,1,1,1,1,1,1,1,1],\"multiqueue\":false}}]\n");
  CHECK(desk.tc("-s -j qdisc show dev lo") ==
        "[{\"kind\":\"noqueue\",\"handle\":\"0:\",\"root\":true,\"refcnt\":2,\"options\":{},\"bytes\":0,\"packets\":0,"
        "\"drops\":0,\"overlimits\":0,\"requeues\":0,\"backlog\":0,\"qlen\":0}]\n");
  CHECK(desk.status == 0);
}

TEST_CASE("tc sets and shows each kind's options", "[console][tc]") {
  TcDesk desk;
  CHECK(desk.shown_after("pfifo limit 10") == "qdisc pfifo 1: root refcnt 2 limit 10p\n");
  CHECK(desk.shown_after("bfifo") == "qdisc bfifo 2: root refcnt 2 limit 1514000b\n");
  CHECK(desk.shown_after("bfifo limit 10k") == "qdisc bfifo 3: root refcnt 2 limit 10Kb\n");
  CHECK(desk.shown_after("tbf rate 1mbit burst 5kb latency 70ms") ==
        "qdisc tbf 4: root refcnt 2 rate 1Mbit burst 5Kb lat 70ms \n");
  CHECK(desk.shown_after("tbf rate 1.5mbit burst 5kb limit 30000") ==
        "qdisc tbf 5: root refcnt 2 rate 1500Kbit burst 5Kb lat 133ms \n");
  CHECK(desk.shown_after("tbf rate 1mbit burst 5kb limit 10kb peakrate 2mbit minburst 1540") ==
        "qdisc tbf 6: root refcnt 2 rate 1Mbit burst 5Kb peakrate 2Mbit minburst 1540b lat 41ms \n");
  CHECK(desk.tc("-j qdisc show dev eth0") ==
        "[{\"kind\":\"tbf\",\"handle\":\"6:\",\"root\":true,\"refcnt\":2,\"options\":{\"rate\":125000,\"burst\":5120,"
        "\"minburst\":1540,\"lat\":40960}}]\n");
  CHECK(desk.shown_after("fq_codel") ==
        "qdisc fq_codel 7: root refcnt 2 limit 10240p flows 1024 quantum 1514 target 5ms interval 100ms "
        "memory_limit 32Mb ecn drop_batch 64 \n");
  CHECK(desk.shown_after("fq_codel limit 100 flows 16 target 2ms interval 20ms quantum 300 noecn memory_limit 1mb "
                         "ce_threshold 1ms drop_batch 8") ==
        "qdisc fq_codel 8: root refcnt 2 limit 100p flows 16 quantum 300 target 2ms ce_threshold 1ms interval 20ms "
        "memory_limit 1Mb drop_batch 8 \n");
  CHECK(desk.shown_after("fq maxrate 10mbit flow_limit 5 nopacing refill_delay 10ms") ==
        "qdisc fq 9: root refcnt 2 limit 10000p flow_limit 5p buckets 1024 orphan_mask 1023 nopacing quantum 3028b "
        "initial_quantum 15140b maxrate 10Mbit low_rate_threshold 550Kbit refill_delay 10ms \n");
}

TEST_CASE("tc builds a tree of classes and takes it down", "[console][tc]") {
  TcDesk desk;
  desk.does("qdisc add dev eth0 root handle 1: prio");
  desk.does("qdisc add dev eth0 parent 1:1 handle 10: pfifo limit 5");
  desk.does("qdisc add dev eth0 parent 1:2 tbf rate 1mbit burst 5kb latency 50ms");
  CHECK(desk.tc("qdisc show dev eth0") ==
        "qdisc prio 1: root refcnt 2 bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1\n"
        "qdisc pfifo 10: parent 1:1 limit 5p\n"
        "qdisc tbf 8001: parent 1:2 rate 1Mbit burst 5Kb lat 50ms \n");
  CHECK(desk.tc("qdisc show dev eth0 parent 1:1") == "qdisc pfifo 10: parent 1:1 limit 5p\n");
  CHECK(desk.tc("qdisc show dev eth0 invisible").find("qdisc pfifo 0: parent 1:3 limit 1000p\n") != std::string::npos);
  CHECK(desk.tc("class show dev eth0") ==
        "class prio 1:1 parent 1: leaf 10: \nclass prio 1:2 parent 1: leaf 8001: \nclass prio 1:3 parent 1: \n"
        "class tbf 8001:1 parent 8001: \n");
  desk.does("qdisc change dev eth0 parent 1:1 handle 10: pfifo limit 7");
  desk.does("qdisc del dev eth0 parent 1:2");
  CHECK(desk.tc("qdisc show dev eth0") ==
        "qdisc prio 1: root refcnt 2 bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1\n"
        "qdisc pfifo 10: parent 1:1 limit 7p\n");
  desk.does("qdisc del dev eth0 root");
  CHECK(desk.tc("qdisc show dev eth0").starts_with("qdisc pfifo_fast 0: root"));
}

TEST_CASE("tc's changes have effect on what is sent", "[console][tc]") {
  TcDesk desk;
  device::NetDevice& eth0 = desk.world[1].nic.device();
  desk.does("qdisc add dev eth0 root pfifo limit 2");
  eth0.stop_queue();
  auto& host = desk.world[1].host;
  const auto send = [&] {
    skb::Skb skb = host.pool().allocate(60);
    static_cast<void>(skb->put(60));
    skb->dev = &eth0;
    return host.net().dev_queue_xmit(host.kernel().cpu(0), std::move(skb)).ok();
  };
  CHECK(send());
  CHECK(send());
  CHECK_FALSE(send());
  CHECK(desk.tc("-s qdisc show dev eth0") ==
        "qdisc pfifo 8001: root refcnt 2 limit 2p\n"
        " Sent 0 bytes 0 pkt (dropped 1, overlimits 0 requeues 0) \n"
        " backlog 120b 2p requeues 0\n");
  desk.does("qdisc change dev eth0 root pfifo limit 3");
  CHECK(send());
  CHECK_FALSE(send());
  desk.does("qdisc del dev eth0 root");
  CHECK(host.kernel().drops()[base::DropReason::queue_purge] == 3);
}

TEST_CASE("tc complains as iproute2 and the kernel do", "[console][tc]") {
  TcDesk desk;
  desk.fails("qdisc del dev eth0 root", 2, "Error: Cannot delete qdisc with handle of zero.\n");
  desk.fails("qdisc add dev nope root pfifo", 1, "Cannot find device \"nope\"\n");
  desk.fails("qdisc add dev eth0 root nosuch", 2, "Error: Specified qdisc kind is unknown.\n");
  desk.fails("qdisc add dev eth0 root pfifo limit", 255, "Command line is not complete. Try option \"help\"\n");
  desk.fails("qdisc add dev eth0 root pfifo limit x", 1, "pfifo: Illegal value for \"limit\": \"x\"\n");
  desk.fails("qdisc add dev eth0 root pfifo nonsense 1", 1,
             "pfifo: unknown parameter \"nonsense\"\nUsage: ... <[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]\n");
  desk.fails("qdisc change dev eth0 root prio bands 2", 2,
             "Error: Qdisc not found. To create specify NLM_F_CREATE flag.\n");
  desk.does("qdisc add dev eth0 root pfifo");
  desk.fails("qdisc add dev eth0 root pfifo", 2, "Error: Exclusivity flag on, cannot modify.\n");
  desk.fails("qdisc add dev eth0 root handle 5: bfifo", 2, "Error: NLM_F_REPLACE needed to override.\n");
  desk.does("qdisc replace dev eth0 root handle 5: bfifo");
  desk.fails("qdisc replace dev eth0 root handle 5: pfifo", 2,
             "Error: Invalid qdisc name: must match existing qdisc.\n");
  desk.does("qdisc change dev eth0 root bfifo limit 5kb");
  CHECK(desk.tc("qdisc show dev eth0") == "qdisc bfifo 5: root refcnt 2 limit 5Kb\n");
  desk.fails("qdisc add dev eth0 parent 6:1 pfifo", 2, "Error: Failed to find specified qdisc.\n");
  desk.fails("qdisc del dev eth0 parent 6:1", 2, "Error: Failed to find qdisc with specified classid.\n");
  desk.fails("qdisc del dev eth0 root handle 7:", 2, "Error: Invalid handle.\n");
  desk.fails("qdisc replace dev eth0 root tbf rate 1mbit", 1,
             "tbf: the \"burst\" parameter is mandatory.\ntbf: either \"limit\" or \"latency\" is required.\n"
             "Usage: ... tbf limit BYTES burst BYTES[/BYTES] rate KBPS [ mtu BYTES[/BYTES] ]\n"
             "\t[ peakrate KBPS ] [ latency TIME ] [ overhead BYTES ] [ linklayer TYPE ]\n");
  desk.fails("qdisc replace dev eth0 root tbf rate foo burst 5kb limit 5kb", 1,
             "tbf: illegal value for \"rate\": \"foo\"\n");
  desk.fails("qdisc replace dev eth0 root tbf rate 1mbit burst 5kb limit 5kb latency 5ms", 1,
             "tbf: specifying both \"limit\" and \"/latency\" is not allowed\n");
  desk.fails("qdisc replace dev eth0 root tbf rate 1mbit burst 5kb limit 5kb peakrate 1mbit mtu 1600", 2,
             "RTNETLINK answers: Invalid argument\n");
  desk.fails("qdisc replace dev eth0 root fq_codel target x", 1, "Illegal \"target\"\n");
  desk.fails("qdisc replace dev eth0 root prio bands 5 priomap 9", 1, "\"priomap\" element is out of bands\n");
  desk.fails("qdisc frob", 255, "Command \"frob\" is unknown, try \"tc qdisc help\".\n");
  desk.fails("frob", 255, "Object \"frob\" is unknown, try \"tc help\".\n");
  desk.fails("qdisc add dev eth0", 2, "Error: Handle cannot be zero.\n");
  desk.fails("qdisc add root pfifo", 2, "RTNETLINK answers: No such device\n");
  desk.fails("qdisc replace dev eth0 root handle zz: pfifo", 255,
             "Error: argument \"zz:\" is wrong: invalid qdisc ID\n");
  desk.fails("qdisc replace dev eth0 parent zz pfifo", 255, "Error: argument \"zz\" is wrong: invalid parent ID\n");
  desk.fails("qdisc show dev nope", 1, "Cannot find device \"nope\"\n");
  desk.fails("qdisc show frob", 255, "What is \"frob\"? Try \"tc qdisc help\".\n");
  desk.fails("qdisc replace dev eth0 root mq", 2, "RTNETLINK answers: Operation not supported\n");
  CHECK(desk.tc("qdisc show dev eth0") == "qdisc bfifo 5: root refcnt 2 limit 5Kb\n");
}

TEST_CASE("Units are read and written as tc does", "[console][tc]") {
  CHECK(*console::tc_rate("1mbit") == 125'000);
  CHECK(*console::tc_rate("1Mbps") == 1'000'000);
  CHECK(*console::tc_rate("8000") == 1'000);
  CHECK(*console::tc_rate("1kibit") == 128);
  CHECK_FALSE(console::tc_rate("1 mbit"));
  CHECK_FALSE(console::tc_rate("-1"));
  CHECK_FALSE(console::tc_rate("nan"));
  CHECK(*console::tc_size("1.5k") == 1'536);
  CHECK(*console::tc_size("1mbit") == 131'072);
  CHECK_FALSE(console::tc_size("5gb"));
  CHECK(*console::tc_time("5") == 5'000);
  CHECK(*console::tc_time("2.5ms") == 2'500'000);
  CHECK(console::tc_rate_text(1'250'000) == "10Mbit");
  CHECK(console::tc_rate_text(187'500) == "1500Kbit");
  CHECK(console::tc_rate_text(1) == "8bit");
  CHECK(console::tc_size_text(10'241) == "10Kb");
  CHECK(console::tc_size_text(1'514'000) == "1514000b");
  CHECK(console::tc_time_text(132'694'000) == "133ms");
  CHECK(console::tc_time_text(999'999) == "999us");
  CHECK(*console::tc_class("1:a") == qdisc::make_handle(1, 10));
  CHECK(*console::tc_class(":2") == 2);
  CHECK_FALSE(console::tc_class("1:g"));
  CHECK_FALSE(console::tc_class("10000:1"));
  CHECK(*console::tc_handle("ffff:") == 0xffff0000);
  CHECK_FALSE(console::tc_handle("10000:"));
  CHECK(console::tc_class_text(qdisc::make_handle(0x8001, 31)) == "8001:1f");
  CHECK(console::tc_class_text(3) == ":3");
}
