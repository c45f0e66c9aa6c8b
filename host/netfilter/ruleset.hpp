// SPDX-License-Identifier: Apache-2.0
// Tables, chains and rules as the administrator made them: a value that can be copied, changed and put in force.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"
#include "host/netfilter/hooks.hpp"
#include "host/netfilter/set.hpp"
#include "host/netfilter/statement.hpp"

namespace host::netfilter {

/// What a table's chains see: IPv4, IPv6 or both.
enum class Family : std::uint8_t { ip, inet, ip6 };
inline constexpr std::size_t kFamilies = 3;
enum class ChainType : std::uint8_t { filter, nat, route };

/// Where a base chain hangs: `type filter hook input priority 0`.
struct BaseHook {
  ChainType type = ChainType::filter;
  Hook hook{};
  int priority = 0;
  friend bool operator==(const BaseHook&, const BaseHook&) = default;
};

struct Chain {
  std::string name;
  std::uint64_t handle = 0;
  std::optional<BaseHook> base;
  /// Of a base chain: what becomes of a packet that no rule decided about.
  Verdict policy = Verdict::accept;
  std::string comment;
  std::vector<Rule> rules;
};

/// `counter http { packets 1 bytes 2 }`, `quota q { over 10 mbytes }`: what several rules count together (Linux: struct
/// nft_object). Kinds have their own names.
struct Object {
  std::string name;
  std::uint64_t handle = 0;
  std::string comment;
  std::variant<Counter, Quota> state;

  [[nodiscard]] ObjectKind kind() const { return static_cast<ObjectKind>(state.index()); }
};

struct Table {
  Family family = Family::ip;
  std::string name;
  std::uint64_t handle = 0;
  /// `flags dormant`: its base chains see nothing.
  bool dormant = false;
  std::string comment = {};
  std::uint64_t last_handle = 0;  // of what is in it
  std::vector<Object> objects;
  std::vector<Set> sets;
  std::vector<Chain> chains;

  [[nodiscard]] Chain* chain(std::string_view chain_name);
  [[nodiscard]] const Chain* chain(std::string_view chain_name) const;
  [[nodiscard]] Set* set(std::string_view set_name);
  [[nodiscard]] const Set* set(std::string_view set_name) const;
  [[nodiscard]] Object* object(ObjectKind kind, std::string_view object_name);
  [[nodiscard]] const Object* object(ObjectKind kind, std::string_view object_name) const;
};

/// Where a new rule goes.
struct RulePlace {
  enum class Where : std::uint8_t { last, first, after, before, instead } where = Where::last;
  /// The rule that the last three are about.
  std::uint64_t handle = 0;
};

/// All tables of a host. What the functions refuse they leave undone; errors are Linux's: no_entry something named is
/// not there, exists, busy it is referred to, not_supported, invalid, no_memory a bound is reached.
struct Ruleset {
  static constexpr std::size_t kMostTables = 1'024;
  static constexpr std::size_t kMostChains = 4'096;  // of a table; of sets and objects likewise
  static constexpr std::size_t kMostRules = 65'536;  // of a chain

  std::vector<Table> tables;
  std::uint64_t last_handle = 0;

  [[nodiscard]] Table* table(Family family, std::string_view name);
  [[nodiscard]] const Table* table(Family family, std::string_view name) const;

  /// The table, new or as it was.
  [[nodiscard]] base::Result<Table*> add_table(Family family, std::string_view name);
  [[nodiscard]] base::Result<void> delete_table(Family family, std::string_view name);
};

/// The chain, new or as it was. exists: it is there as another kind of chain.
[[nodiscard]] base::Result<Chain*> add_chain(Table& table, std::string_view name, const std::optional<BaseHook>& base);
/// With its rules. busy: a rule jumps to it.
[[nodiscard]] base::Result<void> delete_chain(Table& table, std::string_view name);
[[nodiscard]] base::Result<void> rename_chain(Table& table, std::string_view from, std::string_view to);

[[nodiscard]] base::Result<Rule*> add_rule(Table& table, Chain& chain, const RulePlace& place, Rule rule);
[[nodiscard]] base::Result<void> delete_rule(Chain& chain, std::uint64_t handle);

/// Calls `use(decision)` for each verdict that the statement itself has: its own, or those of a map between braces.
template <typename AnyStatement, typename Use>
void for_each_decision(AnyStatement& statement, Use use) {
  if (auto* decision = std::get_if<Decision>(&statement)) {
    use(*decision);
  }
  auto* branches = std::get_if<VerdictMap>(&statement);
  auto* map = branches != nullptr ? std::get_if<AnonymousMap>(&branches->lookup.map) : nullptr;
  if (map != nullptr) {
    for (auto& datum : map->data) {
      use(std::get<Decision>(datum));
    }
  }
}
/// The set or map that a statement names; null: none.
[[nodiscard]] const std::string* named_set(const Statement& statement);

[[nodiscard]] base::Result<Set*> add_set(Table& table, Set set);
/// busy: a rule looks into it.
[[nodiscard]] base::Result<void> delete_set(Table& table, std::string_view name);

/// The object, new or as it was: a counter counts on, a quota has another bound. invalid: more used than there is.
[[nodiscard]] base::Result<Object*> add_object(Table& table, Object object);
/// busy: a rule refers to it.
[[nodiscard]] base::Result<void> delete_object(Table& table, ObjectKind kind, std::string_view name);
/// It begins at nothing again (Linux: nf_tables_getobj with NFT_MSG_GETOBJ_RESET).
void reset_object(Object& object);

}  // namespace host::netfilter
