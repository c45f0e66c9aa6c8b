// SPDX-License-Identifier: Apache-2.0
// The words that nft's text and its JSON share.
#include <fmt/format.h>

#include <array>

#include "host/console/nft_printer.hpp"

namespace host::console {

using netfilter::Action;
using netfilter::ChainType;
using netfilter::DataType;
using netfilter::Family;
using netfilter::Interval;
using netfilter::Key;
using netfilter::LogLevel;
using netfilter::Match;
using netfilter::RateUnit;
using netfilter::Relation;
using netfilter::Value;

namespace {

template <typename Enum, std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& words, Enum which) {
  return words[static_cast<std::size_t>(which)];
}

/// The protocol that a match asks for; 0: none, or not only one.
std::uint8_t asked_protocol(const Match& match) {
  const auto* value = std::get_if<Interval>(&match.right);
  const bool asks = (match.key == Key::ip_protocol || match.key == Key::meta_l4proto) && !match.mask;
  if (!asks || value == nullptr || !value->is_single() || match.relation != Relation::equal) return 0;
  return static_cast<std::uint8_t>(value->low);
}

/// `meta nfproto ipv4` or `ipv6`.
bool asks_family(const Match& match) {
  const auto* value = std::get_if<Interval>(&match.right);
  return match.key == Key::meta_nfproto && value != nullptr && value->is_single() &&
         match.relation == Relation::equal && !match.mask;
}

}  // namespace

std::string_view nft_word(Family family) {
  return pick(std::to_array<std::string_view>({"ip", "inet", "ip6"}), family);
}

std::string_view nft_word(ChainType type) {
  return pick(std::to_array<std::string_view>({"filter", "nat", "route"}), type);
}

std::string_view nft_word(RateUnit unit) {
  return pick(std::to_array<std::string_view>({"second", "minute", "hour", "day", "week"}), unit);
}

std::string_view nft_word(LogLevel level) {
  return pick(std::to_array<std::string_view>({"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}),
              level);
}

std::string_view nft_word(Action action) {
  return pick(std::to_array<std::string_view>({"accept", "drop", "continue", "return", "jump", "goto"}), action);
}

std::string_view nft_word(Relation relation) {
  return pick(std::to_array<std::string_view>({"==", "!=", "<", "<=", ">", ">=", "in", "!"}), relation);
}

std::string_view nft_word(netfilter::NatKind kind) {
  return pick(std::to_array<std::string_view>({"snat", "dnat", "masquerade", "redirect"}), kind);
}

std::string nft_reject_code(const netfilter::Reject& reject) {
  if (reject.type == netfilter::RejectType::icmpx && reject.code == 0) return "no-route";
  const bool of_ipv6 = reject.type == netfilter::RejectType::icmpv6;
  const std::string_view name = nft_symbol_name(of_ipv6 ? DataType::icmpv6_code : DataType::icmp_code, reject.code);
  return name.empty() ? std::to_string(reject.code) : std::string(name);
}

NftByteRate nft_byte_rate(std::uint64_t bytes) {
  constexpr std::uint64_t kKilo = 1'024;
  if (bytes >= kKilo * kKilo && bytes % (kKilo * kKilo) == 0) return {bytes / (kKilo * kKilo), "mbytes"};
  if (bytes >= kKilo && bytes % kKilo == 0) return {bytes / kKilo, "kbytes"};
  return {bytes, "bytes"};
}

bool nft_selects(const NftSelection& selection, const netfilter::Table& table) {
  return (!selection.family || *selection.family == table.family) &&
         (!selection.table || *selection.table == table.name);
}

std::string_view nft_word(netfilter::ObjectKind kind) {
  return pick(std::to_array<std::string_view>({"counter", "quota"}), kind);
}

std::string nft_write_quota(const netfilter::Quota& quota, const NftPrintOptions& options) {
  const auto [amount, unit] = nft_byte_rate(quota.bytes);
  std::string text = fmt::format("{}{} {}", quota.over ? "over " : "", amount, unit);
  if (options.stateless || quota.consumed() == 0) return text;
  const auto [used, used_unit] = nft_byte_rate(quota.consumed());
  return text + fmt::format(" used {} {}", used, used_unit);
}

bool nft_selects(const NftSelection& selection, const netfilter::Object& object) {
  if (selection.objects) {
    return object.kind() == *selection.objects && (!selection.object || *selection.object == object.name);
  }
  return selection.what == NftSelection::What::everything && !selection.chain && !selection.set;
}

std::string_view nft_word(netfilter::RejectType type) {
  return pick(std::to_array<std::string_view>({"icmp", "icmpv6", "icmpx", "tcp reset"}), type);
}

bool nft_is_implied(const netfilter::Rule& rule, std::size_t statement) {
  const auto* match = std::get_if<Match>(&rule.statements[statement]);
  if (match != nullptr && asks_family(*match) && statement + 1 < rule.statements.size()) {
    const auto* next = std::get_if<Match>(&rule.statements[statement + 1]);
    const Value wanted = std::get<Interval>(match->right).low;
    return next != nullptr && key_info(next->key).group == (wanted == netfilter::kNfIpv4 ? "ip" : "ip6");
  }
  const std::uint8_t asked = match != nullptr ? asked_protocol(*match) : 0;
  if (asked == 0 || statement + 1 == rule.statements.size()) return false;
  if (const auto* next = std::get_if<Match>(&rule.statements[statement + 1])) {
    return key_info(next->key).protocol == asked;
  }
  const auto* reject = std::get_if<netfilter::Reject>(&rule.statements[statement + 1]);
  return reject != nullptr && reject->type == netfilter::RejectType::tcp_reset && asked == netfilter::kTcp;
}

bool nft_selects(const NftSelection& selection, const netfilter::Set& set) {
  using What = NftSelection::What;
  if (selection.objects) return false;
  if (selection.set) return *selection.set == set.name;
  if (selection.chain || selection.what == What::chains || selection.what == What::tables) return false;
  return selection.what == What::everything || (selection.what == What::maps) == set.is_map();
}

std::string nft_write_verdict(const netfilter::Decision& decision) {
  return decision.chain.empty() ? std::string(nft_word(decision.action))
                                : fmt::format("{} {}", nft_word(decision.action), decision.chain);
}

std::string nft_write_datum(const netfilter::Datum& datum, DataType type, const NftInterfaces& interfaces) {
  const auto* verdict = std::get_if<netfilter::Decision>(&datum);
  return verdict != nullptr ? nft_write_verdict(*verdict) : nft_write_value(type, std::get<Value>(datum), interfaces);
}

std::string nft_write_limit(const netfilter::Limit& limit) {
  const std::string_view over = limit.over ? "over " : "";
  if (!limit.bytes) {
    const std::string burst = limit.burst != 5 ? fmt::format(" burst {} packets", limit.burst) : "";
    return fmt::format("limit rate {}{}/{}{}", over, limit.rate, nft_word(limit.unit), burst);
  }
  const auto [rate, unit] = nft_byte_rate(limit.rate);
  const auto [amount, burst_unit] = nft_byte_rate(limit.burst);
  const std::string burst = limit.burst != 0 ? fmt::format(" burst {} {}", amount, burst_unit) : "";
  return fmt::format("limit rate {}{} {}/{}{}", over, rate, unit, nft_word(limit.unit), burst);
}

}  // namespace host::console
