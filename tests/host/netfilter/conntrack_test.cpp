// SPDX-License-Identifier: Apache-2.0
// Connections: what packets are to them, how they live and end, and how many there may be.
#include "tests/host/netfilter/passage6.hpp"

using namespace host;
using namespace host_test;
using netfilter::Hook;

namespace {

constexpr const char* kStates =
    "table ip t { chain c { type filter hook input priority 0; ct state new counter; ct state established counter; "
    "ct state related counter; ct state invalid counter; ct state untracked counter }\n"
    "chain o { type filter hook output priority 0; ct state new counter; ct state established counter; "
    "ct state related counter; ct state invalid counter; ct direction reply counter } }";

constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kSynAck = 0x12;
constexpr std::uint8_t kAck = 0x10;
constexpr std::uint8_t kFinAck = 0x11;
constexpr std::uint8_t kRst = 0x04;

void set(Passage& passage, const char* name, std::int64_t value) {
  REQUIRE(passage.host.kernel().sysctl().set(std::string("net.netfilter.nf_conntrack_") + name, value).ok());
}

Frame to_us(std::uint8_t flags) {
  return tcp_packet("10.0.0.2", 1000, "10.0.0.1", 80, flags);
}
Frame from_us(std::uint8_t flags) {
  return tcp_packet("10.0.0.1", 80, "10.0.0.2", 1000, flags);
}

}  // namespace

TEST_CASE("a host's own traffic is new, then established; errors about it are related", "[conntrack]") {
  Lone world;
  auto& host = world.station().host;
  Passage rules;
  rules.rules(kStates);
  REQUIRE(host.ip().nftables.commit(rules.host.ip().nftables.ruleset()).ok());
  const auto counted = [&](const char* chain, std::size_t rule) {
    return TestRules::counted(host.ip().nftables, chain, rule);
  };
  CHECK(world.answer_to(echo_request(20)).size() == 1);
  CHECK(counted("c", 0) == 1);
  CHECK(counted("o", 1) == 1);
  CHECK(counted("o", 4) == 1);
  CHECK(world.answer_to(echo_request(20)).size() == 1);
  CHECK(counted("c", 1) == 1);
  CHECK(world.answer_to(udp_frame(1000, 2000, 30)).size() == 1);  // port unreachable
  CHECK(counted("c", 0) == 2);
  CHECK(counted("o", 2) == 1);
  Frame damaged = udp_frame(1000, 2001, 30);
  damaged[kTransportAt + 10] ^= std::byte{1};
  static_cast<void>(world.answer_to(damaged));
  CHECK(counted("c", 3) == 1);
  static_cast<void>(world.answer_to(icmp_frame({.type = headers::IcmpType::echo_reply, .id = 9}, Frame(8))));
  CHECK(counted("c", 3) == 2);
  CHECK(
      host.kernel()
          .files()
          .read("/proc/net/nf_conntrack")
          .value()
          .find(
              "ipv4     2 icmp     1 29 src=10.0.0.2 dst=10.0.0.1 type=8 code=0 id=7 src=10.0.0.1 dst=10.0.0.2 type=0 "
              "code=0 id=7 mark=0 use=1\n") != std::string::npos);
  CHECK(
      host.kernel()
          .files()
          .read("/proc/net/nf_conntrack")
          .value()
          .find("udp      17 29 src=10.0.0.2 dst=10.0.0.1 sport=1000 dport=2000 [UNREPLIED] src=10.0.0.1 dst=10.0.0.2 "
                "sport=2000 dport=1000 mark=0 use=1\n") != std::string::npos);
  CHECK(host.kernel().sysctl().text("net.netfilter.nf_conntrack_count").value() == "2");
  CHECK(host.kernel().sysctl().set_text("net.netfilter.nf_conntrack_count", "1").error() == base::Errno::access);
}

TEST_CASE("nothing is tracked until a rule asks", "[conntrack]") {
  Passage passage;
  passage.rules("table ip t { chain c { type filter hook input priority 0; counter } }");
  CHECK(passage.comes(echo_packet("10.0.0.2", "10.0.0.1", 1)).has_value());
  CHECK(passage.host.ip().conntrack.count() == 0);
  CHECK_FALSE(passage.host.ip().hooks.any(Hook::prerouting));
  passage.rules("add rule t c ct state new accept");
  CHECK(passage.comes(echo_packet("10.0.0.2", "10.0.0.1", 1)).has_value());
  CHECK(passage.host.ip().conntrack.count() == 1);
  passage.rules("flush ruleset");
  CHECK_FALSE(passage.host.ip().hooks.any(Hook::prerouting));
}

TEST_CASE("a connection whose first packet is dropped never was", "[conntrack]") {
  Passage passage;
  passage.rules("table ip t { chain c { type filter hook input priority 0; ct state new drop } }");
  CHECK_FALSE(passage.comes(echo_packet("10.0.0.2", "10.0.0.1", 1)).has_value());
  CHECK(passage.host.ip().conntrack.count() == 0);
  CHECK(passage.connections().empty());
}

TEST_CASE("notrack leaves a packet out", "[conntrack]") {
  Passage passage;
  passage.rules(
      "table ip t { chain r { type filter hook prerouting priority raw; udp dport 53 notrack }\n"
      "chain c { type filter hook input priority 0; ct state untracked counter; ct state new counter } }");
  CHECK(passage.comes(udp_packet("10.0.0.2", 1, "10.0.0.1", 53)).has_value());
  CHECK(passage.comes(udp_packet("10.0.0.2", 1, "10.0.0.1", 54)).has_value());
  CHECK(passage.counted("c", 0) == 1);
  CHECK(passage.counted("c", 1) == 1);
  CHECK(passage.host.ip().conntrack.count() == 1);
}

TEST_CASE("marks go from packets to connections and back", "[conntrack]") {
  Passage passage;
  passage.rules(
      "table ip t { chain p { type filter hook prerouting priority mangle; meta mark set ct mark }\n"
      "chain c { type filter hook input priority 0; ct mark 7 counter; ct state new ct mark set 7 }\n"
      "chain o { type filter hook output priority 0; meta mark set ct mark; meta mark 7 counter } }");
  CHECK(passage.comes(echo_packet("10.0.0.2", "10.0.0.1", 1)).has_value());
  CHECK(passage.comes(echo_packet("10.0.0.2", "10.0.0.1", 1)).has_value());
  CHECK(passage.goes(echo_packet("10.0.0.1", "10.0.0.2", 1, headers::IcmpType::echo_reply)).has_value());
  CHECK(passage.counted("c", 0) == 1);
  CHECK(passage.counted("o", 1) == 1);
  CHECK(passage.connections().find("mark=7") != std::string::npos);
}

TEST_CASE("each protocol's timeout is its sysctl", "[conntrack][sysctl]") {
  struct Row {
    const char* sysctl;
    Frame packet;
  };
  const Row rows[] = {
      {"udp_timeout", udp_packet("10.0.0.2", 1, "10.0.0.1", 2)},
      {"icmp_timeout", echo_packet("10.0.0.2", "10.0.0.1", 1)},
      {"tcp_timeout_syn_sent", to_us(kSyn)},
      {"tcp_timeout_unacknowledged", to_us(kAck)},
      {"generic_timeout", packet_of(ipv4_frame(headers::IpProtocol{47}, Frame(30)))},
  };
  for (const Row& row : rows) {
    INFO(row.sysctl);
    Passage passage;
    passage.rules(kStates);
    set(passage, row.sysctl, 5);
    CHECK(passage.comes(row.packet).has_value());
    passage.world.run_for(4 * kSecond);
    CHECK_FALSE(passage.connections().empty());
    CHECK(passage.comes(row.packet).has_value());  // each packet begins the time anew
    passage.world.run_for(4 * kSecond);
    CHECK_FALSE(passage.connections().empty());
    passage.world.run_for(2 * kSecond);
    CHECK(passage.connections().empty());
    passage.world.run_for(60 * kSecond);
    CHECK(passage.host.ip().conntrack.count() == 0);  // collected without traffic
  }
}

TEST_CASE("each TCP state's timeout is its sysctl", "[conntrack][tcp][sysctl]") {
  struct Step {
    bool comes;
    std::uint8_t flags;
  };
  struct Row {
    const char* sysctl;
    std::vector<Step> life;
  };
  const Step syn{true, kSyn};
  const Step answer{false, kSynAck};
  const Step ack{true, kAck};
  const Step fin{true, kFinAck};
  const Row rows[] = {
      {"tcp_timeout_syn_recv", {syn, answer}},
      {"tcp_timeout_established", {syn, answer, ack}},
      {"tcp_timeout_fin_wait", {syn, answer, ack, fin}},
      {"tcp_timeout_close_wait", {syn, answer, ack, fin, {false, kAck}}},
      {"tcp_timeout_last_ack", {syn, answer, ack, fin, {false, kAck}, {false, kFinAck}}},
      {"tcp_timeout_time_wait", {syn, answer, ack, fin, {false, kAck}, {false, kFinAck}, ack}},
      {"tcp_timeout_close", {syn, answer, ack, {false, kRst}}},
  };
  for (const Row& row : rows) {
    for (const std::int64_t seconds : {3, 300}) {
      INFO(row.sysctl << " " << seconds);
      Passage passage;
      passage.rules(kStates);
      set(passage, row.sysctl, seconds);
      for (const Step& step : row.life) {
        CHECK((step.comes ? passage.comes(to_us(step.flags)) : passage.goes(from_us(step.flags))).has_value());
      }
      passage.world.run_for((seconds - 1) * kSecond);
      CHECK_FALSE(passage.connections().empty());
      passage.world.run_for(2 * kSecond);
      CHECK(passage.connections().empty());
    }
  }
}

TEST_CASE("udp_timeout_stream is the timeout of a stream", "[conntrack][sysctl]") {
  Passage passage;
  passage.rules(kStates);
  set(passage, "udp_timeout_stream", 7);
  const auto there = udp_packet("10.0.0.2", 1000, "10.0.0.1", 53);
  CHECK(passage.comes(there).has_value());
  CHECK(passage.goes(udp_packet("10.0.0.1", 53, "10.0.0.2", 1000)).has_value());
  passage.world.run_for(3 * kSecond);
  CHECK(passage.comes(there).has_value());
  passage.world.run_for(6 * kSecond);
  CHECK_FALSE(passage.connections().empty());
  passage.world.run_for(2 * kSecond);
  CHECK(passage.connections().empty());
}

TEST_CASE("UDP that talks both ways for two seconds is a stream", "[conntrack]") {
  Passage passage;
  passage.rules(kStates);
  const auto there = udp_packet("10.0.0.2", 1000, "10.0.0.1", 53);
  const auto back = udp_packet("10.0.0.1", 53, "10.0.0.2", 1000);
  CHECK(passage.comes(there).has_value());
  CHECK(passage.goes(back).has_value());
  CHECK(passage.comes(there).has_value());
  CHECK(passage.connections().find("udp      17 30 ") != std::string::npos);
  CHECK(passage.connections().find("[ASSURED]") == std::string::npos);
  passage.world.run_for(3 * kSecond);
  CHECK(passage.comes(there).has_value());
  CHECK(passage.connections().find("udp      17 120 ") != std::string::npos);
  CHECK(passage.connections().find("[ASSURED]") != std::string::npos);
}

TEST_CASE("TCP's state follows the flags of both sides", "[conntrack][tcp]") {
  struct Step {
    bool comes;
    std::uint8_t flags;
    const char* state;
  };
  const std::vector<std::vector<Step>> lives = {
      {{true, kSyn, "SYN_SENT"},
       {true, kSyn, "SYN_SENT"},
       {false, kSynAck, "SYN_RECV"},
       {true, kAck, "ESTABLISHED"},
       {false, kAck, "ESTABLISHED"},
       {true, kFinAck, "FIN_WAIT"},
       {false, kAck, "CLOSE_WAIT"},
       {false, kFinAck, "LAST_ACK"},
       {true, kAck, "TIME_WAIT"},
       {true, kAck, "TIME_WAIT"},
       {true, kSyn, "SYN_SENT"}},
      {{true, kSyn, "SYN_SENT"}, {false, kSynAck, "SYN_RECV"}, {true, kAck, "ESTABLISHED"}, {false, kRst, "CLOSE"}},
      {{true, kAck, "ESTABLISHED"}, {false, kAck, "ESTABLISHED"}},  // picked up in the middle
  };
  for (const auto& life : lives) {
    Passage passage;
    passage.rules(kStates);
    for (const Step& step : life) {
      INFO(step.state);
      CHECK((step.comes ? passage.comes(to_us(step.flags)) : passage.goes(from_us(step.flags))).has_value());
      const std::string list = passage.connections();
      CHECK(list.find(std::string(" ") + step.state + " src=10.0.0.2") != std::string::npos);
      CHECK(std::count(list.begin(), list.end(), '\n') == 1);
    }
  }
}

TEST_CASE("TCP that makes no sense is invalid", "[conntrack][tcp]") {
  for (const std::uint8_t flags : std::to_array<std::uint8_t>({0x00, 0x03, 0x06, 0x01, 0x29, kSynAck, kFinAck, kRst})) {
    Passage passage;
    passage.rules(kStates);
    CHECK(passage.comes(to_us(flags)).has_value());
    INFO(static_cast<unsigned>(flags));
    CHECK(passage.counted("c", 3) == 1);
    CHECK(passage.host.ip().conntrack.count() == 0);
  }
  Passage strict;
  strict.rules(kStates);
  set(strict, "tcp_loose", 0);
  CHECK(strict.comes(to_us(kAck)).has_value());
  CHECK(strict.counted("c", 3) == 1);
  Passage refused;
  refused.rules(kStates);
  CHECK(refused.comes(to_us(kSyn)).has_value());
  CHECK(refused.goes(from_us(0x14)).has_value());
  CHECK(refused.connections().empty());
}

TEST_CASE("a full table makes room for none but where connections have not proved themselves", "[conntrack]") {
  Passage passage;
  passage.rules(kStates);
  set(passage, "max", 4);
  set(passage, "buckets", 4);
  for (std::uint16_t id = 1; id <= 6; ++id) {
    CHECK(passage.comes(echo_packet("10.0.0.2", "10.0.0.1", id)).has_value());
  }
  CHECK(passage.host.ip().conntrack.count() == 4);
  CHECK(passage.host.ip().conntrack.total().early_drop == 2);

  Passage assured;
  assured.rules(kStates);
  set(assured, "max", 2);
  set(assured, "buckets", 1);
  for (const std::uint16_t port : {std::uint16_t{1}, std::uint16_t{2}}) {
    CHECK(assured.comes(tcp_packet("10.0.0.2", port, "10.0.0.1", 80, kSyn)).has_value());
    CHECK(assured.goes(tcp_packet("10.0.0.1", 80, "10.0.0.2", port, kSynAck)).has_value());
    CHECK(assured.comes(tcp_packet("10.0.0.2", port, "10.0.0.1", 80, kAck)).has_value());
    CHECK(assured.comes(tcp_packet("10.0.0.2", port, "10.0.0.1", 80, kAck)).has_value());
  }
  CHECK_FALSE(assured.comes(echo_packet("10.0.0.2", "10.0.0.1", 1)).has_value());
  CHECK(assured.host.ip().conntrack.total().drop == 1);
  CHECK(assured.host.kernel().drops()[base::DropReason::netfilter_drop] == 1);
  CHECK(assured.host.kernel().files().read("/proc/net/stat/nf_conntrack").value().find("00000002  00000000 ") !=
        std::string::npos);
}

TEST_CASE("the table is found through after it has changed its size", "[conntrack][sysctl]") {
  Passage passage;
  passage.rules(kStates);
  set(passage, "acct", 1);
  for (std::uint16_t id = 1; id <= 100; ++id) {
    CHECK(passage.comes(echo_packet("10.0.0.2", "10.0.0.1", id)).has_value());
  }
  set(passage, "buckets", 7);
  for (std::uint16_t id = 1; id <= 100; ++id) {
    CHECK(passage.comes(echo_packet("10.0.0.2", "10.0.0.1", id)).has_value());
  }
  CHECK(passage.host.ip().conntrack.count() == 100);
  CHECK(passage.host.ip().conntrack.total().found == 100);
  CHECK(passage.connections().find("packets=2 bytes=96 ") != std::string::npos);
}

TEST_CASE("an error belongs to the connection of the packet inside", "[conntrack]") {
  Passage passage;
  passage.rules(kStates);
  const auto sent = udp_packet("10.0.0.1", 5000, "192.0.2.9", 53);
  CHECK(passage.goes(sent).has_value());
  CHECK(passage.comes(time_exceeded("10.0.0.7", "10.0.0.1", sent)).has_value());
  CHECK(passage.counted("c", 2) == 1);
  CHECK(
      passage.comes(time_exceeded("10.0.0.7", "10.0.0.1", udp_packet("10.0.0.1", 5001, "192.0.2.9", 53))).has_value());
  CHECK(passage.counted("c", 3) == 1);
  CHECK(passage.host.ip().conntrack.total().icmp_error == 1);
}

TEST_CASE("a flood of new flows stays within the table, each one counted", "[conntrack][sysctl]") {
  for (const bool ipv6 : {false, true}) {
    Passage passage;
    passage.rules("table inet t { chain c { type filter hook input priority 0; ct state new counter } }");
    set(passage, "max", 500);
    set(passage, "buckets", 256);
    // Who has proved himself stays.
    CHECK(passage.comes(to_us(kSyn)).has_value());
    CHECK(passage.goes(from_us(kSynAck)).has_value());
    CHECK(passage.comes(to_us(kAck)).has_value());
    CHECK(passage.comes(to_us(kAck)).has_value());
    constexpr std::uint64_t kFlows = 20'000;
    std::uint64_t passed = 0;
    for (std::uint64_t flow = 0; flow < kFlows; ++flow) {
      const auto port = static_cast<std::uint16_t>(1 + flow);
      passed += passage.comes(ipv6 ? udp6_packet("fd00::2", port, "fd00::1", 53)
                                   : udp_packet("10.0.0.2", port, "10.0.0.1", 53))
                    ? 1
                    : 0;
      REQUIRE(passage.host.ip().conntrack.count() <= 500);
    }
    const auto total = passage.host.ip().conntrack.total();
    CHECK(total.early_drop + total.drop + 499 == kFlows);
    CHECK(total.drop == kFlows - passed);
    CHECK(total.early_drop > kFlows * 9 / 10);
    CHECK(passage.host.kernel().drops()[base::DropReason::netfilter_drop] == total.drop);
    CHECK(passage.connections().find("ESTABLISHED") != std::string::npos);
    passage.world.run_for(40 * kSecond);
    CHECK(passage.host.ip().conntrack.count() == 1);
    CHECK(passage.host.pool().in_use() == 0);
  }
}
