// SPDX-License-Identifier: Apache-2.0
// Rules as tests write them without a language.
#pragma once

#include "host/headers/checksum.hpp"
#include "host/netfilter/nftables.hpp"
#include "host/netfilter/program.hpp"
#include "tests/host/apps/packets.hpp"

namespace host_test {

namespace nf = host::netfilter;

[[nodiscard]] inline nf::Match is(nf::Key key, nf::Value value) {
  return {.key = key, .mask = {}, .relation = nf::Relation::equal, .right = nf::Interval{value, value}};
}
[[nodiscard]] inline nf::Match is_in(nf::Key key, std::string set) {
  return {.key = key, .mask = {}, .relation = nf::Relation::equal, .right = nf::SetReference{std::move(set)}};
}
[[nodiscard]] inline nf::Decision decide(nf::Action action, std::string chain = {}) {
  return {action, std::move(chain)};
}
inline const nf::Decision kAccept{nf::Action::accept, {}};
inline const nf::Decision kDrop{nf::Action::drop, {}};

/// One table `t` to be filled chain by chain and put in force.
struct TestRules {
  nf::Ruleset rules;
  nf::Table& table = *rules.add_table(nf::Family::ip, "t").value();

  nf::Chain& base(const char* name, nf::Hook hook, int priority = 0, nf::Verdict policy = nf::Verdict::accept) {
    nf::Chain& chain = *add_chain(table, name, nf::BaseHook{nf::ChainType::filter, hook, priority}).value();
    chain.policy = policy;
    return chain;
  }
  nf::Chain& plain(const char* name) { return *add_chain(table, name, std::nullopt).value(); }
  void rule(const char* chain, std::vector<nf::Statement> statements) {
    const auto added =
        add_rule(table, *table.chain(chain), {}, {.handle = 0, .statements = std::move(statements), .comment = {}});
    INVARIANT(added.ok(), "a test's rule is refused");
  }
  /// The packets that the counter of a chain's rule counted.
  static std::uint64_t counted(const nf::Nftables& in_force, const char* chain, std::size_t rule) {
    const nf::Rule& which = in_force.ruleset().tables.front().chain(chain)->rules.at(rule);
    for (const nf::Statement& statement : which.statements) {
      if (const auto* counter = std::get_if<nf::Counter>(&statement)) {
        return counter->packets;
      }
    }
    return 0;
  }
};

/// A TCP segment with the right checksum.
[[nodiscard]] inline Frame tcp_frame(std::uint16_t from, std::uint16_t to, std::uint8_t flags, std::size_t payload = 0,
                                     const PacketOptions& options = {}) {
  using namespace host;
  Frame segment(20 + payload, std::byte{0x33});
  base::store_be16(segment, 0, from);
  base::store_be16(segment, 2, to);
  base::store_be32(segment, 4, 1000);
  base::store_be32(segment, 8, (flags & 0x10U) != 0 ? 5000 : 0);
  base::store_u8(segment, 12, 0x50);
  base::store_u8(segment, 13, flags);
  base::store_be16(segment, 14, 8192);
  base::store_be32(segment, 16, 0);
  auto sum = headers::pseudo_header(options.source, options.destination, 6, static_cast<std::uint16_t>(segment.size()));
  sum.add(segment);
  base::store_be16(segment, 16, sum.checksum());
  return ipv4_frame(headers::IpProtocol::tcp, segment, options);
}

}  // namespace host_test
