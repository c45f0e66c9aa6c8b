// SPDX-License-Identifier: Apache-2.0
// A rule as nft writes it.
#include <fmt/format.h>

#include "host/console/nft_printer.hpp"

namespace host::console {

using netfilter::AnonymousSet;
using netfilter::Interval;
using netfilter::Match;
using netfilter::Relation;
using netfilter::Value;

namespace {

class StatementPrinter {
 public:
  StatementPrinter(netfilter::Family family, const NftPrintOptions& options, const NftInterfaces& interfaces)
      : family_(family), options_(options), interfaces_(interfaces) {}

  std::string operator()(const Match& match) const {
    const netfilter::KeyInfo& key = key_info(match.key);
    const std::string right = right_side(match);
    if (!match.mask) return key_words(match.key) + relation(match) + right;
    const bool many = nft_is_flags(key.type) && (*match.mask & (*match.mask - 1)) != 0;
    if (many && match.relation == Relation::equal) {
      return fmt::format("{} {} / {}", key_words(match.key), right, mask_word(match.key, *match.mask));
    }
    if (many) return fmt::format("{} != {} / {}", key_words(match.key), right, mask_word(match.key, *match.mask));
    return fmt::format("{} {} {}", masked(match.key, match.mask), nft_word(match.relation), right);
  }

  std::string operator()(const netfilter::Counter& counter) const {
    if (options_.stateless) return "counter";
    return fmt::format("counter packets {} bytes {}", counter.packets, counter.bytes);
  }

  std::string operator()(const netfilter::Limit& limit) const { return nft_write_limit(limit); }

  std::string operator()(const netfilter::Quota& quota) const { return "quota " + nft_write_quota(quota, options_); }

  std::string operator()(const netfilter::ObjectReference& object) const {
    return fmt::format("{} name \"{}\"", nft_word(object.kind), object.name);
  }

  std::string operator()(const netfilter::VerdictMap& branches) const {
    const netfilter::MapLookup& lookup = branches.lookup;
    return fmt::format("{} vmap {}", masked(lookup.key, lookup.mask), map(lookup));
  }

  std::string operator()(const netfilter::SetUpdate& update) const {
    using Operation = netfilter::SetUpdate::Operation;
    std::string text = update.operation == Operation::add      ? "add"
                       : update.operation == Operation::update ? "update"
                                                               : "delete";
    text += fmt::format(" @{} {{ {}", update.set, masked(update.key, update.mask));
    if (update.timeout != 0) text += " timeout " + nft_write_time(update.timeout);
    if (update.limit) text += ' ' + nft_write_limit(*update.limit);
    return text + (update.counter ? " counter }" : " }");
  }

  std::string operator()(const netfilter::Log& log) const {
    std::string text = "log";
    if (!log.prefix.empty()) text += fmt::format(" prefix \"{}\"", log.prefix);
    if (log.level != netfilter::LogLevel::warn) text += fmt::format(" level {}", nft_word(log.level));
    return text;
  }

  std::string operator()(const netfilter::SetMark& set) const {
    const bool of_packet = set.target == netfilter::SetMark::Target::packet;
    const std::string value =
        set.lookup  ? fmt::format("{} map {}", masked(set.lookup->key, set.lookup->mask), map(*set.lookup))
        : set.mark  ? fmt::format("0x{:08x}", *set.mark)
        : of_packet ? "ct mark"
                    : "meta mark";
    return fmt::format("{} mark set {}", of_packet ? "meta" : "ct", value);
  }

  std::string operator()(const netfilter::Notrack&) const { return "notrack"; }

  std::string operator()(const netfilter::NatStatement& nat) const {
    using netfilter::DataType;
    std::string text(nft_word(nat.kind));
    if (nat.addresses && family_ == netfilter::Family::inet) text += nat.ipv6 ? " ip6" : " ip";
    if (nat.addresses || nat.ports) text += " to ";
    if (nat.addresses) text += nat.ipv6 && nat.ports ? bracketed(*nat.addresses) : nat_span(nat, *nat.addresses);
    if (nat.ports) text += fmt::format(":{}", span(DataType::inet_service, *nat.ports));
    std::string_view before = " ";
    for (const auto& [set, name] : {std::pair{nat.random, "random"}, std::pair{nat.fully_random, "fully-random"},
                                    std::pair{nat.persistent, "persistent"}}) {
      if (set) text.append(std::exchange(before, ",")).append(name);
    }
    return text;
  }

  std::string operator()(const netfilter::Reject& reject) const {
    using netfilter::Family;
    using netfilter::RejectType;
    const std::uint8_t port = reject.type == RejectType::icmpv6 ? 4 : 3;
    if (reject.type == RejectType::tcp_reset) return "reject with tcp reset";
    const RejectType usual = family_ == Family::inet ? RejectType::icmpx
                             : family_ == Family::ip ? RejectType::icmp
                                                     : RejectType::icmpv6;
    if (reject.type == usual && reject.code == port) return "reject";
    return fmt::format("reject with {} {}", nft_word(reject.type), nft_reject_code(reject));
  }

  std::string operator()(const netfilter::Decision& decision) const { return nft_write_verdict(decision); }

 private:
  static std::string key_words(netfilter::Key which) {
    const netfilter::KeyInfo& key = key_info(which);
    const bool alone = key.group == "meta" &&
                       (key.type == netfilter::DataType::ifname || key.type == netfilter::DataType::iface_index);
    return alone ? std::string(key.field) : fmt::format("{} {}", key.group, key.field);
  }
  [[nodiscard]] std::string mask_word(netfilter::Key which, Value mask) const {
    const netfilter::DataType type = key_info(which).type;
    return type == netfilter::DataType::integer ? fmt::format("{}", static_cast<std::uint64_t>(mask))
                                                : nft_write_value(type, mask, interfaces_);
  }
  [[nodiscard]] std::string masked(netfilter::Key key, const std::optional<Value>& mask) const {
    return mask ? fmt::format("{} & {}", key_words(key), mask_word(key, *mask)) : key_words(key);
  }
  [[nodiscard]] std::string map(const netfilter::MapLookup& lookup) const {
    if (const auto* named = std::get_if<netfilter::SetReference>(&lookup.map)) return '@' + named->name;
    const auto& map = std::get<netfilter::AnonymousMap>(lookup.map);
    std::string text;
    for (std::size_t i = 0; i < map.elements.size(); ++i) {
      text += fmt::format("{}{} : {}", i == 0 ? "{ " : ", ",
                          nft_write_interval(key_info(lookup.key).type, map.elements[i], interfaces_),
                          nft_write_datum(map.data[i], netfilter::DataType::mark, interfaces_));
    }
    return text + " }";
  }

  /// What stands between the two sides, blanks included. Equality goes without saying, but not of flags.
  static std::string relation(const Match& match) {
    const bool flags = nft_is_flags(key_info(match.key).type) && std::holds_alternative<Interval>(match.right);
    if (match.relation == Relation::any_bit || (match.relation == Relation::equal && !flags)) return " ";
    return fmt::format(" {} ", nft_word(match.relation));
  }

  /// A value or A-B, never a prefix.
  [[nodiscard]] std::string span(netfilter::DataType type, const Interval& range) const {
    const std::string low = nft_write_value(type, range.low, interfaces_);
    return range.is_single() ? low : fmt::format("{}-{}", low, nft_write_value(type, range.high, interfaces_));
  }

  [[nodiscard]] std::string nat_span(const netfilter::NatStatement& nat, const Interval& range) const {
    return span(nat.ipv6 ? netfilter::DataType::ipv6_addr : netfilter::DataType::ipv4_addr, range);
  }
  [[nodiscard]] std::string bracketed(const Interval& range) const {
    const std::string low = nft_write_value(netfilter::DataType::ipv6_addr, range.low, interfaces_);
    if (range.is_single()) return '[' + low + ']';
    return fmt::format("[{}]-[{}]", low, nft_write_value(netfilter::DataType::ipv6_addr, range.high, interfaces_));
  }

  [[nodiscard]] std::string right_side(const Match& match) const {
    const netfilter::DataType type = key_info(match.key).type;
    if (const auto* named = std::get_if<netfilter::SetReference>(&match.right)) return fmt::format("@{}", named->name);
    if (const auto* set = std::get_if<AnonymousSet>(&match.right)) {
      std::string text;
      for (const Interval& element : set->elements) {
        text += fmt::format("{}{}", text.empty() ? "{ " : ", ", nft_write_interval(type, element, interfaces_));
      }
      return text + " }";
    }
    const Interval& range = std::get<Interval>(match.right);
    if (match.written_as_range && !range.is_single()) {
      return span(type, range);
    }
    const bool exact = match.relation == Relation::equal || match.relation == Relation::not_equal;
    const bool many = (range.low & (range.low - 1)) != 0;
    if (nft_is_flags(type) && exact && many && !match.mask) {
      // nftables writes the two kinds of flags differently.
      std::string flags = nft_write_value(type, range.low, interfaces_);
      if (type == netfilter::DataType::tcp_flag) return fmt::format("0x{:x}", static_cast<std::uint64_t>(range.low));
      for (auto comma = flags.find(','); comma != std::string::npos; comma = flags.find(',', comma + 3)) {
        flags.replace(comma, 1, " | ");
      }
      return flags;
    }
    return nft_write_interval(type, range, interfaces_);
  }

  netfilter::Family family_;
  const NftPrintOptions& options_;
  const NftInterfaces& interfaces_;
};

}  // namespace

std::string nft_print_rule(const netfilter::Rule& rule, netfilter::Family family, const NftPrintOptions& options,
                           const NftInterfaces& interfaces) {
  const StatementPrinter printer(family, options, interfaces);
  std::string text;
  for (std::size_t i = 0; i < rule.statements.size(); ++i) {
    if (!nft_is_implied(rule, i)) {
      text += fmt::format("{}{}", text.empty() ? "" : " ", std::visit(printer, rule.statements[i]));
    }
  }
  if (!rule.comment.empty()) text += fmt::format(" comment \"{}\"", rule.comment);
  return text;
}

}  // namespace host::console
