// SPDX-License-Identifier: Apache-2.0
// Changing the rules (Linux: nf_tables_api.c).
#include "host/netfilter/ruleset.hpp"

#include <algorithm>

namespace host::netfilter {

using base::Errno;

namespace {

template <typename Things>
auto* by_name(Things& things, std::string_view name) {
  const auto found = std::find_if(things.begin(), things.end(), [&](const auto& thing) { return thing.name == name; });
  return found == things.end() ? nullptr : &*found;
}

template <typename Refers>
bool any_statement(const Table& table, Refers refers) {
  for (const Chain& chain : table.chains) {
    for (const Rule& rule : chain.rules) {
      if (std::any_of(rule.statements.begin(), rule.statements.end(), refers)) {
        return true;
      }
    }
  }
  return false;
}

bool jumped_to(const Table& table, std::string_view name) {
  bool found = false;
  const auto look = [&](const Decision& decision) { found = found || decision.chain == name; };
  for (const Set& set : table.sets) {
    for (const Datum& datum : set.data) {
      if (const auto* decision = std::get_if<Decision>(&datum)) {
        look(*decision);
      }
    }
  }
  return found || any_statement(table, [&](const Statement& statement) {
           for_each_decision(statement, look);
           return found;
         });
}

bool looked_into(const Table& table, std::string_view name) {
  return any_statement(table, [&](const Statement& statement) {
    const std::string* set = named_set(statement);
    return set != nullptr && *set == name;
  });
}

/// Which hooks and priorities a type of chain may have (Linux: nft_chain_validate_hook, nf_tables_addchain).
bool may_hang(const BaseHook& base) {
  switch (base.type) {
    case ChainType::filter:
      return true;
    case ChainType::nat:
      return base.hook != Hook::forward && base.priority > priority::kConntrack;
    case ChainType::route:
      return base.hook == Hook::output;
  }
  return false;
}

bool has_braces(const Statement& statement) {
  if (const auto* match = std::get_if<Match>(&statement)) {
    return std::holds_alternative<AnonymousSet>(match->right);
  }
  if (const auto* branches = std::get_if<VerdictMap>(&statement)) {
    return std::holds_alternative<AnonymousMap>(branches->lookup.map);
  }
  const auto* mark = std::get_if<SetMark>(&statement);
  return mark != nullptr && mark->lookup && std::holds_alternative<AnonymousMap>(mark->lookup->map);
}

auto rule_by_handle(Chain& chain, std::uint64_t handle) {
  return std::find_if(chain.rules.begin(), chain.rules.end(), [&](const Rule& rule) { return rule.handle == handle; });
}

}  // namespace

const std::string* named_set(const Statement& statement) {
  const SetReference* set = nullptr;
  if (const auto* match = std::get_if<Match>(&statement)) {
    set = std::get_if<SetReference>(&match->right);
  } else if (const auto* branches = std::get_if<VerdictMap>(&statement)) {
    set = std::get_if<SetReference>(&branches->lookup.map);
  } else if (const auto* mark = std::get_if<SetMark>(&statement)) {
    set = mark->lookup ? std::get_if<SetReference>(&mark->lookup->map) : nullptr;
  } else if (const auto* update = std::get_if<SetUpdate>(&statement)) {
    return &update->set;
  }
  return set != nullptr ? &set->name : nullptr;
}

Chain* Table::chain(std::string_view chain_name) {
  return by_name(chains, chain_name);
}
const Chain* Table::chain(std::string_view chain_name) const {
  return by_name(chains, chain_name);
}
Set* Table::set(std::string_view set_name) {
  return by_name(sets, set_name);
}
const Set* Table::set(std::string_view set_name) const {
  return by_name(sets, set_name);
}

const Object* Table::object(ObjectKind kind, std::string_view object_name) const {
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const Object& object) {
    return object.kind() == kind && object.name == object_name;
  });
  return found == objects.end() ? nullptr : &*found;
}
Object* Table::object(ObjectKind kind, std::string_view object_name) {
  return const_cast<Object*>(std::as_const(*this).object(kind, object_name));
}

const Table* Ruleset::table(Family family, std::string_view name) const {
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const Table& candidate) {
    return candidate.family == family && candidate.name == name;
  });
  return found == tables.end() ? nullptr : &*found;
}

Table* Ruleset::table(Family family, std::string_view name) {
  return const_cast<Table*>(std::as_const(*this).table(family, name));
}

base::Result<Table*> Ruleset::add_table(Family family, std::string_view name) {
  if (Table* known = table(family, name)) {
    return known;
  }
  if (tables.size() >= kMostTables) {
    return Errno::no_memory;
  }
  Table& fresh = tables.emplace_back();
  fresh.family = family;
  fresh.name = name;
  fresh.handle = ++last_handle;
  return &fresh;
}

base::Result<void> Ruleset::delete_table(Family family, std::string_view name) {
  const auto removed = std::erase_if(
      tables, [&](const Table& candidate) { return candidate.family == family && candidate.name == name; });
  return removed != 0 ? base::Result<void>{} : Errno::no_entry;
}

base::Result<Chain*> add_chain(Table& table, std::string_view name, const std::optional<BaseHook>& base) {
  if (Chain* known = table.chain(name)) {
    if (base && known->base != base) {
      return Errno::exists;
    }
    return known;
  }
  if (base && !may_hang(*base)) {
    return Errno::not_supported;
  }
  if (table.chains.size() >= Ruleset::kMostChains) {
    return Errno::no_memory;
  }
  Chain& fresh = table.chains.emplace_back();
  fresh.name = name;
  fresh.handle = ++table.last_handle;
  fresh.base = base;
  return &fresh;
}

base::Result<void> delete_chain(Table& table, std::string_view name) {
  if (table.chain(name) == nullptr) {
    return Errno::no_entry;
  }
  if (jumped_to(table, name)) {
    return Errno::busy;
  }
  std::erase_if(table.chains, [&](const Chain& chain) { return chain.name == name; });
  return {};
}

base::Result<void> rename_chain(Table& table, std::string_view from, std::string_view to) {
  Chain* chain = table.chain(from);
  if (chain == nullptr) {
    return Errno::no_entry;
  }
  if (table.chain(to) != nullptr) {
    return Errno::exists;
  }
  const auto rename = [&](Decision& decision) {
    if (decision.chain == from) {
      decision.chain = to;
    }
  };
  for (Set& set : table.sets) {
    for (Datum& datum : set.data) {
      if (auto* decision = std::get_if<Decision>(&datum)) {
        rename(*decision);
      }
    }
  }
  for (Chain& each : table.chains) {
    for (Rule& rule : each.rules) {
      for (Statement& statement : rule.statements) {
        for_each_decision(statement, rename);
      }
    }
  }
  chain->name = to;
  return {};
}

base::Result<Rule*> add_rule(Table& table, Chain& chain, const RulePlace& place, Rule rule) {
  using Where = RulePlace::Where;
  if (chain.rules.size() >= Ruleset::kMostRules) {
    return Errno::no_memory;
  }
  auto at = place.where == Where::first ? chain.rules.begin() : chain.rules.end();
  if (place.handle != 0) {
    at = rule_by_handle(chain, place.handle);
    if (at == chain.rules.end()) {
      return Errno::no_entry;
    }
  }
  for (const Statement& statement : rule.statements) {
    // A set or map between braces is one of its own and takes a handle.
    table.last_handle += has_braces(statement) ? 1 : 0;
  }
  rule.handle = ++table.last_handle;
  if (place.where == Where::instead) {
    *at = std::move(rule);
    return &*at;
  }
  return &*chain.rules.insert(place.where == Where::after ? at + 1 : at, std::move(rule));
}

base::Result<void> delete_rule(Chain& chain, std::uint64_t handle) {
  const auto rule = rule_by_handle(chain, handle);
  if (rule == chain.rules.end()) {
    return Errno::no_entry;
  }
  chain.rules.erase(rule);
  return {};
}

base::Result<Set*> add_set(Table& table, Set set) {
  if (Set* known = table.set(set.name)) {
    if (known->type != set.type || known->interval != set.interval || known->constant != set.constant ||
        known->to_verdicts != set.to_verdicts || known->to_values != set.to_values ||
        known->is_timed() != set.is_timed()) {
      return Errno::exists;
    }
    return known;
  }
  if (table.sets.size() >= Ruleset::kMostChains) {
    return Errno::no_memory;
  }
  set.handle = ++table.last_handle;
  return &table.sets.emplace_back(std::move(set));
}

base::Result<void> delete_set(Table& table, std::string_view name) {
  if (table.set(name) == nullptr) {
    return Errno::no_entry;
  }
  if (looked_into(table, name)) {
    return Errno::busy;
  }
  std::erase_if(table.sets, [&](const Set& set) { return set.name == name; });
  return {};
}

base::Result<Object*> add_object(Table& table, Object object) {
  const auto* quota = std::get_if<Quota>(&object.state);
  if (quota != nullptr && quota->used > quota->bytes) {
    return Errno::invalid;
  }
  if (Object* known = table.object(object.kind(), object.name)) {
    if (quota != nullptr) {
      auto& bound = std::get<Quota>(known->state);
      bound.bytes = quota->bytes;
      bound.over = quota->over;
    }
    return known;
  }
  if (table.objects.size() >= Ruleset::kMostChains) {
    return Errno::no_memory;
  }
  object.handle = ++table.last_handle;
  return &table.objects.emplace_back(std::move(object));
}

base::Result<void> delete_object(Table& table, ObjectKind kind, std::string_view name) {
  const Object* object = table.object(kind, name);
  if (object == nullptr) {
    return Errno::no_entry;
  }
  const bool referred = any_statement(table, [&](const Statement& statement) {
    const auto* reference = std::get_if<ObjectReference>(&statement);
    return reference != nullptr && reference->kind == kind && reference->name == name;
  });
  if (referred) {
    return Errno::busy;
  }
  table.objects.erase(table.objects.begin() + (object - table.objects.data()));
  return {};
}

void reset_object(Object& object) {
  if (auto* counter = std::get_if<Counter>(&object.state)) {
    *counter = {};
  } else {
    std::get<Quota>(object.state).used = 0;
  }
}

}  // namespace host::netfilter
