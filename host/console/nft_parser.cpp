// SPDX-License-Identifier: Apache-2.0
// Reading commands and blocks (nftables: parser_bison.y).
#include <array>

#include "host/console/nft_define.hpp"
#include "host/console/nft_reader.hpp"

namespace host::console {

using netfilter::BaseHook;
using netfilter::ChainType;
using netfilter::Family;
using netfilter::Hook;
using netfilter::RulePlace;
using netfilter::Verdict;

namespace {

constexpr std::array<std::pair<std::string_view, NftVerb>, 9> kVerbs{{{"add", NftVerb::add},
                                                                      {"create", NftVerb::create},
                                                                      {"insert", NftVerb::insert},
                                                                      {"replace", NftVerb::replace},
                                                                      {"delete", NftVerb::remove},
                                                                      {"list", NftVerb::list},
                                                                      {"reset", NftVerb::reset},
                                                                      {"flush", NftVerb::flush},
                                                                      {"rename", NftVerb::rename}}};
constexpr std::array<std::pair<std::string_view, NftObject>, 15> kObjects{{{"ruleset", NftObject::ruleset},
                                                                           {"tables", NftObject::tables},
                                                                           {"table", NftObject::table},
                                                                           {"chains", NftObject::chains},
                                                                           {"chain", NftObject::chain},
                                                                           {"sets", NftObject::sets},
                                                                           {"set", NftObject::set},
                                                                           {"maps", NftObject::maps},
                                                                           {"map", NftObject::map},
                                                                           {"rule", NftObject::rule},
                                                                           {"counters", NftObject::counters},
                                                                           {"counter", NftObject::counter},
                                                                           {"quotas", NftObject::quotas},
                                                                           {"quota", NftObject::quota},
                                                                           {"element", NftObject::element}}};
constexpr std::array<std::pair<std::string_view, int>, 6> kPriorities{{{"raw", netfilter::priority::kRaw},
                                                                       {"mangle", netfilter::priority::kMangle},
                                                                       {"dstnat", netfilter::priority::kDestinationNat},
                                                                       {"filter", netfilter::priority::kFilter},
                                                                       {"security", netfilter::priority::kSecurity},
                                                                       {"srcnat", netfilter::priority::kSourceNat}}};
constexpr auto kForeignFamilies = std::to_array<std::string_view>({"arp", "bridge", "netdev"});
constexpr auto kForeignObjects = std::to_array<std::string_view>(
    {"flowtable", "flowtables", "ct", "limits", "meters", "secmark", "synproxy", "hooks"});

/// Which objects a verb goes with.
bool goes_with(NftVerb verb, NftObject object) {
  const bool counts = nft_object_kind(object).has_value();
  const bool plural = object == NftObject::tables || object == NftObject::chains || object == NftObject::sets ||
                      object == NftObject::maps || object == NftObject::counters || object == NftObject::quotas;
  switch (verb) {
    case NftVerb::add:
    case NftVerb::create:
      return !plural && object != NftObject::ruleset && !(verb == NftVerb::create && object == NftObject::rule);
    case NftVerb::insert:
    case NftVerb::replace:
      return object == NftObject::rule;
    case NftVerb::remove:
      return !plural && object != NftObject::ruleset;
    case NftVerb::list:
      return object != NftObject::rule && object != NftObject::element;
    case NftVerb::reset:
      return counts;
    case NftVerb::flush:
      return !plural && !counts && object != NftObject::rule && object != NftObject::element;
    case NftVerb::rename:
      return object == NftObject::chain;
  }
  return false;
}

/// A command that names only such an object adds it.
bool makes(NftObject object) {
  return object == NftObject::table || object == NftObject::chain || object == NftObject::set ||
         object == NftObject::map || object == NftObject::rule || object == NftObject::element ||
         object == NftObject::counter || object == NftObject::quota;
}

class Parser {
 public:
  Parser(NftExpansion text, const NftInterfaces& interfaces)
      : in_(std::move(text.tokens), interfaces), undefined_(std::move(text.error)) {}

  std::variant<NftCommands, NftError> run() {
    for (in_.skip_newlines(); in_.peek().kind != NftToken::Kind::end; in_.skip_newlines()) {
      if (!command()) return first_error();
    }
    if (undefined_) return *undefined_;
    return std::move(commands_);
  }

 private:
  [[nodiscard]] NftError first_error() const {
    const bool undefined_first = undefined_ && undefined_->place.begin == in_.error()->place.begin;  // the end
    return undefined_first ? *undefined_ : *in_.error();
  }

  bool command() {
    NftCommand command;
    command.place = in_.peek().place;
    bool written = false;
    for (const auto& [word, verb] : kVerbs) {
      if (!written && in_.accept(word)) {
        command.verb = verb;
        written = true;
      }
    }
    const std::size_t first = commands_.size();
    const std::size_t begin = command.place.begin;
    if (!object(command, written)) return false;
    const NftToken& end = in_.peek();
    if (!end.ends_statement()) return in_.unexpected("end of file or newline or semicolon");
    for (std::size_t i = first; i < commands_.size(); ++i) {
      // What is in a block has a place of its own.
      if (commands_[i].place.begin == begin) commands_[i].place.end = end.place.end;
    }
    return true;
  }

  bool object(NftCommand& command, bool verb_written) {
    for (const std::string_view foreign : kForeignObjects) {
      if (in_.peek().is(foreign)) return in_.unsupported(in_.peek().place);
    }
    bool known = false;
    for (const auto& [word, object] : kObjects) {
      if (in_.peek().is(word)) {
        command.object = object;
        known = true;
      }
    }
    if (!known && (!verb_written || command.verb == NftVerb::add)) {
      command.object = NftObject::rule;  // `add ip t c ...` and `ip t c ...` add a rule
    } else if (!known || !goes_with(command.verb, command.object) || (!verb_written && !makes(command.object))) {
      return in_.unexpected(command.verb == NftVerb::reset ? "counter or counters or quotas or quota" : "");
    } else {
      in_.take();
    }
    return family(command) && rest(command);
  }

  bool family(NftCommand& command) {
    if (in_.accept("ip")) {
      command.family = Family::ip;
    } else if (in_.accept("inet")) {
      command.family = Family::inet;
    } else if (in_.accept("ip6")) {
      command.family = Family::ip6;
    }
    for (const std::string_view foreign : kForeignFamilies) {
      if (in_.peek().is(foreign)) return in_.unsupported(in_.peek().place);
    }
    return true;
  }

  bool rest(NftCommand& command) {
    const bool adds = command.verb == NftVerb::add || command.verb == NftVerb::create;
    switch (command.object) {
      case NftObject::ruleset:
      case NftObject::tables:
      case NftObject::chains:
      case NftObject::sets:
      case NftObject::maps:
        return done(command);
      case NftObject::counters:
      case NftObject::quotas:
        if (in_.accept("table") && !(family(command) && in_.name(command.table))) return false;
        return done(command);
      case NftObject::counter:
      case NftObject::quota:
        if (!in_.name(command.table) || !in_.name(command.name)) return false;
        return (!adds || nft_read_object(in_, command)) && done(command);
      case NftObject::table:
        if (!in_.name(command.table)) return false;
        return adds && in_.peek().is("{") ? table_block(command) : done(command);
      case NftObject::chain:
        if (!in_.name(command.table) || !in_.name(command.name)) return false;
        if (command.verb == NftVerb::rename) return new_name(command) && done(command);
        if (adds && in_.peek().is("{")) return chain_block(command, true);
        return done(command);
      case NftObject::rule:
        return in_.name(command.table) && in_.name(command.name) && rule(command);
      case NftObject::set:
      case NftObject::map:
        if (!in_.name(command.table) || !in_.name(command.name)) return false;
        return (!adds || nft_read_set(in_, command)) && done(command);
      case NftObject::element:
        return in_.name(command.table) && in_.name(command.name) && nft_read_elements(in_, command.elements) &&
               done(command);
    }
    return false;
  }

  bool done(NftCommand& command) {
    commands_.push_back(std::move(command));
    return true;
  }

  bool new_name(NftCommand& command) {
    NftName name;
    if (!in_.name(name)) return false;
    command.new_name = name.text;
    return true;
  }

  /// `[position|handle N] statements`, or `handle N` of a rule that goes.
  bool rule(NftCommand& command) {
    using Where = RulePlace::Where;
    const bool first = command.verb == NftVerb::insert;
    command.where.where = first ? Where::first : Where::last;
    if (in_.peek().is("index")) return in_.unsupported(in_.peek().place);
    if (in_.accept("handle") || in_.accept("position")) {
      command.handle_place = in_.peek().place;
      if (!in_.number(command.where.handle)) return false;
      command.where.where = command.verb == NftVerb::replace ? Where::instead : first ? Where::before : Where::after;
    } else if (command.verb == NftVerb::replace || command.verb == NftVerb::remove) {
      return in_.unexpected("handle");
    }
    if (command.verb == NftVerb::remove) return done(command);
    return nft_read_rule(in_, command.family.value_or(Family::ip), command.rule, command.references) && done(command);
  }

  /// Tables and what is in them, in nft's order: chains, counters and quotas, sets, then rules.
  bool table_block(NftCommand& table) {
    static_cast<void>(in_.take());
    const NftCommand blank = table;
    NftCommands objects;
    NftCommands sets;
    NftCommands chains;
    NftCommands rules;
    for (in_.skip_newlines(); !in_.accept("}"); in_.skip_newlines()) {
      NftCommand inner;
      inner.place = in_.peek().place;
      inner.family = blank.family;
      inner.table = blank.table;
      NftCommands kept = std::exchange(commands_, {});
      bool fine = false;
      if (in_.accept("chain")) {
        inner.object = NftObject::chain;
        fine = in_.name(inner.name) && in_.peek().is("{");
        inner.place = inner.name.place;
        fine = fine ? chain_block(inner, false) : in_.unexpected();
        for (NftCommand& made : commands_)
          (made.object == NftObject::chain ? chains : rules).push_back(std::move(made));
      } else if (in_.peek().is("set") || in_.peek().is("map")) {
        inner.object = in_.take().is("set") ? NftObject::set : NftObject::map;
        fine = in_.name(inner.name) && nft_read_set(in_, inner) && done(inner);
        for (NftCommand& made : commands_) sets.push_back(std::move(made));
      } else if (in_.peek().is("counter") || in_.peek().is("quota")) {
        inner.object = in_.take().is("counter") ? NftObject::counter : NftObject::quota;
        fine = in_.name(inner.name) && (in_.peek().is("{") || in_.unexpected()) && nft_read_object(in_, inner);
        inner.place = inner.name.place;
        objects.push_back(std::move(inner));
      } else {
        fine = table_option(table);
      }
      commands_ = std::move(kept);
      if (!fine) return false;
    }
    static_cast<void>(done(table));
    for (NftCommands* part : {&chains, &objects, &sets, &rules}) {
      for (NftCommand& made : *part) commands_.push_back(std::move(made));
    }
    return true;
  }

  bool table_option(NftCommand& table) {
    if (in_.accept("flags")) {
      table.dormant = true;
      return in_.expect("dormant") && end_of_option();
    }
    if (in_.accept("comment")) return in_.text(table.comment) && end_of_option();
    for (const std::string_view foreign : kForeignObjects) {
      if (in_.peek().is(foreign)) return in_.unsupported(in_.peek().place);
    }
    return in_.unexpected();
  }

  bool end_of_option() { return in_.peek().ends_statement() || in_.peek().is("}") || in_.unexpected(); }

  /// `{ type filter hook input priority 0; policy drop; }`, and rules where they may be.
  bool chain_block(NftCommand& chain, bool alone) {
    static_cast<void>(in_.take());
    NftCommands rules;
    for (in_.skip_newlines(); !in_.accept("}"); in_.skip_newlines()) {
      bool fine = false;
      if (in_.peek().is("type")) {
        in_.take();
        fine = base_chain(chain) && end_of_option();
      } else if (in_.accept("policy")) {
        fine = policy(chain) && end_of_option();
      } else if (in_.accept("comment")) {
        fine = in_.text(chain.comment) && end_of_option();
      } else if (alone) {
        fine = in_.unexpected();
      } else {
        NftCommand rule = chain;
        rule.object = NftObject::rule;
        rule.comment.clear();
        rule.place = in_.peek().place;
        fine = nft_read_rule(in_, rule.family.value_or(Family::ip), rule.rule, rule.references);
        rule.place.end = in_.peek().place.begin;
        rules.push_back(std::move(rule));
      }
      if (!fine) return false;
    }
    static_cast<void>(done(chain));
    for (NftCommand& rule : rules) commands_.push_back(std::move(rule));
    return true;
  }

  bool policy(NftCommand& chain) {
    if (!in_.peek().is("accept") && !in_.peek().is("drop")) return in_.unexpected();
    chain.policy = in_.take().is("accept") ? Verdict::accept : Verdict::drop;
    return true;
  }

  bool base_chain(NftCommand& chain) {
    BaseHook base;
    const NftToken type = in_.take();
    if (type.is("nat")) {
      base.type = ChainType::nat;
    } else if (type.is("route")) {
      base.type = ChainType::route;
    } else if (!type.is("filter")) {
      return in_.fail("unknown chain type", type.place);
    }
    if (!in_.expect("hook")) return false;
    const NftToken hook = in_.take();
    std::size_t number = 0;
    while (number < netfilter::kHooks && !hook.is(netfilter::kHookNames[number])) ++number;
    if (number == netfilter::kHooks) return in_.fail("unknown chain hook", hook.place);
    base.hook = static_cast<Hook>(number);
    if (in_.peek().is("device") || in_.peek().is("devices")) return in_.unsupported(in_.peek().place);
    if (!in_.expect("priority") || !priority(base.priority)) return false;
    chain.base = base;
    return true;
  }

  /// `-100`, `filter`, `dstnat + 10`.
  bool priority(int& out) {
    for (const auto& [word, value] : kPriorities) {
      if (in_.accept(word)) {
        out = value;
        if (!in_.peek().is("+") && !in_.peek().is("-")) return true;
        break;
      }
    }
    const bool negative = in_.peek().is("-");
    if (negative || in_.peek().is("+")) in_.take();
    const NftPlace place = in_.peek().place;
    std::uint64_t number = 0;
    if (!in_.number(number)) return false;
    constexpr std::uint64_t kMost = INT32_MAX;
    if (number > kMost - 1'000) return in_.fail("Value out of range", place);
    out += negative ? -static_cast<int>(number) : static_cast<int>(number);
    return true;
  }

  NftReader in_;
  std::optional<NftError> undefined_;
  NftCommands commands_;
};

}  // namespace

std::variant<NftCommands, NftError> nft_parse(std::string_view text, const NftInterfaces& interfaces) {
  return nft_parse(NftExpansion{nft_tokenize(text), std::nullopt}, interfaces);
}

std::variant<NftCommands, NftError> nft_parse(NftExpansion text, const NftInterfaces& interfaces) {
  NftExpansion expanded = nft_expand(std::move(text.tokens));
  if (!expanded.error) expanded.error = std::move(text.error);
  return Parser(std::move(expanded), interfaces).run();
}

}  // namespace host::console
