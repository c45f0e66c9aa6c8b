// SPDX-License-Identifier: Apache-2.0
// Changing rulesets: what is refused, with Linux's error, and leaves everything as it was.
#include <catch2/catch.hpp>

#include "tests/host/netfilter/rules.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using nf::BaseHook;
using nf::ChainType;
using nf::Hook;
using nf::Interval;

TEST_CASE("rules go where they are told to, with handles that grow", "[netfilter][ruleset]") {
  using Where = nf::RulePlace::Where;
  TestRules made;
  nf::Chain& chain = made.plain("c");
  const auto add = [&](nf::RulePlace place) { return add_rule(made.table, chain, place, {}); };
  const std::uint64_t first = (*add({}).value()).handle;
  const std::uint64_t last = (*add({}).value()).handle;
  const std::uint64_t top = (*add({Where::first, 0}).value()).handle;
  const std::uint64_t after = (*add({Where::after, first}).value()).handle;
  const std::uint64_t before = (*add({Where::before, first}).value()).handle;
  const std::uint64_t instead = (*add({Where::instead, last}).value()).handle;
  std::vector<std::uint64_t> order;
  for (const nf::Rule& rule : chain.rules) {
    order.push_back(rule.handle);
  }
  CHECK(order == std::vector{top, before, first, after, instead});
  CHECK(chain.handle == 1);
  CHECK(instead == 7);
  CHECK(add({Where::after, last}).error() == Errno::no_entry);
  CHECK(delete_rule(chain, last).error() == Errno::no_entry);
  CHECK(delete_rule(chain, first).ok());
  CHECK(chain.rules.size() == 4);
}

TEST_CASE("what is referred to stays", "[netfilter][ruleset]") {
  TestRules made;
  made.plain("used");
  made.plain("c");
  REQUIRE(add_set(made.table, {.name = "s", .type = nf::DataType::ipv4_addr}).ok());
  made.rule("c", {is_in(nf::Key::ip_saddr, "s"), decide(nf::Action::jump, "used")});
  CHECK(delete_chain(made.table, "used").error() == Errno::busy);
  CHECK(delete_set(made.table, "s").error() == Errno::busy);
  CHECK(rename_chain(made.table, "used", "c").error() == Errno::exists);
  REQUIRE(rename_chain(made.table, "used", "renamed").ok());
  CHECK(nf::Nftables::check(made.rules).ok());
  REQUIRE(delete_chain(made.table, "c").ok());
  CHECK(delete_chain(made.table, "renamed").ok());
  CHECK(delete_set(made.table, "s").ok());
  CHECK(delete_chain(made.table, "renamed").error() == Errno::no_entry);
}

TEST_CASE("chains hang only where their type may", "[netfilter][ruleset]") {
  struct Row {
    BaseHook base;
    bool fine;
  };
  const Row rows[] = {
      {{ChainType::filter, Hook::forward, -300}, true}, {{ChainType::nat, Hook::prerouting, -100}, true},
      {{ChainType::nat, Hook::forward, 0}, false},      {{ChainType::nat, Hook::prerouting, -200}, false},
      {{ChainType::route, Hook::output, 0}, true},      {{ChainType::route, Hook::input, 0}, false},
  };
  for (const Row& row : rows) {
    TestRules made;
    const auto added = add_chain(made.table, "c", row.base);
    CHECK(added.ok() == row.fine);
    if (!row.fine) {
      CHECK(added.error() == Errno::not_supported);
    }
  }
  TestRules made;
  made.base("c", Hook::input);
  CHECK(add_chain(made.table, "c", std::nullopt).ok());
  CHECK(add_chain(made.table, "c", BaseHook{ChainType::filter, Hook::output, 0}).error() == Errno::exists);
}

TEST_CASE("what cannot run is refused whole", "[netfilter][ruleset]") {
  struct Row {
    const char* what;
    std::function<void(TestRules&)> build;
    Errno error;
  };
  const Row rows[] = {
      {"a jump to nowhere", [](TestRules& made) { made.rule("c", {decide(nf::Action::jump, "none")}); },
       Errno::no_entry},
      {"a jump to a base chain", [](TestRules& made) { made.rule("c", {decide(nf::Action::go_to, "in")}); },
       Errno::not_supported},
      {"a set that is not there", [](TestRules& made) { made.rule("c", {is_in(nf::Key::ip_saddr, "none")}); },
       Errno::no_entry},
      {"a set of another type", [](TestRules& made) { made.rule("c", {is_in(nf::Key::udp_dport, "s")}); },
       Errno::invalid},
      {"reject behind the last hook that can",
       [](TestRules& made) {
         made.base("post", Hook::postrouting);
         made.rule("post", {decide(nf::Action::jump, "c")});
         made.rule("c", {nf::Reject{}});
       },
       Errno::not_supported},
      {"a circle",
       [](TestRules& made) {
         made.plain("d");
         made.rule("c", {decide(nf::Action::jump, "d")});
         made.rule("d", {decide(nf::Action::go_to, "c")});
       },
       Errno::too_many_links},
      {"too deep",
       [](TestRules& made) {
         std::string above = "in";
         for (int i = 0; i < 16; ++i) {
           const std::string name = "deep" + std::to_string(i);
           made.plain(name.c_str());
           made.rule(above.c_str(), {decide(nf::Action::jump, name)});
           above = name;
         }
       },
       Errno::too_many_links},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Lone world;
    auto& nftables = world.station().host.ip().nftables;
    TestRules before;
    before.base("in", Hook::input, 0, nf::Verdict::drop);
    REQUIRE(nftables.commit(std::move(before.rules)).ok());
    TestRules made;
    made.base("in", Hook::input);
    made.plain("c");
    REQUIRE(add_set(made.table, {.name = "s", .type = nf::DataType::ipv4_addr}).ok());
    row.build(made);
    const auto committed = nftables.commit(std::move(made.rules));
    REQUIRE_FALSE(committed.ok());
    CHECK(committed.error() == row.error);
    CHECK(world.answer_to(echo_request(20)).empty());  // the old policy is in force
  }
}

TEST_CASE("jumps fifteen deep run", "[netfilter][ruleset]") {
  Lone world;
  TestRules made;
  made.base("in", Hook::input);
  std::string above = "in";
  for (int i = 0; i < 15; ++i) {
    const std::string name = "deep" + std::to_string(i);
    made.plain(name.c_str());
    made.rule(above.c_str(), {decide(nf::Action::jump, name)});
    above = name;
  }
  made.rule("deep14", {kDrop});
  REQUIRE(world.station().host.ip().nftables.commit(std::move(made.rules)).ok());
  CHECK(world.answer_to(echo_request(20)).empty());
}

TEST_CASE("sets keep their elements apart", "[netfilter][set]") {
  nf::Set ranges{.name = "r", .interval = true, .size = 3};
  CHECK(ranges.insert({10, 20}).ok());
  CHECK(ranges.insert({30, 40}).ok());
  CHECK(ranges.insert({10, 20}).ok());  // it is there
  CHECK(ranges.insert({15, 16}).error() == Errno::exists);
  CHECK(ranges.insert({5, 10}).error() == Errno::exists);
  CHECK(ranges.insert({25, 35}).error() == Errno::exists);
  CHECK(ranges.insert({21, 29}).ok());
  CHECK(ranges.insert({1, 1}).error() == Errno::no_buffers);
  CHECK(ranges.erase({10, 19}).error() == Errno::no_entry);
  CHECK(ranges.erase({10, 20}).ok());
  CHECK_FALSE(nf::contains(ranges.elements, 15));
  CHECK(nf::contains(ranges.elements, 21));
  CHECK(nf::contains(ranges.elements, 40));
  CHECK_FALSE(nf::contains(ranges.elements, 41));
  nf::Set singles{.name = "s"};
  CHECK(singles.insert({1, 2}).error() == Errno::invalid);

  std::vector<Interval> merged{{30, 40}, {1, 5}, {6, 6}, {4, 5}};
  nf::normalize(merged);
  CHECK(merged == std::vector<Interval>{{1, 6}, {30, 40}});
  std::vector<Interval> apart{{7, 7}, {6, 6}, {7, 7}};
  nf::normalize(apart);
  CHECK(apart == std::vector<Interval>{{6, 6}, {7, 7}});
}
