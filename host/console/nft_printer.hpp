// SPDX-License-Identifier: Apache-2.0
// Rulesets as nft lists them: text that reads back as the same rules, and nft's JSON (libnftables-json(5)).
#pragma once

#include <string>

#include "host/console/nft_symbols.hpp"
#include "host/netfilter/ruleset.hpp"

namespace host::console {

struct NftPrintOptions {
  /// -a: `# handle N` behind everything that has one.
  bool handles = false;
  /// -s: without what counts up.
  bool stateless = false;
};

/// What of a ruleset is wanted.
struct NftSelection {
  std::optional<netfilter::Family> family = std::nullopt;
  std::optional<std::string> table = std::nullopt;
  std::optional<std::string> chain = std::nullopt;
  std::optional<std::string> set = std::nullopt;
  /// Only those, and of them only the one of that name.
  std::optional<netfilter::ObjectKind> objects = std::nullopt;
  std::optional<std::string> object = std::nullopt;
  enum class What : std::uint8_t { everything, tables, chains, sets, maps } what = What::everything;
};

[[nodiscard]] std::string nft_print(const netfilter::Ruleset& ruleset, const NftSelection& selection,
                                    const NftPrintOptions& options, const NftInterfaces& interfaces);
/// One line.
[[nodiscard]] std::string nft_print_json(const netfilter::Ruleset& ruleset, const NftSelection& selection,
                                         const NftInterfaces& interfaces);

/// One rule's statements, as in a listing.
[[nodiscard]] std::string nft_print_rule(const netfilter::Rule& rule, netfilter::Family family,
                                         const NftPrintOptions& options, const NftInterfaces& interfaces);
/// What a listing leaves out: `ip protocol tcp` in front of `tcp dport 22`.
[[nodiscard]] bool nft_is_implied(const netfilter::Rule& rule, std::size_t statement);

// --- words that text and JSON share ---
[[nodiscard]] std::string_view nft_word(netfilter::Family family);
[[nodiscard]] std::string_view nft_word(netfilter::ChainType type);
[[nodiscard]] std::string_view nft_word(netfilter::RateUnit unit);
[[nodiscard]] std::string_view nft_word(netfilter::LogLevel level);
[[nodiscard]] std::string_view nft_word(netfilter::Action action);
[[nodiscard]] std::string_view nft_word(netfilter::Relation relation);
[[nodiscard]] std::string_view nft_word(netfilter::NatKind kind);
[[nodiscard]] std::string_view nft_word(netfilter::RejectType type);
[[nodiscard]] std::string nft_reject_code(const netfilter::Reject& reject);
[[nodiscard]] std::string_view nft_word(netfilter::ObjectKind kind);
/// `over 10 mbytes used 1 kbytes`.
[[nodiscard]] std::string nft_write_quota(const netfilter::Quota& quota, const NftPrintOptions& options);
/// One counter or quota of a selected table.
[[nodiscard]] bool nft_selects(const NftSelection& selection, const netfilter::Object& object);
/// A rate of bytes in the largest unit that leaves no rest.
struct NftByteRate {
  std::uint64_t amount;
  std::string_view unit;
};
[[nodiscard]] NftByteRate nft_byte_rate(std::uint64_t bytes);
[[nodiscard]] bool nft_selects(const NftSelection& selection, const netfilter::Table& table);
/// One set or map of a selected table.
[[nodiscard]] bool nft_selects(const NftSelection& selection, const netfilter::Set& set);
[[nodiscard]] std::string nft_write_verdict(const netfilter::Decision& decision);
[[nodiscard]] std::string nft_write_limit(const netfilter::Limit& limit);
/// `{ A : X, B : Y }`'s `X`.
[[nodiscard]] std::string nft_write_datum(const netfilter::Datum& datum, netfilter::DataType type,
                                          const NftInterfaces& interfaces);

}  // namespace host::console
