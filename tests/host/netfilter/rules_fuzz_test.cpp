// SPDX-License-Identifier: Apache-2.0
// Random packets through random rulesets: what runs agrees with a plain reading of the rules.
#include <catch2/catch.hpp>

#include <random>

#include "tests/host/netfilter/rules.hpp"

using namespace host;
using namespace host_test;
using nf::Hook;
using nf::Interval;
using nf::Key;
using nf::Relation;
using nf::Value;
using nf::Verdict;

namespace {

using Random = std::mt19937;

unsigned below(Random& random, unsigned bound) {
  return static_cast<unsigned>(random() % bound);
}

/// A packet from the IP header on: few values, so that rules meet them; sometimes cut, sometimes a fragment.
Frame random_packet(Random& random) {
  static constexpr std::uint8_t kProtocols[] = {1, 6, 17, 47};
  const std::size_t payload = below(random, 40);
  Frame packet(20 + payload);
  for (std::byte& byte : packet) {
    byte = static_cast<std::byte>(below(random, 4));
  }
  headers::write_ipv4(packet, {.tos = static_cast<std::uint8_t>(below(random, 4) << 2U),
                               .total_length = static_cast<std::uint16_t>(packet.size()),
                               .id = static_cast<std::uint16_t>(below(random, 4)),
                               .more_fragments = below(random, 8) == 0,
                               .fragment_offset = static_cast<std::uint16_t>(below(random, 8) == 0 ? 8 : 0),
                               .ttl = static_cast<std::uint8_t>(below(random, 4)),
                               .protocol = headers::IpProtocol{kProtocols[below(random, 4)]},
                               .source = {below(random, 4)},
                               .destination = {below(random, 4)}});
  return packet;
}

/// What the packet's bytes say, read anew.
std::optional<Value> value_of(Key key, const Frame& packet, std::uint32_t mark) {
  const auto byte = [&](std::size_t at) { return std::to_integer<unsigned>(packet[at]); };
  const auto word = [&](std::size_t at) { return byte(at) << 8 | byte(at + 1); };
  const nf::KeyInfo& info = nf::key_info(key);
  if (info.group == "ip") {
    if (info.field == "saddr") return word(12) << 16 | word(14);
    if (info.field == "daddr") return word(16) << 16 | word(18);
    if (info.field == "dscp") return byte(1) >> 2;
    if (info.field == "ttl") return byte(8);
    if (info.field == "protocol") return byte(9);
    return word(info.field == "length" ? 2 : info.field == "id" ? 4 : 6);
  }
  if (info.group == "meta") {
    if (info.field == "mark") return mark;
    if (info.field == "length") return packet.size();
    if (info.field == "protocol") return 0x0800;
    if (info.field == "nfproto") return nf::kNfIpv4;
    if (info.field == "l4proto") return byte(9);
    if (info.field == "iif") return 2;
    if (info.field == "iifname") return nf::name_value("eth0");
    return std::nullopt;  // no device to leave by yet
  }
  if (info.group == "ip6" || info.group == "icmpv6") return std::nullopt;  // the packets are IPv4's
  const bool later_fragment = (word(6) & 0x1fffU) != 0;
  if (later_fragment || (info.protocol != 0 && info.protocol != byte(9))) return std::nullopt;
  std::size_t at = 20;
  if (info.field == "dport" || info.field == "code") at += info.field == "code" ? 1 : 2;
  if (info.field == "id" || info.field == "length") at += 4;
  if (info.field == "sequence") at += 6;
  if (info.field == "flags") at += 13;
  if (at + info.bits / 8 > packet.size()) return std::nullopt;
  const bool of_echo = info.group == "icmp" && (info.field == "id" || info.field == "sequence");
  if (of_echo && byte(20) != 0 && byte(20) != 8) return std::nullopt;
  return info.bits == 8 ? byte(at) : word(at);
}

/// The rules read one after the other.
class Reader {
 public:
  Reader(const nf::Table& table, const Frame& packet) : table_(table), packet_(packet) {}

  Verdict run(const nf::Chain& base) { return chain(base).value_or(base.policy); }
  std::uint32_t mark = 0;

 private:
  bool holds(const nf::Match& match) const {
    const auto loaded = value_of(match.key, packet_, mark);
    if (!loaded) return false;
    const Value value = match.mask ? *loaded & *match.mask : *loaded;
    std::vector<Interval> elements;
    if (const auto* single = std::get_if<Interval>(&match.right)) elements.push_back(*single);
    if (const auto* anonymous = std::get_if<nf::AnonymousSet>(&match.right)) elements = anonymous->elements;
    if (const auto* named = std::get_if<nf::SetReference>(&match.right)) elements = table_.set(named->name)->elements;
    bool inside = false;
    for (const Interval& element : elements) inside = inside || (value >= element.low && value <= element.high);
    switch (match.relation) {
      case Relation::equal:
        return inside;
      case Relation::not_equal:
        return !inside;
      case Relation::less:
        return value < elements[0].low;
      case Relation::less_or_equal:
        return value <= elements[0].low;
      case Relation::greater:
        return value > elements[0].low;
      case Relation::greater_or_equal:
        return value >= elements[0].low;
      case Relation::any_bit:
        return (value & elements[0].low) != 0;
      case Relation::no_bit:
        return (value & elements[0].low) == 0;
    }
    return false;
  }

  /// Nothing: the chain ended without a verdict.
  std::optional<Verdict> chain(const nf::Chain& which) {
    for (const nf::Rule& rule : which.rules) {
      for (const nf::Statement& statement : rule.statements) {
        if (const auto* match = std::get_if<nf::Match>(&statement)) {
          if (!holds(*match)) break;
        } else if (const auto* set = std::get_if<nf::SetMark>(&statement)) {
          mark = *set->mark;
        } else if (std::holds_alternative<nf::Reject>(statement)) {
          return Verdict::drop;
        } else if (const auto* decision = std::get_if<nf::Decision>(&statement)) {
          switch (decision->action) {
            case nf::Action::accept:
              return Verdict::accept;
            case nf::Action::drop:
              return Verdict::drop;
            case nf::Action::continue_:
              break;
            case nf::Action::return_:
              return std::nullopt;
            case nf::Action::jump:
              if (const auto verdict = chain(*table_.chain(decision->chain))) return verdict;
              break;
            case nf::Action::go_to:
              return chain(*table_.chain(decision->chain));
          }
        }
      }
    }
    return std::nullopt;
  }

  const nf::Table& table_;
  const Frame& packet_;
};

Interval random_interval(Random& random, Key key) {
  if (key == Key::meta_iifname || key == Key::meta_oifname) {
    return below(random, 2) == 0 ? nf::names_with_prefix("et") : Interval{nf::name_value("lo"), nf::name_value("lo")};
  }
  const Value low = below(random, 5);
  return {low, low + (below(random, 3) == 0 ? below(random, 4) : 0)};
}

nf::Match random_match(Random& random) {
  nf::Match match{.key = static_cast<Key>(below(random, static_cast<unsigned>(Key::ct_state)))};
  if (below(random, 6) == 0) match.mask = below(random, 4);
  const bool wide = nf::key_info(match.key).type == nf::DataType::ifname;
  switch (below(random, 4)) {
    case 0: {
      nf::AnonymousSet set;
      for (unsigned i = below(random, 3) + 1; i > 0; --i) set.elements.push_back(random_interval(random, match.key));
      nf::normalize(set.elements);
      match.right = std::move(set);
      match.relation = below(random, 2) == 0 ? Relation::equal : Relation::not_equal;
      return match;
    }
    case 1:
      if (nf::key_info(match.key).type == nf::DataType::ipv4_addr) {
        match.right = nf::SetReference{"s"};
        return match;
      }
      [[fallthrough]];
    default: {
      Interval right = random_interval(random, match.key);
      match.relation = static_cast<Relation>(below(random, wide ? 2 : 8));
      if (match.relation > Relation::not_equal) right.high = right.low;
      match.right = right;
      return match;
    }
  }
}

nf::Rule random_rule(Random& random, std::size_t chain, std::size_t chains) {
  nf::Rule rule;
  for (unsigned i = below(random, 3); i > 0; --i) rule.statements.emplace_back(random_match(random));
  if (below(random, 3) == 0) rule.statements.emplace_back(nf::Counter{});
  if (below(random, 4) == 0) rule.statements.emplace_back(nf::SetMark{.mark = below(random, 4)});
  if (below(random, 20) == 0) {
    rule.statements.emplace_back(nf::Reject{});
    return rule;
  }
  if (below(random, 3) == 0) return rule;
  nf::Decision decision{static_cast<nf::Action>(below(random, 6)), {}};
  const bool calls = decision.action == nf::Action::jump || decision.action == nf::Action::go_to;
  if (calls && chain + 1 == chains) decision.action = nf::Action::continue_;
  if (calls && chain + 1 < chains) {
    decision.chain = "c" + std::to_string(chain + 1 + below(random, static_cast<unsigned>(chains - chain - 1)));
  }
  rule.statements.emplace_back(decision);
  return rule;
}

TestRules random_rules(Random& random) {
  constexpr std::size_t kChains = 5;
  TestRules made;
  nf::Set set{.name = "s", .type = nf::DataType::ipv4_addr, .interval = true};
  for (unsigned i = 0; i < 3; ++i) static_cast<void>(set.insert(random_interval(random, Key::ip_saddr)));
  static_cast<void>(add_set(made.table, set));
  for (std::size_t i = 0; i < kChains; ++i) {
    const std::string name = "c" + std::to_string(i);
    if (i == 0) {
      made.base(name.c_str(), Hook::input, 0, below(random, 2) == 0 ? Verdict::accept : Verdict::drop);
    } else {
      made.plain(name.c_str());
    }
  }
  for (std::size_t i = 0; i < kChains; ++i) {
    for (unsigned rules = below(random, 6); rules > 0; --rules) {
      const auto added = add_rule(made.table, made.table.chains[i], {}, random_rule(random, i, kChains));
      REQUIRE(added.ok());
    }
  }
  return made;
}

}  // namespace

TEST_CASE("compiled rules and a plain reading agree", "[netfilter][fuzz]") {
  World world({.stations = 1});
  auto& host = world[1].host;
  Random random(20);
  std::array<unsigned, 2> verdicts{};
  for (int round = 0; round < 400; ++round) {
    TestRules made = random_rules(random);
    auto program = nf::compile(made.rules);
    REQUIRE(program.ok());
    REQUIRE(program->entries.size() == 1);
    for (int packets = 0; packets < 50; ++packets) {
      const Frame packet = random_packet(random);
      skb::Skb skb = host.pool().allocate(static_cast<std::uint32_t>(packet.size()));
      const auto out = skb->put(static_cast<std::uint32_t>(packet.size()));
      std::copy(packet.begin(), packet.end(), out.begin());
      nf::HookCall call{.hook = Hook::input, .in = &world[1].nic.device()};
      nf::PacketLog log;
      const Verdict ran = nf::evaluate(program->entries.front(), *skb, call, log);
      Reader reader(made.table, packet);
      const Verdict read = reader.run(*made.table.chain("c0"));
      INFO("round " << round << " packet " << packets);
      REQUIRE(ran == read);
      REQUIRE(skb->mark == reader.mark);
      ++verdicts[static_cast<std::size_t>(ran)];
    }
  }
  CHECK(verdicts[0] > 1'000);
  CHECK(verdicts[1] > 1'000);
}

TEST_CASE("damaged frames meet rules and nothing is lost track of", "[netfilter][fuzz]") {
  Random random(21);
  for (int round = 0; round < 20; ++round) {
    Lone world;
    TestRules made = random_rules(random);
    auto& host = world.station().host;
    REQUIRE(host.ip().nftables.commit(std::move(made.rules)).ok());
    for (int i = 0; i < 50; ++i) {
      Frame frame =
          below(random, 2) == 0 ? tcp_frame(1, 2, 0x12, below(random, 30)) : udp_frame(1, 2, below(random, 30));
      for (unsigned flips = below(random, 4); flips > 0; --flips) {
        frame[kIpAt + below(random, 40)] = static_cast<std::byte>(below(random, 256));
      }
      frame.resize(below(random, 8) == 0 ? kIpAt + below(random, 40) : frame.size());
      if (frame.size() > kIpAt + 20) {
        base::store_be16(frame, kIpAt + 10, 0);
        base::store_be16(frame, kIpAt + 10, base::internet_checksum(std::span(frame).subspan(kIpAt, 20)));
      }
      static_cast<void>(world.answer_to(frame));
    }
    world.run_for(60 * kSecond);  // until nobody waits for a neighbour, or for a fragment, any more
    CHECK(host.pool().in_use() == 0);
  }
}
