// SPDX-License-Identifier: Apache-2.0
// Rulesets in nft's JSON (libnftables-json(5)).
#include <fmt/format.h>

#include "host/console/nft_printer.hpp"

namespace host::console {

using netfilter::AnonymousSet;
using netfilter::DataType;
using netfilter::Interval;
using netfilter::Match;
using netfilter::Relation;
using netfilter::Table;
using netfilter::Value;

namespace {

/// The version whose schema and words this console speaks.
constexpr std::string_view kMetainfo =
    R"({"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}})";

constexpr platform::Nanoseconds kSecond = 1'000'000'000;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    if (static_cast<unsigned char>(letter) < ' ') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
    } else {
      out += letter;
    }
  }
  return out + '"';
}

class ValueWriter {
 public:
  explicit ValueWriter(const NftInterfaces& interfaces) : interfaces_(interfaces) {}

  /// A number, or a string for what has a name.
  [[nodiscard]] std::string value(DataType type, Value value) const {
    const bool has_text = nft_address_bits(type) != 0 || type == DataType::ifname || type == DataType::iface_index ||
                          !nft_symbol_name(type, value).empty();
    if (!has_text) return fmt::format("{}", static_cast<std::uint64_t>(value));
    std::string text = nft_write_value(type, value, interfaces_);
    return text.starts_with('"') ? text : quoted(text);
  }

  [[nodiscard]] std::string interval(DataType type, const Interval& interval) const {
    if (interval.is_single()) return value(type, interval.low);
    const std::string text = nft_write_interval(type, interval, interfaces_);
    if (type == DataType::ifname) return text;
    const auto slash = text.find('/');
    if (slash != std::string::npos) {
      return fmt::format(R"({{"prefix": {{"addr": {}, "len": {}}}}})", value(type, interval.low),
                         text.substr(slash + 1));
    }
    return range(type, interval);
  }

  [[nodiscard]] std::string range(DataType type, const Interval& interval) const {
    return fmt::format(R"({{"range": [{}, {}]}})", value(type, interval.low), value(type, interval.high));
  }

  [[nodiscard]] std::string list(DataType type, const std::vector<Interval>& elements) const {
    std::string text;
    for (const Interval& element : elements) text += (text.empty() ? "" : ", ") + interval(type, element);
    return "[" + text + "]";
  }

  /// One flag, or a list of them.
  [[nodiscard]] std::string flags(DataType type, Value value) const {
    std::vector<Interval> bits;
    for (Value bit = 1; bit != 0 && bit <= value; bit <<= 1) {
      if ((value & bit) != 0) bits.push_back({bit, bit});
    }
    return bits.size() == 1 ? interval(type, bits.front()) : list(type, bits);
  }

 private:
  const NftInterfaces& interfaces_;
};

std::string verdict(const netfilter::Decision& decision) {
  if (decision.chain.empty()) return fmt::format(R"({{"{}": null}})", nft_word(decision.action));
  return fmt::format(R"({{"{}": {{"target": {}}}}})", nft_word(decision.action), quoted(decision.chain));
}

/// `[[1, {"accept": null}], [2, {"drop": null}]]`.
std::string pairs(const ValueWriter& write, DataType type, const std::vector<Interval>& elements,
                  const std::vector<netfilter::Datum>& data, DataType values) {
  std::string text;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto* decision = std::get_if<netfilter::Decision>(&data[i]);
    text += fmt::format("{}[{}, {}]", i == 0 ? "" : ", ", write.interval(type, elements[i]),
                        decision != nullptr ? verdict(*decision) : write.value(values, std::get<Value>(data[i])));
  }
  return "[" + text + "]";
}

class StatementWriter {
 public:
  StatementWriter(netfilter::Family family, const NftInterfaces& interfaces) : family_(family), write_(interfaces) {}

  std::string operator()(const Match& match) const {
    const netfilter::KeyInfo& key = key_info(match.key);
    const bool flags = nft_is_flags(key.type);
    std::string left = left_side(match.key, std::nullopt);
    if (match.mask) {
      const std::string mask = flags ? write_.flags(key.type, *match.mask) : write_.value(key.type, *match.mask);
      left = fmt::format(R"({{"&": [{}, {}]}})", left, mask);
    }
    return fmt::format(R"({{"match": {{"op": "{}", "left": {}, "right": {}}}}})", nft_word(match.relation), left,
                       right(match));
  }
  std::string operator()(const netfilter::VerdictMap& branches) const {
    return fmt::format(R"({{"vmap": {}}})", map(branches.lookup));
  }
  std::string operator()(const netfilter::SetUpdate& update) const {
    using Operation = netfilter::SetUpdate::Operation;
    std::string element = left_side(update.key, update.mask);
    if (update.timeout != 0) {
      element = fmt::format(R"({{"elem": {{"val": {}, "timeout": {}}}}})", element, update.timeout / kSecond);
    }
    const std::string statement = update.limit ? (*this)(*update.limit) : update.counter ? R"({"counter": null})" : "";
    return fmt::format(R"({{"set": {{"op": "{}", "elem": {}, "set": {}{}}}}})",
                       update.operation == Operation::add      ? "add"
                       : update.operation == Operation::update ? "update"
                                                               : "delete",
                       element, quoted("@" + update.set),
                       statement.empty() ? "" : fmt::format(R"(, "stmt": [{}])", statement));
  }
  std::string operator()(const netfilter::Counter& counter) const {
    return fmt::format(R"({{"counter": {{"packets": {}, "bytes": {}}}}})", counter.packets, counter.bytes);
  }
  std::string operator()(const netfilter::Limit& limit) const {
    const NftByteRate rate = limit.bytes ? nft_byte_rate(limit.rate) : NftByteRate{limit.rate, ""};
    const NftByteRate burst = limit.bytes ? nft_byte_rate(limit.burst) : NftByteRate{limit.burst, ""};
    std::string text = fmt::format(R"({{"limit": {{"rate": {}, "burst": {}, "per": "{}")", rate.amount, burst.amount,
                                   nft_word(limit.unit));
    if (limit.over) text += R"(, "inv": true)";
    if (limit.bytes) text += fmt::format(R"(, "rate_unit": "{}", "burst_unit": "{}")", rate.unit, burst.unit);
    return text + "}}";
  }
  std::string operator()(const netfilter::Quota& quota) const {
    const NftByteRate most = nft_byte_rate(quota.bytes);
    std::string text = fmt::format(R"({{"quota": {{"val": {}, "val_unit": "{}")", most.amount, most.unit);
    if (quota.over) text += R"(, "inv": true)";
    if (quota.consumed() != 0) {
      const NftByteRate used = nft_byte_rate(quota.consumed());
      text += fmt::format(R"(, "used": {}, "used_unit": "{}")", used.amount, used.unit);
    }
    return text + "}}";
  }
  std::string operator()(const netfilter::ObjectReference& object) const {
    return fmt::format(R"({{"{}": {}}})", nft_word(object.kind), quoted(object.name));
  }
  std::string operator()(const netfilter::Log& log) const {
    std::string inside;
    if (!log.prefix.empty()) inside = R"("prefix": )" + quoted(log.prefix);
    if (log.level != netfilter::LogLevel::warn) {
      inside += fmt::format(R"({}"level": "{}")", inside.empty() ? "" : ", ", nft_word(log.level));
    }
    return inside.empty() ? R"({"log": null})" : fmt::format(R"({{"log": {{{}}}}})", inside);
  }
  std::string operator()(const netfilter::SetMark& set) const {
    const bool of_packet = set.target == netfilter::SetMark::Target::packet;
    const auto mark_of = [](std::string_view whose) { return fmt::format(R"({{"{}": {{"key": "mark"}}}})", whose); };
    const std::string value = set.lookup ? fmt::format(R"({{"map": {}}})", map(*set.lookup))
                              : set.mark ? fmt::format("{}", *set.mark)
                                         : mark_of(of_packet ? "ct" : "meta");
    return fmt::format(R"({{"mangle": {{"key": {}, "value": {}}}}})", mark_of(of_packet ? "meta" : "ct"), value);
  }
  std::string operator()(const netfilter::Notrack&) const { return R"({"notrack": null})"; }
  std::string operator()(const netfilter::NatStatement& nat) const {
    std::string inside;
    const auto add = [&inside](std::string_view name, const std::string& value) {
      inside += fmt::format(R"({}"{}": {})", inside.empty() ? "" : ", ", name, value);
    };
    if (nat.addresses && family_ == netfilter::Family::inet) add("family", quoted(nat.ipv6 ? "ip6" : "ip"));
    if (nat.addresses) add("addr", span(nat.ipv6 ? DataType::ipv6_addr : DataType::ipv4_addr, *nat.addresses));
    if (nat.ports) add("port", span(DataType::inet_service, *nat.ports));
    std::vector<std::string> flags;
    if (nat.random) flags.push_back(quoted("random"));
    if (nat.fully_random) flags.push_back(quoted("fully-random"));
    if (nat.persistent) flags.push_back(quoted("persistent"));
    if (!flags.empty()) {
      add("flags", flags.size() == 1 ? flags.front() : fmt::format("[{}]", fmt::join(flags, ", ")));
    }
    return fmt::format(R"({{"{}": {}}})", nft_word(nat.kind), inside.empty() ? "null" : fmt::format("{{{}}}", inside));
  }
  std::string operator()(const netfilter::Reject& reject) const {
    if (reject.type == netfilter::RejectType::tcp_reset) return R"({"reject": {"type": "tcp reset"}})";
    return fmt::format(R"({{"reject": {{"type": "{}", "expr": "{}"}}}})", nft_word(reject.type),
                       nft_reject_code(reject));
  }
  std::string operator()(const netfilter::Decision& decision) const { return verdict(decision); }

 private:
  [[nodiscard]] std::string left_side(netfilter::Key which, const std::optional<Value>& mask) const {
    const netfilter::KeyInfo& key = key_info(which);
    const std::string left =
        key.group == "meta" || key.group == "ct"
            ? fmt::format(R"({{"{}": {{"key": "{}"}}}})", key.group, key.field)
            : fmt::format(R"({{"payload": {{"protocol": "{}", "field": "{}"}}}})", key.group, key.field);
    return mask ? fmt::format(R"({{"&": [{}, {}]}})", left, write_.value(key.type, *mask)) : left;
  }
  [[nodiscard]] std::string map(const netfilter::MapLookup& lookup) const {
    std::string data;
    if (const auto* named = std::get_if<netfilter::SetReference>(&lookup.map)) {
      data = quoted("@" + named->name);
    } else {
      const auto& map = std::get<netfilter::AnonymousMap>(lookup.map);
      data = fmt::format(R"({{"set": {}}})",
                         pairs(write_, key_info(lookup.key).type, map.elements, map.data, DataType::mark));
    }
    return fmt::format(R"({{"key": {}, "data": {}}})", left_side(lookup.key, lookup.mask), data);
  }

  [[nodiscard]] std::string span(DataType type, const Interval& range) const {
    return range.is_single() ? write_.value(type, range.low) : write_.range(type, range);
  }

  [[nodiscard]] std::string right(const Match& match) const {
    const DataType type = key_info(match.key).type;
    if (const auto* named = std::get_if<netfilter::SetReference>(&match.right)) return quoted("@" + named->name);
    if (const auto* set = std::get_if<AnonymousSet>(&match.right)) {
      return fmt::format(R"({{"set": {}}})", write_.list(type, set->elements));
    }
    const Interval& range = std::get<Interval>(match.right);
    const bool bits = match.relation == Relation::any_bit || match.relation == Relation::no_bit || match.mask;
    if (nft_is_flags(type) && bits) return write_.flags(type, range.low);
    return match.written_as_range && !range.is_single() ? write_.range(type, range) : write_.interval(type, range);
  }

  netfilter::Family family_;
  ValueWriter write_;
};

class Writer {
 public:
  Writer(const NftSelection& selection, const NftInterfaces& interfaces)
      : selection_(selection), interfaces_(interfaces) {}

  void table(const Table& table) {
    using What = NftSelection::What;
    const bool parts_only = selection_.chain || selection_.set || selection_.what == What::chains ||
                            selection_.what == What::sets || selection_.what == What::maps || selection_.objects;
    if (!parts_only) {
      add(fmt::format(R"({{"table": {{"family": "{}", "name": {}, "handle": {}{}}}}})", nft_word(table.family),
                      quoted(table.name), table.handle, comment(table.comment)));
    }
    if (selection_.what == What::tables) return;
    for (const netfilter::Object& each : table.objects) {
      if (nft_selects(selection_, each)) object(table, each);
    }
    if (selection_.objects) return;
    for (const netfilter::Set& each : table.sets) {
      if (nft_selects(selection_, each)) set(table, each);
    }
    if (selection_.what == What::sets || selection_.what == What::maps || selection_.set) return;
    for (const netfilter::Chain& each : table.chains) {
      if (!selection_.chain || *selection_.chain == each.name) chain(table, each);
    }
    if (selection_.what == What::chains) return;
    for (const netfilter::Chain& each : table.chains) {
      if (selection_.chain && *selection_.chain != each.name) continue;
      for (const netfilter::Rule& one : each.rules) rule(table, each, one);
    }
  }

  [[nodiscard]] std::string text() const { return fmt::format("{{\"nftables\": [{}{}]}}\n", kMetainfo, text_); }

 private:
  void add(const std::string& item) { text_ += ", " + item; }
  static std::string comment(const std::string& text) {
    return text.empty() ? std::string() : R"(, "comment": )" + quoted(text);
  }

  void object(const Table& table, const netfilter::Object& object) {
    std::string text = fmt::format(R"({{"{}": {{"family": "{}", "name": {}, "table": {}, "handle": {}{})",
                                   nft_word(object.kind()), nft_word(table.family), quoted(object.name),
                                   quoted(table.name), object.handle, comment(object.comment));
    if (const auto* quota = std::get_if<netfilter::Quota>(&object.state)) {
      text += fmt::format(R"(, "bytes": {}, "used": {}, "inv": {})", quota->bytes, quota->consumed(), quota->over);
    } else {
      const auto& counter = std::get<netfilter::Counter>(object.state);
      text += fmt::format(R"(, "packets": {}, "bytes": {})", counter.packets, counter.bytes);
    }
    add(text + "}}");
  }

  void set(const Table& table, const netfilter::Set& set) {
    const ValueWriter write(interfaces_);
    std::string text = fmt::format(R"({{"{}": {{"family": "{}", "name": {}, "table": {}, "type": "{}", "handle": {}{})",
                                   set.is_map() ? "map" : "set", nft_word(table.family), quoted(set.name),
                                   quoted(table.name), nft_type_name(set.type), set.handle, comment(set.comment));
    if (set.is_map())
      text += fmt::format(R"(, "map": "{}")", set.to_values ? nft_type_name(*set.to_values) : "verdict");
    if (set.size != 0) text += fmt::format(R"(, "size": {})", set.size);
    std::string flags;
    for (const auto& [is, word] : {std::pair{set.constant, "constant"}, std::pair{set.interval, "interval"},
                                   std::pair{set.timeouts, "timeout"}}) {
      if (is) flags += fmt::format(R"({}"{}")", flags.empty() ? "" : ", ", word);
    }
    if (!flags.empty()) text += fmt::format(R"(, "flags": [{}])", flags);
    if (set.timeout != 0) text += fmt::format(R"(, "timeout": {})", set.timeout / kSecond);
    if (set.gc_interval != 0) text += fmt::format(R"(, "gc-interval": {})", set.gc_interval / kSecond);
    const std::string elements =
        set.is_timed() ? timed(set)
        : set.is_map() ? pairs(write, set.type, set.elements, set.data, set.to_values.value_or(DataType::mark))
                       : write.list(set.type, set.elements);
    if (elements != "[]") text += R"(, "elem": )" + elements;
    add(text + "}}");
  }

  [[nodiscard]] std::string timed(const netfilter::Set& set) const {
    std::string text;
    for (const auto& [value, element] : set.timed) {
      if (element.expires <= interfaces_.now) continue;
      std::string one = ValueWriter(interfaces_).value(set.type, value);
      if (element.expires != INT64_MAX) {
        const std::string own =
            element.timeout != 0 ? fmt::format(R"("timeout": {}, )", element.timeout / kSecond) : "";
        one = fmt::format(R"({{"elem": {{"val": {}, {}"expires": {}}}}})", one, own,
                          (element.expires - interfaces_.now) / kSecond);
      }
      text += (text.empty() ? "" : ", ") + one;
    }
    return "[" + text + "]";
  }

  void chain(const Table& table, const netfilter::Chain& chain) {
    std::string text =
        fmt::format(R"({{"chain": {{"family": "{}", "table": {}, "name": {}, "handle": {}{})", nft_word(table.family),
                    quoted(table.name), quoted(chain.name), chain.handle, comment(chain.comment));
    if (chain.base) {
      text += fmt::format(R"(, "type": "{}", "hook": "{}", "prio": {}, "policy": "{}")", nft_word(chain.base->type),
                          hook_name(chain.base->hook), chain.base->priority,
                          chain.policy == netfilter::Verdict::accept ? "accept" : "drop");
    }
    add(text + "}}");
  }

  void rule(const Table& table, const netfilter::Chain& chain, const netfilter::Rule& rule) {
    std::string statements;
    for (std::size_t i = 0; i < rule.statements.size(); ++i) {
      if (nft_is_implied(rule, i)) continue;
      statements +=
          (statements.empty() ? "" : ", ") + std::visit(StatementWriter(table.family, interfaces_), rule.statements[i]);
    }
    add(fmt::format(R"({{"rule": {{"family": "{}", "table": {}, "chain": {}, "handle": {}{}, "expr": [{}]}}}})",
                    nft_word(table.family), quoted(table.name), quoted(chain.name), rule.handle, comment(rule.comment),
                    statements));
  }

  const NftSelection& selection_;
  const NftInterfaces& interfaces_;
  std::string text_;
};

}  // namespace

std::string nft_print_json(const netfilter::Ruleset& ruleset, const NftSelection& selection,
                           const NftInterfaces& interfaces) {
  Writer writer(selection, interfaces);
  for (const Table& table : ruleset.tables) {
    if (nft_selects(selection, table)) writer.table(table);
  }
  return writer.text();
}

}  // namespace host::console
