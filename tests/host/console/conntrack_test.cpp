// SPDX-License-Identifier: Apache-2.0
// conntrack: the formats are those of conntrack-tools 1.4.7 on a Linux with such connections.
#include <catch2/catch.hpp>

#include "tests/host/console/desk.hpp"
#include "tests/host/ip6/packets6.hpp"
#include "tests/host/netfilter/passage.hpp"

using namespace host;
using namespace host_test;

namespace {

/// A desk that three clients have spoken to.
struct Tracked : Desk {
  Tracked() {
    out("nft 'add table inet t; add chain inet t c { type filter hook input priority 0; }; "
        "add rule inet t c ct state new counter'");
    comes(udp_packet("10.0.0.2", 6000, "10.0.0.1", 5000), false);
    comes(tcp_packet("10.0.0.3", 1000, "10.0.0.1", 80, 0x02), false);
    Frame six = icmp6_frame({.type = headers::Icmp6Type::echo_request, .code = 0, .word = 0x00070001}, Frame(20));
    comes(Frame(six.begin() + kIp6At, six.end()), true);
  }
  void comes(const Frame& packet, bool ipv6) {
    auto& host = station().host;
    skb::Skb skb = host.pool().allocate(static_cast<std::uint32_t>(packet.size()));
    std::copy(packet.begin(), packet.end(), skb->put(static_cast<std::uint32_t>(packet.size())).begin());
    skb->reset_network_header();
    auto& hooks = ipv6 ? host.ip().hooks6 : host.ip().hooks;
    auto* device = &station().nic.device();
    REQUIRE(hooks.pass(host.kernel().cpu(0), skb, {.hook = netfilter::Hook::prerouting, .in = device}));
    REQUIRE(hooks.pass(host.kernel().cpu(0), skb, {.hook = netfilter::Hook::input, .in = device}));
  }
};

constexpr const char* kUdp =
    "src=10.0.0.2 dst=10.0.0.1 sport=6000 dport=5000 [UNREPLIED] src=10.0.0.1 dst=10.0.0.2 sport=5000 dport=6000 "
    "mark=0 use=1\n";
const std::string kTool = "conntrack v1.4.7 (conntrack-tools): ";

}  // namespace

TEST_CASE("conntrack lists, filters and counts connections", "[console][conntrack]") {
  Tracked desk;
  const Answer all = desk.type("conntrack -L");
  CHECK(all.status == 0);
  CHECK(all.err == kTool + "3 flow entries have been shown.\n");
  CHECK(all.out.find("tcp      6 ") != std::string::npos);
  CHECK(all.out.find(" SYN_SENT src=10.0.0.3 dst=10.0.0.1 sport=1000 dport=80 [UNREPLIED] ") != std::string::npos);
  CHECK(all.out.find("icmpv6   58 ") != std::string::npos);
  CHECK(all.out.find(" src=fd00::2 dst=fd00::1 type=128 code=0 id=7 [UNREPLIED] src=fd00::1 dst=fd00::2 type=129 "
                     "code=0 id=7 mark=0 use=1\n") != std::string::npos);
  const Answer udp = desk.type("conntrack -L -p udp");
  CHECK(udp.out.starts_with("udp      17 "));
  CHECK(udp.out.ends_with(kUdp));
  CHECK(udp.err == kTool + "1 flow entries have been shown.\n");
  CHECK(desk.type("conntrack -L -p udp -o extended").out.starts_with("ipv4     2 udp      17 "));
  CHECK(desk.type("conntrack -L -f ipv6 -o extended").out.starts_with("ipv6     10 icmpv6   58 "));
  for (const auto& [filter, shown] :
       {std::pair{"-s 10.0.0.3", 1}, std::pair{"-d 10.0.0.1", 2}, std::pair{"--dport 5000", 1},
        std::pair{"--sport 5000", 0}, std::pair{"-s fd00::2", 1}, std::pair{"-p tcp -s 10.0.0.2", 0},
        std::pair{"-f ipv4", 2}}) {
    INFO(filter);
    CHECK(desk.type(std::string("conntrack -L ") + filter).err ==
          kTool + std::to_string(shown) + " flow entries have been shown.\n");
  }
  CHECK(desk.out("conntrack -C") == "3\n");
  CHECK(desk.out("conntrack -S")
            .starts_with("cpu=0   \tfound=0 invalid=0 insert=0 insert_failed=0 drop=0 early_drop=0 error=0 "
                         "search_restart=0 clash_resolve=0 chaintoolong=0 \n"));
}

TEST_CASE("conntrack deletes what it is told to", "[console][conntrack]") {
  Tracked desk;
  const Answer gone = desk.type("conntrack -D -p udp -d 10.0.0.1");
  CHECK(gone.status == 0);
  CHECK(gone.out.ends_with(kUdp));
  CHECK(gone.err == kTool + "1 flow entries have been deleted.\n");
  CHECK(desk.out("conntrack -C") == "2\n");
  CHECK(desk.err("conntrack -D -p udp -d 10.0.0.1", 1) == kTool + "0 flow entries have been deleted.\n");
  CHECK(desk.type("conntrack -D -f ipv6").err == kTool + "1 flow entries have been deleted.\n");
  const Answer flushed = desk.type("conntrack -F");
  CHECK(flushed.out.empty());
  CHECK(flushed.err == kTool + "connection tracking table has been emptied.\n");
  CHECK(desk.out("conntrack -C") == "0\n");
}

TEST_CASE("conntrack complains as conntrack does", "[console][conntrack]") {
  Desk desk;
  const std::string hint = "\nTry `conntrack -h' or 'conntrack --help' for more information.\n";
  CHECK(desk.err("conntrack -X", 1) == kTool + "unknown option `-X'" + hint);
  CHECK(desk.err("conntrack -L -p frob", 1) == kTool + "`frob' unsupported protocol" + hint);
  CHECK(desk.err("conntrack -L -s frob", 1).starts_with(kTool + "Invalid IP address `frob'"));
  CHECK(desk.err("conntrack -L -s", 1).starts_with(kTool + "option `-s' requires an argument"));
  CHECK(desk.err("conntrack -L --dport 99999999", 1).starts_with(kTool + "invalid port"));
  CHECK(desk.out("conntrack").starts_with("Command line interface for the connection tracking system."));
}
