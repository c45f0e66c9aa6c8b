// SPDX-License-Identifier: Apache-2.0
// What rules look at and what they do, on packets that reach a host.
#include <catch2/catch.hpp>

#include "tests/host/netfilter/rules.hpp"

using namespace host;
using namespace host_test;
using nf::Hook;
using nf::Interval;
using nf::Key;
using nf::Relation;
using nf::Verdict;

namespace {

/// Whether the input chain with one rule `match drop` drops the frame.
bool drops(nf::Match match, const Frame& frame) {
  Lone world;
  TestRules rules;
  rules.base("in", Hook::input);
  rules.rule("in", {std::move(match), kDrop});
  REQUIRE(world.station().host.ip().nftables.commit(std::move(rules.rules)).ok());
  static_cast<void>(world.answer_to(frame));
  return world.counter("drop.netfilter_drop") == 1;
}

nf::Match relate(Key key, Relation relation, nf::Value low, nf::Value high) {
  return {.key = key, .mask = {}, .relation = relation, .right = Interval{low, high}};
}

headers::Ipv4View answer(const std::vector<Frame>& sent) {
  REQUIRE(sent.size() == 1);
  return ip_of(sent[0]);
}

}  // namespace

TEST_CASE("each key finds its value", "[netfilter][rules]") {
  struct Row {
    Key key;
    nf::Value value;
    Frame frame;
  };
  Frame tos = echo_request(20);
  base::store_u8(tos, kIpAt + 1, 0xb8);  // EF
  base::store_be16(tos, kIpAt + 10, 0);
  base::store_be16(tos, kIpAt + 10, base::internet_checksum(std::span(tos).subspan(kIpAt, 20)));
  const Row rows[] = {
      {Key::ip_dscp, 46, tos},
      {Key::ip_length, 48, echo_request(20)},
      {Key::ip_id, 1, echo_request(20)},
      {Key::ip_frag_off, 0, echo_request(20)},
      {Key::ip_ttl, 64, echo_request(20)},
      {Key::ip_protocol, 1, echo_request(20)},
      {Key::ip_saddr, address_of(2).value, echo_request(20)},
      {Key::ip_daddr, address_of(1).value, echo_request(20)},
      {Key::icmp_type, 8, echo_request(20)},
      {Key::icmp_code, 0, echo_request(20)},
      {Key::icmp_id, 7, echo_request(20)},
      {Key::icmp_sequence, 1, echo_request(20)},
      {Key::udp_sport, 1000, udp_frame(1000, 2000, 30)},
      {Key::udp_dport, 2000, udp_frame(1000, 2000, 30)},
      {Key::udp_length, 38, udp_frame(1000, 2000, 30)},
      {Key::tcp_sport, 1000, tcp_frame(1000, 2000, 0x02)},
      {Key::tcp_dport, 2000, tcp_frame(1000, 2000, 0x02)},
      {Key::tcp_flags, 2, tcp_frame(1000, 2000, 0x02)},
      {Key::th_sport, 1000, udp_frame(1000, 2000, 30)},
      {Key::th_dport, 2000, tcp_frame(1000, 2000, 0x02)},
      {Key::meta_length, 58, udp_frame(1000, 2000, 30)},
      {Key::meta_mark, 0, echo_request(20)},
      {Key::meta_l4proto, 17, udp_frame(1000, 2000, 30)},
      {Key::meta_iif, 2, echo_request(20)},
      {Key::meta_iifname, nf::name_value("eth0"), echo_request(20)},
  };
  for (const Row& row : rows) {
    INFO(nf::key_info(row.key).group << ' ' << nf::key_info(row.key).field);
    CHECK(drops(is(row.key, row.value), row.frame));
    CHECK_FALSE(drops(is(row.key, row.value + 1), row.frame));
    CHECK(drops(relate(row.key, Relation::not_equal, row.value + 1, row.value + 1), row.frame));
  }
}

TEST_CASE("a packet without the thing matches neither it nor its contrary", "[netfilter][rules]") {
  for (const Relation relation : {Relation::equal, Relation::not_equal, Relation::less, Relation::greater_or_equal}) {
    CHECK_FALSE(drops(relate(Key::tcp_dport, relation, 2000, 2000), udp_frame(1000, 2000, 30)));
    CHECK_FALSE(drops(relate(Key::udp_dport, relation, 1, 1), echo_request(20)));
    CHECK_FALSE(drops(relate(Key::meta_oifname, relation, 1, 1), echo_request(20)));
  }
}

TEST_CASE("relations compare as numbers do", "[netfilter][rules]") {
  struct Row {
    Relation relation;
    nf::Value low;
    nf::Value high;
    bool holds;
  };
  const Row rows[] = {
      {Relation::equal, 60, 70, true},
      {Relation::equal, 65, 70, false},
      {Relation::not_equal, 60, 70, false},
      {Relation::not_equal, 65, 70, true},
      {Relation::less, 64, 64, false},
      {Relation::less, 65, 65, true},
      {Relation::less_or_equal, 64, 64, true},
      {Relation::less_or_equal, 63, 63, false},
      {Relation::greater, 64, 64, false},
      {Relation::greater, 63, 63, true},
      {Relation::greater_or_equal, 64, 64, true},
      {Relation::greater_or_equal, 65, 65, false},
      {Relation::any_bit, 0x41, 0x41, true},
      {Relation::any_bit, 0x3f, 0x3f, false},
      {Relation::no_bit, 0x41, 0x41, false},
      {Relation::no_bit, 0x3f, 0x3f, true},
  };
  for (const Row& row : rows) {
    INFO(static_cast<int>(row.relation) << ' ' << static_cast<unsigned>(row.low));
    CHECK(drops(relate(Key::ip_ttl, row.relation, row.low, row.high), echo_request(20)) == row.holds);
  }
  nf::Match masked = is(Key::ip_saddr, 0x0a000000);
  masked.mask = 0xff000000;
  CHECK(drops(masked, echo_request(20)));
  CHECK(drops(
      relate(Key::meta_iifname, Relation::equal, nf::names_with_prefix("et").low, nf::names_with_prefix("et").high),
      echo_request(20)));
}

TEST_CASE("chains jump, return, go on and end by their policy", "[netfilter][rules]") {
  struct Row {
    const char* what;
    nf::Action in_sub;
    nf::Action call;
    bool dropped;
  };
  // in: call sub; drop.     sub: IN_SUB; accept.
  const Row rows[] = {
      {"the end of a chain's rules is its caller's next rule", nf::Action::return_, nf::Action::jump, true},
      {"a verdict is final", nf::Action::accept, nf::Action::jump, false},
      {"continue goes on in the same chain", nf::Action::continue_, nf::Action::jump, false},
      {"goto does not come back", nf::Action::return_, nf::Action::go_to, false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Lone world;
    TestRules rules;
    rules.base("in", Hook::input);
    rules.plain("sub");
    rules.rule("in", {decide(row.call, "sub")});
    rules.rule("in", {kDrop});
    rules.rule("sub", {decide(row.in_sub)});
    rules.rule("sub", {kAccept});
    REQUIRE(world.station().host.ip().nftables.commit(std::move(rules.rules)).ok());
    static_cast<void>(world.answer_to(echo_request(20)));
    CHECK(world.counter("drop.netfilter_drop") == (row.dropped ? 1 : 0));
  }
  for (const Verdict policy : {Verdict::accept, Verdict::drop}) {
    Lone world;
    TestRules rules;
    rules.base("in", Hook::input, 0, policy);
    rules.rule("in", {is(Key::ip_ttl, 1), kAccept});
    REQUIRE(world.station().host.ip().nftables.commit(std::move(rules.rules)).ok());
    CHECK(world.answer_to(echo_request(20)).size() == (policy == Verdict::accept ? 1 : 0));
  }
}

TEST_CASE("every chain of a hook has its say, in the order of priorities", "[netfilter][rules]") {
  Lone world;
  TestRules rules;
  rules.base("late", Hook::input, 10);
  rules.base("early", Hook::input, -10);
  rules.rule("early", {nf::SetMark{.mark = 5}, kAccept});
  rules.rule("late", {is(Key::meta_mark, 5), kDrop});
  auto& nftables = world.station().host.ip().nftables;
  REQUIRE(nftables.commit(std::move(rules.rules)).ok());
  CHECK(world.answer_to(echo_request(20)).empty());
  nf::Ruleset dormant = nftables.ruleset();
  dormant.tables.front().dormant = true;
  REQUIRE(nftables.commit(std::move(dormant)).ok());
  CHECK(world.answer_to(echo_request(20)).size() == 1);
  REQUIRE(nftables.commit({}).ok());
  CHECK_FALSE(world.station().host.ip().hooks.any(Hook::input));
}

TEST_CASE("counters count what reaches them, and keep their counts when rules change", "[netfilter][rules]") {
  Lone world;
  TestRules rules;
  rules.base("in", Hook::input);
  rules.rule("in", {is(Key::ip_protocol, 1), nf::Counter{}});
  rules.rule("in", {is(Key::ip_protocol, 17), nf::Counter{}});
  auto& nftables = world.station().host.ip().nftables;
  REQUIRE(nftables.commit(std::move(rules.rules)).ok());
  static_cast<void>(world.answer_to(echo_request(20)));
  REQUIRE(nftables.commit(nftables.ruleset()).ok());
  static_cast<void>(world.answer_to(echo_request(20)));
  static_cast<void>(world.answer_to(udp_frame(1, 2, 10)));
  CHECK(TestRules::counted(nftables, "in", 0) == 2);
  CHECK(TestRules::counted(nftables, "in", 1) == 1);
  const auto& counter = std::get<nf::Counter>(nftables.ruleset().tables[0].chain("in")->rules[0].statements[1]);
  CHECK(counter.bytes == 96);
}

TEST_CASE("limits pay out their burst, then their rate", "[netfilter][limit]") {
  Lone world;
  TestRules rules;
  rules.base("in", Hook::input, 0, Verdict::drop);
  rules.rule("in", {nf::Limit{.rate = 10, .burst = 3}, nf::Counter{}, kAccept});
  auto& nftables = world.station().host.ip().nftables;
  REQUIRE(nftables.commit(std::move(rules.rules)).ok());
  const auto accepted = [&](int packets) {
    const std::uint64_t before = TestRules::counted(nftables, "in", 0);
    for (int i = 0; i < packets; ++i) {
      world.station().nic.deliver(echo_request(20));
    }
    world.run_for(kMicrosecond);
    return TestRules::counted(nftables, "in", 0) - before;
  };
  CHECK(accepted(10) == 3);
  CHECK(accepted(10) == 0);
  world.run_for(200 * kMillisecond);
  CHECK(accepted(10) == 2);
  world.run_for(10 * kSecond);
  CHECK(accepted(10) == 3);

  nf::Limit bytes{.rate = 1'000, .burst = 500, .bytes = true, .over = true};
  CHECK_FALSE(bytes.take(1'000, 0));
  CHECK_FALSE(bytes.take(500, 0));
  CHECK(bytes.take(1, 0));
  CHECK_FALSE(bytes.take(100, kSecond / 10));
  CHECK(bytes.take(100, kSecond / 10));
}

TEST_CASE("a limit's unit is the time in which its rate is paid out", "[netfilter][limit]") {
  const auto [unit, seconds] = GENERATE(table<nf::RateUnit, Nanoseconds>({{nf::RateUnit::second, 1},
                                                                          {nf::RateUnit::minute, 60},
                                                                          {nf::RateUnit::hour, 3'600},
                                                                          {nf::RateUnit::day, 86'400},
                                                                          {nf::RateUnit::week, 604'800}}));
  nf::Limit slow{.rate = 1, .unit = unit, .burst = 5};
  for (int i = 0; i < 5; ++i) {
    CHECK(slow.take(1, 0));
  }
  CHECK_FALSE(slow.take(1, seconds * kSecond - 1));
  CHECK(slow.take(1, seconds * kSecond));
}

TEST_CASE("reject answers with the ICMP error that the rule names", "[netfilter][reject]") {
  for (const std::uint8_t code : {std::uint8_t{3}, std::uint8_t{13}}) {
    Lone world;
    TestRules rules;
    rules.base("in", Hook::input);
    rules.rule("in", {nf::Reject{nf::RejectType::icmp, code}});
    REQUIRE(world.station().host.ip().nftables.commit(std::move(rules.rules)).ok());
    const auto sent = world.answer_to(udp_frame(1000, 2000, 30));
    const auto message = headers::IcmpView::parse(answer(sent).payload()).value();
    CHECK(message.type() == headers::IcmpType::destination_unreachable);
    CHECK(message.fields().code == code);
    CHECK(message.checksum_ok());
    CHECK(world.counter("drop.netfilter_drop") == 1);
    CHECK(world.station().host.kernel().drops().total() == 1);
  }
}

TEST_CASE("reject with tcp reset ends a connection as RFC 9293 asks", "[netfilter][reject]") {
  Lone world;
  TestRules rules;
  rules.base("in", Hook::input);
  rules.rule("in", {nf::Reject{nf::RejectType::tcp_reset, 0}});
  REQUIRE(world.station().host.ip().nftables.commit(std::move(rules.rules)).ok());
  const auto segment = [&](const Frame& frame) {
    const auto sent = world.answer_to(frame);
    const headers::Ipv4View ip = answer(sent);
    auto sum = headers::pseudo_header(ip.source(), ip.destination(), 6, 20);
    sum.add(ip.payload());
    CHECK(sum.checksum() == 0);
    CHECK(ip.source() == address_of(1));
    return std::vector<std::byte>(ip.payload().begin(), ip.payload().end());
  };
  const auto to_syn = segment(tcp_frame(1000, 80, 0x02));
  CHECK(base::load_be16(to_syn, 0) == 80);
  CHECK(base::load_be16(to_syn, 2) == 1000);
  CHECK(base::load_be32(to_syn, 4) == 0);
  CHECK(base::load_be32(to_syn, 8) == 1001);
  CHECK(base::load_u8(to_syn, 13) == 0x14);
  const auto to_data = segment(tcp_frame(1000, 80, 0x10, 5));
  CHECK(base::load_be32(to_data, 4) == 5000);
  CHECK(base::load_be32(to_data, 8) == 0);
  CHECK(base::load_u8(to_data, 13) == 0x04);
  CHECK(world.answer_to(tcp_frame(1000, 80, 0x04)).empty());  // never to a reset
  Frame damaged = tcp_frame(1000, 80, 0x02);
  damaged[kTransportAt + 4] ^= std::byte{1};
  CHECK(world.answer_to(damaged).empty());
  CHECK(world.answer_to(udp_frame(1000, 80, 10)).empty());
}

TEST_CASE("log keeps the last lines", "[netfilter][log]") {
  Lone world;
  TestRules rules;
  rules.base("in", Hook::input);
  rules.rule("in", {nf::Log{.prefix = "seen: "}});
  auto& nftables = world.station().host.ip().nftables;
  REQUIRE(nftables.commit(std::move(rules.rules)).ok());
  static_cast<void>(world.answer_to(udp_frame(1000, 2000, 30)));
  CHECK(nftables.log().text().ends_with(
      "] seen: IN=eth0 OUT= SRC=10.0.0.2 DST=10.0.0.1 LEN=58 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=1000 "
      "DPT=2000 LEN=38 \n"));
  for (std::size_t i = 0; i < nf::PacketLog::kMostLines + 5; ++i) {
    static_cast<void>(world.answer_to(echo_request(20)));
  }
  const std::string text = nftables.log().text();
  CHECK(std::count(text.begin(), text.end(), '\n') == static_cast<std::ptrdiff_t>(nf::PacketLog::kMostLines));
  CHECK(text.find("UDP") == std::string::npos);
  CHECK(nftables.log().written() == nf::PacketLog::kMostLines + 6);
}
