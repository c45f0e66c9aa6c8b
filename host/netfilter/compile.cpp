// SPDX-License-Identifier: Apache-2.0
// From what was written to what runs; what cannot run is refused here (Linux: nft_chain_validate).
#include <algorithm>
#include <map>
#include <set>

#include "host/netfilter/program.hpp"

namespace host::netfilter {

using base::Errno;

namespace {

/// The range of values for which `value RELATION right` holds, or outside of which it does.
struct Test {
  Interval range;
  bool inverted = false;
};

Test test_of(Relation relation, const Interval& right) {
  switch (relation) {
    case Relation::equal:
      return {right, false};
    case Relation::not_equal:
      return {right, true};
    case Relation::less:
      return {{right.low, ~Value{0}}, true};
    case Relation::less_or_equal:
      return {{0, right.high}, false};
    case Relation::greater:
      return {{0, right.high}, true};
    case Relation::greater_or_equal:
      return {{right.low, ~Value{0}}, false};
    case Relation::any_bit:
      return {{0, 0}, true};
    case Relation::no_bit:
      return {{0, 0}, false};
  }
  return {right, false};
}

bool is_flag_test(Relation relation) {
  return relation == Relation::any_bit || relation == Relation::no_bit;
}

/// The chains of one table.
class TableCompiler {
 public:
  TableCompiler(Table& table, Program& program) : table_(table), program_(program) {
    for (const Chain& chain : table.chains) {
      compiled_[chain.name] = program_.chains.emplace_back(std::make_unique<CompiledChain>()).get();
    }
  }

  base::Result<void> run() {
    for (Chain& chain : table_.chains) {
      CompiledChain& out = *compiled_.at(chain.name);
      for (Rule& rule : chain.rules) {
        for (Statement& statement : rule.statements) {
          const auto added = std::visit([&](auto& each) { return add(out, each); }, statement);
          if (!added.ok()) {
            return added;
          }
        }
        out.ends.push_back(out.code.size());
      }
    }
    for (const Chain& chain : table_.chains) {
      if (!chain.base) {
        continue;
      }
      const auto checked = check(chain);
      if (!checked.ok()) {
        return checked;
      }
      if (!table_.dormant) {
        program_.entries.push_back({table_.family, *chain.base, chain.policy, compiled_.at(chain.name)});
      }
    }
    return check_circles();
  }

 private:
  void ask_for_connections(bool needed) {
    program_.needs_conntrack = program_.needs_conntrack || (needed && table_.family != Family::ip6);
    program_.needs_conntrack6 = program_.needs_conntrack6 || (needed && table_.family != Family::ip);
  }

  base::Result<void> add(CompiledChain& out, const Match& match) {
    ask_for_connections(needs_conntrack(match.key));
    Value mask = match.mask.value_or(~Value{0});
    if (const auto* range = std::get_if<Interval>(&match.right)) {
      if (is_flag_test(match.relation)) {
        mask &= range->low;
      }
      const Test test = test_of(match.relation, *range);
      out.code.emplace_back(InRange{match.key, test.inverted, mask, test.range});
      return {};
    }
    const bool inverted = match.relation == Relation::not_equal;
    if (const auto* anonymous = std::get_if<AnonymousSet>(&match.right)) {
      out.code.emplace_back(InElements{match.key, inverted, mask, anonymous->elements});
      return {};
    }
    const Set* set = table_.set(std::get<SetReference>(match.right).name);
    if (set == nullptr) {
      return Errno::no_entry;
    }
    if (set->type != key_info(match.key).type) {
      return Errno::invalid;
    }
    if (set->is_timed()) {
      out.code.emplace_back(InTimed{match.key, inverted, mask, set});
    } else {
      out.code.emplace_back(InElements{match.key, inverted, mask, set->elements});
    }
    return {};
  }
  base::Result<void> add(CompiledChain& out, Counter& counter) {
    out.code.emplace_back(Count{&counter});
    return {};
  }
  base::Result<void> add(CompiledChain& out, Limit& limit) {
    out.code.emplace_back(Spend{&limit});
    return {};
  }
  base::Result<void> add(CompiledChain& out, Quota& quota) {
    out.code.emplace_back(Drain{&quota});
    return {};
  }
  base::Result<void> add(CompiledChain& out, const ObjectReference& reference) {
    Object* object = table_.object(reference.kind, reference.name);
    if (object == nullptr) {
      return Errno::no_entry;
    }
    return std::visit([&](auto& state) { return add(out, state); }, object->state);
  }
  base::Result<void> add(CompiledChain& out, const Log& log) {
    out.code.emplace_back(Write{&log});
    return {};
  }
  base::Result<void> add(CompiledChain& out, const Notrack& notrack) {
    out.code.emplace_back(notrack);
    return {};
  }
  base::Result<void> add(CompiledChain& out, const NatStatement& nat) {
    ask_for_connections(true);
    out.code.emplace_back(Translate{&nat});
    return {};
  }
  base::Result<void> add(CompiledChain& out, const SetMark& mark) {
    ask_for_connections(mark.target == SetMark::Target::connection || (!mark.mark && !mark.lookup));
    if (!mark.lookup) {
      out.code.emplace_back(Mark{mark.target, mark.mark});
      return {};
    }
    const auto map = find_map(*mark.lookup);
    if (!map.ok()) {
      return map.error();
    }
    if (map->set != nullptr && map->set->to_values != DataType::mark) {
      return Errno::invalid;
    }
    out.code.emplace_back(
        MarkByMap{mark.target, mark.lookup->key, mark.lookup->mask.value_or(~Value{0}), map->elements, map->data});
    return {};
  }
  base::Result<void> add(CompiledChain& out, const VerdictMap& branches) {
    const auto map = find_map(branches.lookup);
    if (!map.ok()) {
      return map.error();
    }
    if (map->set != nullptr && !map->set->to_verdicts) {
      return Errno::invalid;
    }
    auto decisions = std::make_unique<std::vector<Decide>>();
    for (const Datum& datum : map->data) {
      const auto decide = decide_by(std::get<Decision>(datum));
      if (!decide.ok()) {
        return decide.error();
      }
      decisions->push_back(*decide);
    }
    out.code.emplace_back(Branch{branches.lookup.key, branches.lookup.mask.value_or(~Value{0}), map->elements,
                                 program_.maps.emplace_back(std::move(decisions)).get()});
    return {};
  }
  base::Result<void> add(CompiledChain& out, const SetUpdate& update) {
    Set* set = table_.set(update.set);
    if (set == nullptr) {
      return Errno::no_entry;
    }
    ask_for_connections(needs_conntrack(update.key));
    const bool keeps = set->dynamic || (set->timeouts && !update.limit && !update.counter);
    if (set->type != key_info(update.key).type || !keeps || (update.timeout != 0 && !set->timeouts)) {
      return Errno::invalid;
    }
    out.code.emplace_back(Update{&update, set});
    return {};
  }

  /// Where a lookup looks; `set` is null when it is between braces.
  struct FoundMap {
    const Set* set;
    std::span<const Interval> elements;
    std::span<const Datum> data;
  };
  base::Result<FoundMap> find_map(const MapLookup& lookup) {
    ask_for_connections(needs_conntrack(lookup.key));
    if (const auto* anonymous = std::get_if<AnonymousMap>(&lookup.map)) {
      return FoundMap{nullptr, anonymous->elements, anonymous->data};
    }
    const Set* set = table_.set(std::get<SetReference>(lookup.map).name);
    if (set == nullptr) {
      return Errno::no_entry;
    }
    if (set->type != key_info(lookup.key).type || !set->is_map()) {
      return Errno::invalid;
    }
    return FoundMap{set, set->elements, set->data};
  }

  base::Result<void> add(CompiledChain& out, const Reject& reject) {
    out.code.emplace_back(reject);
    return {};
  }
  base::Result<void> add(CompiledChain& out, const Decision& decision) {
    const auto decide = decide_by(decision);
    if (!decide.ok()) {
      return decide.error();
    }
    out.code.emplace_back(*decide);
    return {};
  }

  base::Result<Decide> decide_by(const Decision& decision) {
    const CompiledChain* target = nullptr;
    if (decision.action == Action::jump || decision.action == Action::go_to) {
      const Chain* chain = table_.chain(decision.chain);
      if (chain == nullptr) {
        return Errno::no_entry;
      }
      if (chain->base) {
        return Errno::not_supported;
      }
      target = compiled_.at(decision.chain);
    }
    return Decide{decision.action, target};
  }

  /// Every chain that packets reach from a base chain has only statements that its hook allows.
  base::Result<void> check(const Chain& base) const {
    std::set<const Chain*> seen;
    std::vector<const Chain*> waiting{&base};
    while (!waiting.empty()) {
      const Chain* chain = waiting.back();
      waiting.pop_back();
      if (!seen.insert(chain).second) {
        continue;
      }
      for (const Rule& rule : chain->rules) {
        for (const Statement& statement : rule.statements) {
          if (!allowed(statement, *base.base)) {
            return Errno::not_supported;
          }
          for (const Chain* target : targets_of(statement)) {
            waiting.push_back(target);
          }
        }
      }
    }
    return {};
  }

  static bool allowed(const Statement& statement, const BaseHook& base) {
    if (const auto* nat = std::get_if<NatStatement>(&statement)) {
      const bool leaving = base.hook == Hook::postrouting || base.hook == Hook::input;
      const bool changes_source = nat->kind == NatKind::snat || nat->kind == NatKind::masquerade;
      const bool masquerade_fits = nat->kind != NatKind::masquerade || base.hook == Hook::postrouting;
      return base.type == ChainType::nat && changes_source == leaving && masquerade_fits;
    }
    return !std::holds_alternative<Reject>(statement) || base.hook != Hook::postrouting;
  }

  /// The chains that a statement may lead to.
  [[nodiscard]] std::vector<const Chain*> targets_of(const Statement& statement) const {
    std::vector<const Chain*> targets;
    const auto note = [&](const Decision& decision) {
      if (const Chain* chain = decision.chain.empty() ? nullptr : table_.chain(decision.chain)) {
        targets.push_back(chain);
      }
    };
    for_each_decision(statement, note);
    const std::string* name = std::holds_alternative<VerdictMap>(statement) ? named_set(statement) : nullptr;
    if (name != nullptr) {
      for (const Datum& datum : table_.set(*name)->data) {
        note(std::get<Decision>(datum));
      }
    }
    return targets;
  }

  /// Jumps and gotos, from any chain on, end within kJumpDepth.
  base::Result<void> check_circles() {
    for (const Chain& chain : table_.chains) {
      const auto depth = levels_below(chain, 0);
      if (!depth.ok()) {
        return depth.error();
      }
    }
    return {};
  }

  base::Result<std::size_t> levels_below(const Chain& chain, std::size_t level) {
    if (level == kJumpDepth) {
      return Errno::too_many_links;
    }
    const auto known = levels_.find(&chain);
    if (known != levels_.end()) {
      return level + known->second < kJumpDepth ? base::Result<std::size_t>(known->second) : Errno::too_many_links;
    }
    std::size_t levels = 0;
    for (const Rule& rule : chain.rules) {
      for (const Statement& statement : rule.statements) {
        for (const Chain* target : targets_of(statement)) {
          const auto below = levels_below(*target, level + 1);
          if (!below.ok()) {
            return below;
          }
          levels = std::max(levels, *below + 1);
        }
      }
    }
    levels_[&chain] = levels;
    return levels;
  }

  Table& table_;
  Program& program_;
  std::map<std::string, CompiledChain*, std::less<>> compiled_;
  std::map<const Chain*, std::size_t> levels_;
};

}  // namespace

base::Result<Program> compile(Ruleset& ruleset) {
  Program program;
  for (Table& table : ruleset.tables) {
    const auto done = TableCompiler(table, program).run();
    if (!done.ok()) {
      return done.error();
    }
  }
  return program;
}

}  // namespace host::netfilter
