// SPDX-License-Identifier: Apache-2.0
// One command at a time, as the kernel takes them from a transaction.
#include "host/console/nft_apply.hpp"

#include <fmt/format.h>

#include "host/console/errors.hpp"

namespace host::console {

using base::Errno;
using netfilter::Chain;
using netfilter::Family;
using netfilter::Interval;
using netfilter::Ruleset;
using netfilter::Set;
using netfilter::Table;

namespace {

class Applier {
 public:
  Applier(Ruleset& ruleset, const NftCommand& command, const NftInterfaces& interfaces)
      : ruleset_(ruleset), command_(command), interfaces_(interfaces) {}

  std::optional<NftError> run() {
    if (command_.object == NftObject::ruleset) {
      flush_ruleset();
      return std::nullopt;
    }
    if (command_.object == NftObject::table) return table();
    if (nft_object_kind(command_.object)) return nft_apply_object(ruleset_, command_);
    Table* table = ruleset_.table(family(), command_.table.text);
    if (table == nullptr) return error(Errno::no_entry, command_.table.place);
    switch (command_.object) {
      case NftObject::chain:
        return chain(*table);
      case NftObject::rule:
        return rule(*table);
      case NftObject::set:
      case NftObject::map:
        return set(*table);
      case NftObject::element:
        return element(*table);
      default:
        return std::nullopt;
    }
  }

 private:
  [[nodiscard]] Family family() const { return command_.family.value_or(Family::ip); }
  [[nodiscard]] bool creates() const { return command_.verb == NftVerb::create; }
  static NftError error(Errno what, NftPlace place) { return nft_kernel_error(what, place); }
  static std::optional<NftError> outcome(const base::Result<void>& result, NftPlace place) {
    return result.ok() ? std::nullopt : std::optional(error(result.error(), place));
  }

  void flush_ruleset() {
    std::erase_if(ruleset_.tables,
                  [&](const Table& table) { return !command_.family || table.family == *command_.family; });
  }

  std::optional<NftError> table() {
    const NftPlace place = command_.table.place;
    Table* known = ruleset_.table(family(), command_.table.text);
    if (command_.verb == NftVerb::remove) return outcome(ruleset_.delete_table(family(), command_.table.text), place);
    if (command_.verb == NftVerb::flush) {
      if (known == nullptr) return error(Errno::no_entry, place);
      for (Chain& each : known->chains) each.rules.clear();
      return std::nullopt;
    }
    if (creates() && known != nullptr) return error(Errno::exists, place);
    const auto added = ruleset_.add_table(family(), command_.table.text);
    if (!added.ok()) return error(added.error(), place);
    (*added)->dormant = command_.dormant.value_or(false);
    if (!command_.comment.empty()) (*added)->comment = command_.comment;
    return std::nullopt;
  }

  std::optional<NftError> chain(Table& table) {
    const NftPlace place = command_.name.place;
    const std::string& name = command_.name.text;
    Chain* known = table.chain(name);
    switch (command_.verb) {
      case NftVerb::remove:
        return outcome(delete_chain(table, name), place);
      case NftVerb::rename:
        return outcome(rename_chain(table, name, command_.new_name), command_.place);
      case NftVerb::flush:
        if (known == nullptr) return error(Errno::no_entry, place);
        known->rules.clear();
        return std::nullopt;
      default:
        break;
    }
    if (creates() && known != nullptr) return error(Errno::exists, place);
    const auto added = add_chain(table, name, command_.base);
    if (!added.ok()) return error(added.error(), command_.place);
    if (command_.policy) {
      if (!(*added)->base) return error(Errno::not_supported, place);
      (*added)->policy = *command_.policy;
    }
    if (!command_.comment.empty()) (*added)->comment = command_.comment;
    return std::nullopt;
  }

  std::optional<NftError> rule(Table& table) {
    Chain* chain = table.chain(command_.name.text);
    if (chain == nullptr) return error(Errno::no_entry, command_.name.place);
    if (command_.verb == NftVerb::remove) {
      return outcome(delete_rule(*chain, command_.where.handle), command_.handle_place);
    }
    for (const netfilter::Statement& statement : command_.rule.statements) {
      if (auto wrong = check_references(table, statement)) return wrong;
    }
    const auto added = add_rule(table, *chain, command_.where, command_.rule);
    if (added.ok()) return std::nullopt;
    const bool of_handle = added.error() == Errno::no_entry;
    return error(added.error(), of_handle ? command_.handle_place : command_.name.place);
  }

  /// A rule refers to what is there already when it is added.
  [[nodiscard]] std::optional<NftError> check_references(const Table& table,
                                                         const netfilter::Statement& statement) const {
    std::optional<NftError> wrong;
    for_each_decision(statement, [&](const netfilter::Decision& decision) {
      if (!wrong) wrong = check_chain(table, decision, place_of(decision.chain));
    });
    if (const auto* object = std::get_if<netfilter::ObjectReference>(&statement)) {
      const bool known = table.object(object->kind, object->name) != nullptr;
      return known ? wrong : error(Errno::no_entry, place_of(object->name));
    }
    const std::string* name = named_set(statement);
    if (wrong || name == nullptr) return wrong;
    const NftPlace place = place_of(*name);
    const Set* set = table.set(*name);
    if (set == nullptr) return NftError{"No such file or directory", place};
    if (const auto* branches = std::get_if<netfilter::VerdictMap>(&statement)) {
      if (!set->to_verdicts) return NftError{"No such file or directory", place};
      return check_type(*set, branches->lookup.key, place,
                        "datatype mismatch, map expects {}, mapping expression has type {}");
    }
    if (const auto* mark = std::get_if<netfilter::SetMark>(&statement)) {
      if (!set->to_values) return NftError{"No such file or directory", place};
      if (*set->to_values != netfilter::DataType::mark) {
        return NftError{fmt::format("datatype mismatch: expected packet mark, expression has type {}",
                                    nft_type_description(*set->to_values)),
                        place};
      }
      return check_type(*set, mark->lookup->key, place,
                        "datatype mismatch, map expects {}, mapping expression has type {}");
    }
    if (const auto* update = std::get_if<netfilter::SetUpdate>(&statement)) {
      return check_type(*set, update->key, place, "datatype mismatch: expected {}, expression has type {}");
    }
    const netfilter::DataType type = key_info(std::get<netfilter::Match>(statement).key).type;
    if (set->type == type) return std::nullopt;
    return NftError{fmt::format("datatype mismatch, expected {}, expression has type {}", nft_type_description(type),
                                nft_type_description(set->type)),
                    place};
  }

  [[nodiscard]] static std::optional<NftError> check_chain(const Table& table, const netfilter::Decision& decision,
                                                           NftPlace place) {
    if (decision.chain.empty()) return std::nullopt;
    const Chain* target = table.chain(decision.chain);
    if (target == nullptr) return error(Errno::no_entry, place);
    return target->base ? std::optional(error(Errno::not_supported, place)) : std::nullopt;
  }

  [[nodiscard]] static std::optional<NftError> check_type(const Set& set, netfilter::Key key, NftPlace place,
                                                          const char* complaint) {
    const netfilter::DataType type = key_info(key).type;
    if (set.type == type) return std::nullopt;
    return NftError{fmt::format(fmt::runtime(complaint), nft_type_description(set.type), nft_type_description(type)),
                    place};
  }

  [[nodiscard]] NftPlace place_of(const std::string& name) const {
    for (const NftName& each : command_.references) {
      if (each.text == name) return each.place;
    }
    return command_.place;
  }

  std::optional<NftError> set(Table& table) {
    const NftPlace place = command_.name.place;
    Set* known = table.set(command_.name.text);
    if (command_.verb == NftVerb::remove) return outcome(delete_set(table, command_.name.text), place);
    if (command_.verb == NftVerb::flush) {
      if (known == nullptr) return error(Errno::no_entry, place);
      known->elements.clear();
      known->data.clear();
      known->timed.clear();
      return std::nullopt;
    }
    if (creates() && known != nullptr) return error(Errno::exists, place);
    const auto added = add_set(table, command_.set);
    if (!added.ok()) return error(added.error(), place);
    return insert(table, **added);
  }

  std::optional<NftError> element(Table& table) {
    Set* set = table.set(command_.name.text);
    if (set == nullptr) return NftError{"No such file or directory", command_.name.place};
    if (command_.verb != NftVerb::remove) return insert(table, *set);
    for (const NftElement& each : command_.elements) {
      const auto value = resolve(*set, each);
      if (const auto* wrong = std::get_if<NftError>(&value)) return *wrong;
      if (!set->erase(std::get<Interval>(value)).ok()) return NftError{"element does not exist", each.place};
    }
    return std::nullopt;
  }

  std::optional<NftError> insert(const Table& table, Set& set) {
    for (const NftElement& each : command_.elements) {
      const auto value = resolve(set, each);
      if (const auto* wrong = std::get_if<NftError>(&value)) return *wrong;
      const Interval interval = std::get<Interval>(value);
      if (!set.interval && !interval.is_single()) {
        return NftError{"You must add 'flags interval' to your set declaration if you want to add " +
                            std::string(each.prefix ? "prefix" : "range") + " elements",
                        each.place};
      }
      const bool known = set.is_timed() ? set.has(interval.low, interfaces_.now) : set.holds(interval);
      if (creates() && known) return error(Errno::exists, each.place);
      auto wrong = set.is_timed() ? insert_timed(set, each, interval.low) : insert_for_ever(table, set, each, interval);
      if (wrong) return wrong;
    }
    return std::nullopt;
  }

  std::optional<NftError> insert_timed(Set& set, const NftElement& element, netfilter::Value value) {
    if ((element.timeout != 0 || element.expires) && !set.timeouts) return error(Errno::invalid, element.place);
    if ((element.limit || element.counter) && !set.dynamic) return error(Errno::not_supported, element.place);
    const bool known = set.has(value, interfaces_.now);
    netfilter::TimedElement* made = set.put(value, element.timeout, interfaces_.now, false);
    if (made == nullptr) return too_many(element);
    if (known) return std::nullopt;
    made->limit = element.limit;
    made->counter = element.counter;
    if (element.expires && made->expires != INT64_MAX) made->expires = interfaces_.now + *element.expires;
    return std::nullopt;
  }

  std::optional<NftError> insert_for_ever(const Table& table, Set& set, const NftElement& element,
                                          const Interval& interval) {
    std::optional<netfilter::Datum> datum;
    if (set.is_map()) {
      const auto resolved = nft_resolve_datum(element, set.to_values, interfaces_);
      if (const auto* wrong = std::get_if<NftError>(&resolved)) return *wrong;
      datum = std::get<netfilter::Datum>(resolved);
    }
    const bool has_datum = element.verdict || !element.datum.empty();
    if (element.lives() || has_datum != set.is_map()) return error(Errno::invalid, element.place);
    if (element.verdict) {
      if (auto wrong = check_chain(table, *element.verdict, element.place)) return wrong;
    }
    const auto added = set.insert(interval, datum);
    if (added.ok()) return std::nullopt;
    if (added.error() != Errno::exists) return too_many(element);
    if (set.holds(interval)) return error(Errno::exists, element.place);
    return NftError{"interval overlaps with an existing one", element.place};
  }

  static NftError too_many(const NftElement& element) {
    return {"Could not process rule: Too many open files in system", element.place};  // Linux: ENFILE
  }

  [[nodiscard]] std::variant<Interval, NftError> resolve(const Set& set, const NftElement& element) const {
    const netfilter::Value most = widest(set.type);
    return nft_resolve(element, set.type, most, interfaces_);
  }

  /// The largest value of a type: that of the first key that has it.
  static netfilter::Value widest(netfilter::DataType type) {
    for (const netfilter::KeyInfo& info : netfilter::kKeyInfo) {
      if (info.type == type) return netfilter::key_maximum(info.key);
    }
    return UINT32_MAX;
  }

  Ruleset& ruleset_;
  const NftCommand& command_;
  const NftInterfaces& interfaces_;
};

}  // namespace

NftError nft_kernel_error(Errno error, NftPlace place) {
  return {"Could not process rule: " + std::string(error_text(error)), place};
}

std::optional<NftError> nft_apply(Ruleset& ruleset, const NftCommand& command, const NftInterfaces& interfaces) {
  if (command.verb == NftVerb::list) return std::nullopt;
  return Applier(ruleset, command, interfaces).run();
}

std::variant<NftSelection, NftError> nft_select(const Ruleset& ruleset, const NftCommand& command) {
  const NftError missing{"No such file or directory", command.table.place};
  NftSelection selection{.family = command.family};
  switch (command.object) {
    case NftObject::ruleset:
      return selection;
    case NftObject::tables:
      selection.what = NftSelection::What::tables;
      return selection;
    case NftObject::chains:
      selection.what = NftSelection::What::chains;
      return selection;
    case NftObject::sets:
      selection.what = NftSelection::What::sets;
      return selection;
    case NftObject::maps:
      selection.what = NftSelection::What::maps;
      return selection;
    default:
      break;
  }
  selection.objects = nft_object_kind(command.object);
  if (selection.objects && command.table.text.empty()) return selection;
  selection.family = command.family.value_or(Family::ip);
  selection.table = command.table.text;
  const Table* table = ruleset.table(*selection.family, command.table.text);
  if (table == nullptr) return missing;
  if (command.object == NftObject::table) return selection;
  if (selection.objects) {
    if (command.name.text.empty()) return selection;
    selection.object = command.name.text;
    const bool known = table->object(*selection.objects, command.name.text) != nullptr;
    return known ? std::variant<NftSelection, NftError>(selection) : NftError{missing.message, command.name.place};
  }
  const bool of_chain = command.object == NftObject::chain;
  const netfilter::Set* set = table->set(command.name.text);
  const bool found = of_chain ? table->chain(command.name.text) != nullptr
                              : set != nullptr && set->is_map() == (command.object == NftObject::map);
  if (!found) return NftError{missing.message, command.name.place};
  (of_chain ? selection.chain : selection.set) = command.name.text;
  return selection;
}

}  // namespace host::console
