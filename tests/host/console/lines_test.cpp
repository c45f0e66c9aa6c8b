// SPDX-License-Identifier: Apache-2.0
// Wrong lines get the words of Linux's tools, and no line at all breaks the console.
#include <random>

#include "tests/host/console/desk.hpp"

using namespace host_test;

namespace {

struct Wrong {
  const char* line;
  int status;
  const char* begin;  // of the complaint
};

constexpr const char* kGarbage = "Error: either \"";
constexpr Wrong kWrong[] = {
    {"frobnicate", 127, "bash: frobnicate: command not found\n"},
    {"ip link |", 2, "bash: "},
    {"echo \"half", 2, "bash: unexpected EOF while looking for matching `\"'\n"},
    {"cat /nowhere", 1, "cat: /nowhere: No such file or directory\n"},
    {"cat /proc", 1, "cat: /proc: Is a directory\n"},
    {"ls /nowhere", 2, "ls: cannot access '/nowhere': No such file or directory\n"},
    {"echo 1 > /nowhere", 1, "bash: /nowhere: "},
    {"echo 1 > /proc/net/dev", 1, "bash: /proc/net/dev: Permission denied\n"},
    {"echo x > /sys/class/net/eth0/mtu", 1, "bash: echo: write error: Invalid argument\n"},
    {"echo 70000 > /sys/class/net/eth0/mtu", 1, "bash: echo: write error: Invalid argument\n"},
    {"sysctl net.core.nosuch", 1, "sysctl: cannot stat /proc/sys/net/core/nosuch: No such file or directory\n"},
    {"sysctl -w net.core.dev_weight=x", 1, "sysctl: setting key \"net.core.dev_weight\": Invalid argument\n"},
    {"ip", 255, "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n"},
    {"ip foo", 1, "Object \"foo\" is unknown, try \"ip help\".\n"},
    {"ip -foo link", 255, "Option \"-foo\" is unknown, try \"ip -help\".\n"},
    {"ip -Q link", 255, "Option \"-Q\" is unknown, try \"ip -help\".\n"},
    {"ip -family foo link", 255, "Error: argument \"foo\" is wrong: invalid protocol family\n"},
    {"ip link foo", 255, "Command \"foo\" is unknown, try \"ip link help\".\n"},
    {"ip link show nosuch", 1, "Device \"nosuch\" does not exist.\n"},
    {"ip link set nosuch up", 1, "Cannot find device \"nosuch\"\n"},
    {"ip link set eth0 mtu", 255, "Command line is not complete. Try option \"help\"\n"},
    {"ip link set eth0 mtu x", 255, "Error: argument \"x\" is wrong: Invalid \"mtu\" value\n"},
    {"ip link set eth0 mtu 1", 2, "Error: mtu less than device minimum.\n"},
    {"ip link set eth0 txqueuelen x", 255, "Error: argument \"x\" is wrong: Invalid \"txqueuelen\" value\n"},
    {"ip link set eth0 eth0", 255, kGarbage},
    {"ip addr foo", 255, "Command \"foo\" is unknown, try \"ip address help\".\n"},
    {"ip addr add 10.0.0.9/24", 1, "Not enough information: \"dev\" argument is required.\n"},
    {"ip addr add 10.0.0.900/24 dev eth0", 1, "Error: any valid prefix is expected rather than \"10.0.0.900/24\".\n"},
    {"ip addr add 10.0.0.9/33 dev eth0", 1, "Error: any valid prefix is expected rather than \"10.0.0.9/33\".\n"},
    {"ip addr add 10.0.0.1/24 dev eth0", 2, "Error: ipv4: Address already assigned.\n"},
    {"ip addr del 10.99.0.1/24 dev eth0", 2, "Error: ipv4: Address not found.\n"},
    {"ip addr flush", 1, "Flush requires arguments.\n"},
    {"ip route foo", 255, "Command \"foo\" is unknown, try \"ip route help\".\n"},
    {"ip route add 10.9.0.0/16 via 192.168.1.1", 2, "Error: Nexthop has invalid gateway.\n"},
    {"ip route add 10.9.0.0/16 dev nosuch", 1, "Cannot find device \"nosuch\"\n"},
    {"ip route del 10.9.0.0/16", 2, "RTNETLINK answers: No such process\n"},
    {"ip route add 10.9.0.0/99 dev eth0", 1, "Error: any valid prefix is expected rather than \"10.9.0.0/99\".\n"},
    {"ip rule foo", 255, "Command \"foo\" is unknown, try \"ip rule help\".\n"},
    {"ip rule del priority 77", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip neigh foo", 255, "Command \"foo\" is unknown, try \"ip neigh help\".\n"},
    {"ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:07", 255, "Device and destination are required arguments.\n"},
    {"ip neigh del 10.0.0.77 dev eth0", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip neigh add 10.0.0.7 lladdr 02:0 nud nosuch dev eth0", 255,
     "Error: argument \"nosuch\" is wrong: nud state is bad\n"},
    {"ip maddr foo", 255, "Command \"foo\" is unknown, try \"ip maddr help\".\n"},
    {"ethtool", 1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n"},
    {"ethtool -Z eth0", 1, "ethtool: bad command line argument(s)\n"},
    {"ethtool nosuch", 75, "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n"},
    {"ethtool -K eth0 gro maybe", 1,
     "ethtool (-K): flag 'maybe' for parameter 'gro' is not followed by 'on' or 'off'\n"},
    {"ethtool -K eth0 foo on", 92, "netlink error: bit name not found (offset 56)\n"},
    {"ethtool -i lo", 71, "Cannot get driver information: Operation not supported\n"},
    {"ethtool -S lo", 94, "no stats available\n"},
    {"tc foo", 255, "Object \"foo\" is unknown, try \"tc help\".\n"},
    {"tc -foo qdisc", 255, "Option \"-foo\" is unknown, try \"tc -help\".\n"},
    {"tc qdisc foo", 255, "Command \"foo\" is unknown, try \"tc qdisc help\".\n"},
    {"tc qdisc show dev nosuch", 1, "Cannot find device \"nosuch\"\n"},
    {"tc qdisc add dev eth0 root nosuch", 2, "Error: Specified qdisc kind is unknown.\n"},
    {"tc qdisc add dev eth0 root pfifo limit x", 1, "pfifo: Illegal value for \"limit\": \"x\"\n"},
    {"tc qdisc add dev eth0 root tbf rate 1mbit", 1, ""},
    {"tc class foo", 255, "Command \"foo\" is unknown, try \"tc class help\".\n"},
    {"nft foo", 1, "Error: syntax error, unexpected "},
    {"nft add rule ip nosuch c accept", 1, "Error: Could not process rule: No such file or directory\n"},
    {"ss -Q", 255, "ss: invalid option -- 'Q'\n"},
    {"ping", 1, "ping: usage error: Destination address required\n"},
    {"ping -c x 10.0.0.2", 1, "ping: invalid argument: 'x'\n"},
    {"ping 10.0.0.999", 2, "ping: 10.0.0.999: Name or service not known\n"},
    {"mpstat -P x", 1, ""},
    {"nstat --foo", 255, ""},
};

/// What administrators type, for the machine that mistypes it.
constexpr const char* kGood[] = {
    "ip -s -d -j link show dev eth0",
    "ip link set eth0 mtu 1400 txqueuelen 100 promisc off",
    "ip link add v0 type veth peer name v1",
    "ip link add link eth0 name eth0.5 type vlan id 5",
    "ip link del v0",
    "ip addr add 10.1.0.1/24 dev eth0",
    "ip addr del 10.1.0.1/24 dev eth0",
    "ip -br addr",
    "ip maddr show dev eth0",
    "ip route add 10.2.0.0/16 via 10.0.0.2 dev eth0 metric 5",
    "ip route get 10.2.0.1",
    "ip route del 10.2.0.0/16",
    "ip rule add fwmark 7 table 100 priority 50",
    "ip rule del priority 50",
    "ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev eth0",
    "ethtool -K eth0 gro on tso off",
    "ethtool -k eth0",
    "ethtool -C eth0 rx-usecs 8",
    "ethtool eth0",
    "tc qdisc replace dev eth0 root handle 1: prio bands 4",
    "tc qdisc add dev eth0 parent 1:2 handle 20: tbf rate 1mbit burst 10k latency 5ms",
    "tc -s -j qdisc show dev eth0",
    "tc class show dev eth0",
    "tc qdisc del dev eth0 root",
    "tc qdisc add dev eth0 ingress",
    ("tc filter add dev eth0 ingress protocol ip prio 3 u32 match ip dst 10.0.0.0/8 match ip dport 53 0xffff action "
     "drop"),
    "tc filter add dev eth0 ingress prio 5 matchall action police rate 1mbit burst 10k conform-exceed drop",
    "tc -s filter show dev eth0 ingress",
    "tc filter del dev eth0 ingress prio 3",
    "sysctl -w net.core.netdev_budget=100",
    "sysctl -a",
    "echo 3 > /proc/sys/net/core/dev_weight",
    "cat /proc/net/softnet_stat",
    "ls /sys/class/net/eth0",
    "nft add table ip t; nft 'add chain ip t c { type filter hook input priority 0; }'",
    "nft list ruleset",
    "nft add rule ip t c udp dport 53 counter accept",
    "nft delete table ip t",
    "ss -uanm",
    "nstat -az",
    "mpstat -P ALL",
    "ping -c 1 -W 0.001 10.0.0.2",
    "help",
    "echo a && cat /proc/stat || echo b",
    "dmesg"};

std::string mistyped(std::minstd_rand& random) {
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
  const auto any_line = [&] { return std::string(kGood[below(std::size(kGood))]); };
  std::string line = any_line();
  for (std::size_t mistakes = 1 + below(3); mistakes > 0; --mistakes) {
    const std::size_t at = below(line.size() + 1);
    switch (below(6)) {
      case 0:
        line.erase(at, below(5));
        break;
      case 1:
        line.insert(at, 1, static_cast<char>(32 + below(95)));
        break;
      case 2:
        line.insert(at, std::to_string(random()));
        break;
      case 3:
        line.resize(at);
        break;
      case 4: {
        const std::string other = any_line();
        line = line.substr(0, at) + other.substr(below(other.size()));
        break;
      }
      default:
        line.insert(at, 1, static_cast<char>(below(256)));
        break;
    }
    if (line.empty()) line = " ";
  }
  return line;
}

}  // namespace

TEST_CASE("Wrong lines get the words of Linux's tools", "[console][wrong]") {
  STATIC_REQUIRE(std::size(kWrong) >= 60);
  Desk desk;
  for (const Wrong& wrong : kWrong) {
    const Answer answer = desk.type(wrong.line);
    INFO(wrong.line << "\n" << answer.out << answer.err);
    CHECK(answer.status == wrong.status);
    CHECK(answer.err.starts_with(wrong.begin));
    CHECK(answer.err.ends_with('\n'));
    CHECK(answer.out.empty());
  }
}

TEST_CASE("No line breaks the console", "[console][wrong]") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    Desk desk;
    std::minstd_rand random(seed);
    for (unsigned i = 0; i < 400; ++i) {
      const std::string line = mistyped(random);
      // Without -c it would go on for ever; a count of its own is short.
      if (line.find("ping") != std::string::npos || line.find("mpstat") != std::string::npos) continue;
      const Answer answer = desk.type(line, kMillisecond);
      INFO(line);
      CHECK(answer.status >= 0);
      CHECK(answer.status <= 255);
    }
    CHECK(desk.type("ip -br link").status == 0);
    CHECK(desk.type("tc qdisc show").status == 0);
  }
}
