// SPDX-License-Identifier: Apache-2.0
// What an nft text asks for, command by command (nftables: struct cmd).
#pragma once

#include <variant>

#include "host/console/nft_define.hpp"
#include "host/console/nft_symbols.hpp"
#include "host/console/nft_token.hpp"
#include "host/netfilter/ruleset.hpp"

namespace host::console {

enum class NftVerb : std::uint8_t { add, create, insert, replace, remove, list, reset, flush, rename };
enum class NftObject : std::uint8_t {
  ruleset,
  tables,
  table,
  chains,
  chain,
  sets,
  set,
  maps,
  map,
  rule,
  element,
  counters,
  counter,
  quotas,
  quota
};
/// What of the named ones an object is, or a list of them.
[[nodiscard]] constexpr std::optional<netfilter::ObjectKind> nft_object_kind(NftObject object) {
  using netfilter::ObjectKind;
  if (object == NftObject::counters || object == NftObject::counter) return ObjectKind::counter;
  if (object == NftObject::quotas || object == NftObject::quota) return ObjectKind::quota;
  return std::nullopt;
}

/// A name and where it is written.
struct NftName {
  std::string text;
  NftPlace place;
};

/// An element as written; what it means depends on the set's type. `last` of a range, `prefix` of a prefix.
struct NftElement {
  std::string first;
  std::string last;
  std::optional<unsigned> prefix;
  NftPlace place;
  /// `timeout 10s`; 0: not written.
  platform::Nanoseconds timeout = 0;
  /// What a listing says of an element that packets have met.
  std::optional<platform::Nanoseconds> expires = std::nullopt;
  std::optional<netfilter::Limit> limit = std::nullopt;
  std::optional<netfilter::Counter> counter = std::nullopt;
  /// Behind a colon, in maps: a value, or a verdict and the chain that it names.
  std::string datum = {};
  std::optional<netfilter::Decision> verdict = std::nullopt;
  NftPlace datum_place = {};
  std::vector<NftName> chains = {};

  /// It is more than a value, as only elements of timed sets are.
  [[nodiscard]] bool lives() const { return timeout != 0 || expires || limit || counter; }
};

/// One command. Which members count follows from verb and object.
struct NftCommand {
  NftVerb verb{};
  NftObject object{};
  NftPlace place;
  /// Not written: ip, and any for `list ruleset`.
  std::optional<netfilter::Family> family;
  NftName table;
  NftName name;  // of a chain, set, counter or quota
  std::string new_name;
  std::optional<bool> dormant;
  std::optional<netfilter::BaseHook> base;
  std::optional<netfilter::Verdict> policy;
  std::string comment;
  netfilter::RulePlace where;
  NftPlace handle_place;
  netfilter::Rule rule;
  std::vector<NftName> references;  // the chains and sets that the rule names
  netfilter::Set set;
  std::vector<NftElement> elements;
  std::variant<netfilter::Counter, netfilter::Quota> state;
};

using NftCommands = std::vector<NftCommand>;

/// Reads a whole text: commands between `;` and newlines, `table` blocks, definitions.
[[nodiscard]] std::variant<NftCommands, NftError> nft_parse(std::string_view text, const NftInterfaces& interfaces);
/// The same of a text that is tokens already, and of what is wrong behind them.
[[nodiscard]] std::variant<NftCommands, NftError> nft_parse(NftExpansion text, const NftInterfaces& interfaces);

/// What a map's element stands for: a value of a type, or a verdict.
[[nodiscard]] std::variant<netfilter::Datum, NftError> nft_resolve_datum(const NftElement& element,
                                                                         std::optional<netfilter::DataType> values,
                                                                         const NftInterfaces& interfaces);

/// An element's values; an error's place is the element's.
[[nodiscard]] std::variant<netfilter::Interval, NftError> nft_resolve(const NftElement& element,
                                                                      netfilter::DataType type, netfilter::Value most,
                                                                      const NftInterfaces& interfaces);

}  // namespace host::console
