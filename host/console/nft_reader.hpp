// SPDX-License-Identifier: Apache-2.0
// A place in a text of nft's, and the first thing that was wrong with it.
#pragma once

#include <optional>

#include "host/console/nft_syntax.hpp"

namespace host::console {

/// Functions that read return false once something was wrong; error() says what.
class NftReader : public NftCursor {
 public:
  NftReader(std::vector<NftToken> tokens, const NftInterfaces& interfaces)
      : NftCursor(std::move(tokens)), interfaces_(interfaces) {}

  /// Takes the token when it is this one.
  bool accept(std::string_view wanted) {
    const bool is = peek().is(wanted);
    if (is) take();
    return is;
  }
  [[nodiscard]] bool expect(std::string_view wanted) { return accept(wanted) || unexpected(); }
  /// A name: a word, or a word between quotes.
  [[nodiscard]] bool name(NftName& out);
  [[nodiscard]] bool number(std::uint64_t& out);
  [[nodiscard]] bool text(std::string& out);
  void skip_newlines();

  /// Always false.
  bool fail(std::string message, NftPlace place);
  /// The next token does not belong here, in bison's words.
  bool unexpected(std::string_view expecting = {});
  /// Good nft that this host does not do.
  bool unsupported(NftPlace place) { return fail("Could not process rule: Operation not supported", place); }

  [[nodiscard]] const std::optional<NftError>& error() const { return error_; }
  [[nodiscard]] const NftInterfaces& interfaces() const { return interfaces_; }

 private:
  const NftInterfaces& interfaces_;
  std::optional<NftError> error_;
};

/// "syntax error, unexpected newline, expecting string".
[[nodiscard]] std::string nft_unexpected(const NftToken& token, std::string_view expecting);

/// One element of a set or one right side: a value, range or prefix.
[[nodiscard]] bool nft_read_element(NftReader& in, NftElement& out);
/// `{ A, B timeout 10s, C : accept }`, with the elements of sets within.
[[nodiscard]] bool nft_read_elements(NftReader& in, std::vector<NftElement>& out);
/// Statements up to the end of the line, `;` or `}`; the chains and sets that they name go to `references`.
[[nodiscard]] bool nft_read_rule(NftReader& in, netfilter::Family family, netfilter::Rule& out,
                                 std::vector<NftName>& references);
/// `key [& mask]` (in nft_parse_match).
[[nodiscard]] bool nft_read_key(NftReader& in, netfilter::Key& key, std::optional<netfilter::Value>& mask);
/// `[op] right` behind a key that has been read (in nft_parse_match).
[[nodiscard]] bool nft_read_match(NftReader& in, netfilter::Match& out, std::vector<NftName>& references);
/// The next words are a key.
[[nodiscard]] bool nft_is_key(const NftReader& in);
/// `accept`, `jump CHAIN` (in nft_parse_map).
[[nodiscard]] bool nft_read_verdict(NftReader& in, netfilter::Decision& out, std::vector<NftName>& references);
/// `{ A : X, B : Y }` or `@NAME` behind `map` or `vmap`; `values` nothing: verdicts (in nft_parse_map).
[[nodiscard]] bool nft_read_lookup(NftReader& in, std::optional<netfilter::DataType> values, netfilter::MapLookup& out,
                                   std::vector<NftName>& references);
/// `add @NAME { KEY [timeout TIME] [limit ... | counter] }` (in nft_parse_map).
[[nodiscard]] bool nft_read_set_update(NftReader& in, netfilter::SetUpdate& update, std::vector<NftName>& references);
/// What follows `limit`: `rate [over] 10/second [burst 5 packets]` (in nft_parse_limit).
[[nodiscard]] bool nft_read_limit(NftReader& in, netfilter::Limit& limit);
/// What follows `quota`, which stands at `begin`: `[over|until] 10 mbytes [used 1 kbytes]` (in nft_parse_object).
[[nodiscard]] bool nft_read_quota(NftReader& in, netfilter::Quota& quota, std::size_t begin);
/// `packets N bytes N` (in nft_parse_object).
[[nodiscard]] bool nft_read_counter(NftReader& in, netfilter::Counter& counter);
/// What a named counter or quota begins with, between braces or not (in nft_parse_object).
[[nodiscard]] bool nft_read_object(NftReader& in, NftCommand& command);
/// The block of a set or map (in nft_parse_set).
[[nodiscard]] bool nft_read_set(NftReader& in, NftCommand& command);
/// `1h30m`, `250ms`, `10` seconds (in nft_parse_set).
[[nodiscard]] bool nft_read_time(NftReader& in, platform::Nanoseconds& out);

}  // namespace host::console
