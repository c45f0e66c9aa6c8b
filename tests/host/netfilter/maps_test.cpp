// SPDX-License-Identifier: Apache-2.0
// Maps that decide and mark, and sets that packets fill themselves.
#include "tests/host/netfilter/passage6.hpp"

using namespace host;
using namespace host_test;

namespace {

Frame to_port(std::uint16_t port) {
  return udp_packet("10.0.0.2", 1000, "10.0.0.1", port);
}
Frame from(const char* client) {
  return udp_packet(client, 1000, "10.0.0.1", 53);
}
/// The error of rules that the kernel refuses.
base::Errno refused(const std::string& text) {
  using namespace host::console;
  const NftInterfaces nobody{[](std::string_view) { return std::nullopt; }, [](unsigned) { return std::nullopt; }};
  const auto parsed = nft_parse(text, nobody);
  REQUIRE(std::holds_alternative<NftCommands>(parsed));
  netfilter::Ruleset ruleset;
  for (const NftCommand& command : std::get<NftCommands>(parsed)) {
    REQUIRE_FALSE(nft_apply(ruleset, command, nobody).has_value());
  }
  const auto checked = netfilter::Nftables::check(ruleset);
  REQUIRE_FALSE(checked.ok());
  return checked.error();
}

}  // namespace

TEST_CASE("a verdict map decides as its elements say", "[netfilter][map]") {
  const char* const maps[] = {
      "udp dport vmap { 1 : accept, 2 : drop, 3 : jump a, 4 : goto a, 5 : return, 6 : continue, "
      "10-20 : drop }",
      "udp dport vmap @m"};
  for (const char* map : maps) {
    INFO(map);
    Passage passage;
    passage.rules(std::string("table ip t { chain a { counter }\n"
                              "map m { type inet_service : verdict; flags interval; elements = { 1 : accept, 2 : drop, "
                              "3 : jump a, 4 : goto a, 5 : return, 6 : continue, 10-20 : drop }; }\n"
                              "chain c { type filter hook input priority 0; policy accept; ") +
                  map + "\ncounter }\n}");
    struct Row {
      std::uint16_t port;
      bool passes;
      std::uint64_t in_a;
      std::uint64_t behind;
    };
    std::uint64_t in_a = 0;
    std::uint64_t behind = 0;
    for (const Row& row :
         {Row{1, true, 0, 0}, Row{2, false, 0, 0}, Row{3, true, 1, 1}, Row{4, true, 1, 0}, Row{5, true, 0, 0},
          Row{6, true, 0, 1}, Row{10, false, 0, 0}, Row{20, false, 0, 0}, Row{21, true, 0, 1}, Row{9, true, 0, 1}}) {
      INFO(row.port);
      CHECK(passage.comes(to_port(row.port)).has_value() == row.passes);
      CHECK(passage.counted("a", 0) == (in_a += row.in_a));
      CHECK(passage.counted("c", 1) == (behind += row.behind));
    }
    // Not of UDP: no element.
    CHECK(passage.comes(tcp_packet("10.0.0.2", 1, "10.0.0.1", 2, 0x02)).has_value());
    CHECK(passage.counted("c", 1) == behind + 1);
  }
}

TEST_CASE("a named map's elements come and go while it decides", "[netfilter][map]") {
  Passage passage;
  passage.rules(
      "table ip6 t { map m { type ipv6_addr : verdict; }\n"
      "chain c { type filter hook input priority 0; ip6 saddr vmap @m\ncounter } }");
  const Frame packet = udp6_packet("fd00::2", 1, "fd00::1", 2);
  CHECK(passage.comes(packet).has_value());
  passage.rules("add element ip6 t m { fd00::2 : drop, fd00::3 : accept }");
  CHECK_FALSE(passage.comes(packet).has_value());
  CHECK(passage.comes(udp6_packet("fd00::3", 1, "fd00::1", 2)).has_value());
  CHECK(passage.counted("c", 1) == 1);
  passage.rules("delete element ip6 t m { fd00::2 }");
  CHECK(passage.comes(packet).has_value());
  CHECK(passage.counted("c", 1) == 2);
  CHECK(passage.comes(udp6_packet("fd00::3", 1, "fd00::1", 2)).has_value());  // its datum is still its own
  CHECK(passage.counted("c", 1) == 2);
}

TEST_CASE("jumps through maps are checked like others", "[netfilter][map]") {
  CHECK(refused("table ip t { chain a { }\nchain b { udp dport vmap { 1 : jump a } }\n }\n"
                "add rule ip t a udp dport vmap { 1 : jump b }") == base::Errno::too_many_links);
  CHECK(refused("table ip t { chain a { }\nmap m { type inet_service : verdict; elements = { 1 : goto a }; }\n }\n"
                "add rule ip t a udp dport vmap @m") == base::Errno::too_many_links);
  // What the hook does not allow is found behind a map, too.
  CHECK(refused("table ip t { chain a { masquerade }\nchain c { type filter hook input priority 0; "
                "udp dport vmap { 1 : jump a } } }") == base::Errno::not_supported);
  TestRules made;
  made.plain("used");
  made.plain("c");
  nf::Set map{.name = "m", .type = nf::DataType::inet_service};
  map.to_verdicts = true;
  REQUIRE(map.insert({1, 1}, nf::Datum(nf::Decision{nf::Action::jump, "used"})).ok());
  REQUIRE(add_set(made.table, map).ok());
  CHECK(delete_chain(made.table, "used").error() == base::Errno::busy);
  made.rule("c", {nf::VerdictMap{{.key = nf::Key::udp_dport, .map = nf::SetReference{"m"}}}});
  CHECK(delete_set(made.table, "m").error() == base::Errno::busy);
  REQUIRE(rename_chain(made.table, "used", "renamed").ok());
  CHECK(nf::Nftables::check(made.rules).ok());
}

TEST_CASE("marks come out of maps", "[netfilter][map]") {
  Passage passage;
  passage.rules(
      "table ip t { map m { type ipv4_addr : mark; elements = { 10.0.0.2 : 5, 10.0.0.3 : 6 }; }\n"
      "chain c { type filter hook input priority 0; meta mark set ip saddr map @m\n"
      "meta mark 5 counter\nmeta mark 6 counter\nct mark set udp dport map { 53 : 9 }\nct mark 9 counter\n"
      "meta mark & 0x1 vmap { 1 : drop } } }");
  CHECK_FALSE(passage.comes(from("10.0.0.2")).has_value());
  CHECK(passage.comes(from("10.0.0.3")).has_value());
  CHECK(passage.comes(from("10.0.0.4")).has_value());
  CHECK(passage.counted("c", 1) == 1);
  CHECK(passage.counted("c", 2) == 1);
  CHECK(passage.counted("c", 4) == 3);
}

TEST_CASE("each client has a bucket of his own", "[netfilter][set][dynamic]") {
  Passage passage;
  passage.rules(
      "table ip t { set flood { type ipv4_addr; flags dynamic; }\n"
      "chain c { type filter hook input priority 0; add @flood { ip saddr limit rate over 1/second burst 3 packets } "
      "drop\ncounter } }");
  const auto burst = [&](const char* client) {
    int passed = 0;
    for (int i = 0; i < 10; ++i) passed += passage.comes(from(client)).has_value() ? 1 : 0;
    return passed;
  };
  CHECK(burst("10.0.0.2") == 3);
  CHECK(burst("10.0.0.3") == 3);  // the first one's flood is not his
  CHECK(burst("10.0.0.2") == 0);
  passage.world.run_for(2 * kSecond);
  CHECK(burst("10.0.0.2") == 2);
  CHECK(passage.counted("c", 1) == 8);
  CHECK(passage.host.ip().nftables.ruleset().tables[0].sets[0].timed.size() == 2);
}

TEST_CASE("elements live as long as they are told, and as packets renew them", "[netfilter][set][dynamic]") {
  Passage passage;
  passage.rules(
      "table ip t { set a { type ipv4_addr; flags dynamic,timeout; timeout 10s; }\n"
      "set u { type ipv4_addr; flags dynamic,timeout; timeout 10s; }\n"
      "chain c { type filter hook input priority 0; ip saddr @a counter\nip saddr @u counter\n"
      "ip saddr != @u counter\nadd @a { ip saddr }\nupdate @u { ip saddr timeout 6s }\n"
      "udp dport 99 delete @u { ip saddr } } }");
  const auto counts = [&] {
    return std::array{passage.counted("c", 0), passage.counted("c", 1), passage.counted("c", 2)};
  };
  using Counts = std::array<std::uint64_t, 3>;
  CHECK(passage.comes(from("10.0.0.2")).has_value());
  CHECK(counts() == Counts{0, 0, 1});
  passage.world.run_for(5 * kSecond);
  CHECK(passage.comes(from("10.0.0.2")).has_value());  // in a for 5 s more, in u for 6
  CHECK(counts() == Counts{1, 1, 1});
  passage.world.run_for(5'500 * kMillisecond);
  CHECK(passage.comes(from("10.0.0.2")).has_value());  // no more in a, still in u
  CHECK(counts() == Counts{1, 2, 1});
  passage.world.run_for(7 * kSecond);
  CHECK(passage.comes(from("10.0.0.2")).has_value());
  CHECK(counts() == Counts{2, 2, 2});
  CHECK(passage.comes(to_port(99)).has_value());  // is taken out
  CHECK(passage.comes(from("10.0.0.2")).has_value());
  CHECK(counts() == Counts{4, 3, 3});
}

TEST_CASE("a dynamic set holds no more than its size, and what has expired makes room", "[netfilter][set][dynamic]") {
  Passage passage;
  passage.rules(
      "table ip t { set s { type ipv4_addr; size 3; flags dynamic,timeout; timeout 10s; }\n"
      "chain c { type filter hook input priority 0; add @s { ip saddr counter } counter } }");
  for (unsigned n = 1; n <= 50; ++n) {
    CHECK(passage.comes(from(("10.0.1." + std::to_string(n)).c_str())).has_value());
  }
  const auto& set = passage.host.ip().nftables.ruleset().tables[0].sets[0];
  CHECK(set.timed.size() == 3);
  CHECK(passage.counted("c", 0) == 3);
  CHECK(passage.comes(from("10.0.1.1")).has_value());
  CHECK(set.timed.begin()->second.counter->packets == 2);
  passage.world.run_for(11 * kSecond);
  CHECK(passage.comes(from("10.0.1.50")).has_value());
  CHECK(passage.counted("c", 0) == 5);
  CHECK(set.timed.size() == 1);
}

TEST_CASE("sets that are not made for it are not changed by packets", "[netfilter][set][dynamic]") {
  for (const char* bad : {"set s { type ipv4_addr; } chain c { add @s { ip saddr } }",
                          "set s { type inet_service; flags dynamic; } chain c { add @s { ip saddr } }",
                          "set s { type ipv4_addr; flags dynamic; } chain c { add @s { ip saddr timeout 1s } }",
                          "set s { type ipv4_addr; flags timeout; } chain c { add @s { ip saddr counter } }"}) {
    INFO(bad);
    std::string text = bad;
    text.replace(text.find(" chain"), 1, "\n");
    using namespace host::console;
    const NftInterfaces nobody{[](std::string_view) { return std::nullopt; }, [](unsigned) { return std::nullopt; }};
    const auto parsed = nft_parse("table ip t { " + text + " }", nobody);
    REQUIRE(std::holds_alternative<NftCommands>(parsed));
    netfilter::Ruleset ruleset;
    bool wrong = false;
    for (const NftCommand& command : std::get<NftCommands>(parsed)) {
      wrong = wrong || nft_apply(ruleset, command, nobody).has_value();
    }
    CHECK((wrong || !netfilter::Nftables::check(ruleset).ok()));
  }
}
