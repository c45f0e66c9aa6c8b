// SPDX-License-Identifier: Apache-2.0
// Rules made ready to run: chains of small expressions that refer to the ruleset's counters, limits and sets.
#pragma once

#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "host/netfilter/packet_log.hpp"
#include "host/netfilter/ruleset.hpp"

namespace host::netfilter {

/// Linux: NFT_JUMP_STACK_SIZE. A base chain and what it jumps to are at most so many deep.
inline constexpr std::size_t kJumpDepth = 16;

struct CompiledChain;

/// `key & mask` lies in the range, or outside.
struct InRange {
  Key key;
  bool inverted;
  Value mask;
  Interval range;
};
/// `key & mask` is one of them, or is not.
struct InElements {
  Key key;
  bool inverted;
  Value mask;
  std::span<const Interval> elements;
};
/// `key & mask` is a live element of a set with timeouts, or is not.
struct InTimed {
  Key key;
  bool inverted;
  Value mask;
  const Set* set;
};
struct Count {
  Counter* counter;
};
struct Spend {
  Limit* limit;
};
struct Drain {
  Quota* quota;
};
struct Write {
  const Log* log;
};
struct Decide {
  Action action;
  const CompiledChain* target;
};
/// The verdict that a map has for `key & mask`.
struct Branch {
  Key key;
  Value mask;
  std::span<const Interval> elements;
  const std::vector<Decide>* decisions;
};
/// A mark that a map has for `key & mask`.
struct MarkByMap {
  SetMark::Target target;
  Key key;
  Value mask;
  std::span<const Interval> elements;
  std::span<const Datum> data;
};
struct Update {
  const SetUpdate* statement;
  Set* set;
};
struct Translate {
  const NatStatement* statement;
};
/// A mark that is set to a number or to the other mark.
struct Mark {
  SetMark::Target target;
  std::optional<std::uint32_t> mark;
};
using Expression = std::variant<InRange, InElements, InTimed, Count, Spend, Drain, Write, Mark, MarkByMap, Update,
                                Notrack, Translate, Reject, Branch, Decide>;

struct CompiledChain {
  std::vector<Expression> code;
  std::vector<std::size_t> ends;  // of each rule in `code`
};

/// A base chain, ready to hang on its hook.
struct EntryPoint {
  Family family;
  BaseHook base;
  Verdict policy;
  const CompiledChain* chain;
};

struct Program {
  std::vector<std::unique_ptr<CompiledChain>> chains;
  std::vector<std::unique_ptr<std::vector<Decide>>> maps;  // the verdicts of each
  std::vector<EntryPoint> entries;
  /// A rule asks for connections, of IPv4 or of IPv6.
  bool needs_conntrack = false;
  bool needs_conntrack6 = false;
};

/// Refers into `ruleset`, which stays where it is. Errors: no_entry a chain, set or object that is not there, invalid a
/// set of another type, not_supported a jump to a base chain or a statement that its hook does not allow,
/// too_many_links jumps in a circle or too deep.
[[nodiscard]] base::Result<Program> compile(Ruleset& ruleset);

/// Linux: nft_do_chain. The packet's fate by the rules, else the policy. No memory is allocated, nothing is charged.
[[nodiscard]] Verdict evaluate(const EntryPoint& entry, skb::SkBuff& skb, HookCall& call, PacketLog& log);

}  // namespace host::netfilter
