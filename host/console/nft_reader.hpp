// SPDX-License-Identifier: Apache-2.0
// A place in a text of nft's, and the first thing that was wrong with it.
#pragma once

#include <optional>

#include "host/console/nft_syntax.hpp"

namespace host::console {

/// Functions that read return false once something was wrong; error() says what.
class NftReader {
 public:
  NftReader(std::vector<NftToken> tokens, const NftInterfaces& interfaces)
      : tokens_(std::move(tokens)), interfaces_(interfaces) {}

  [[nodiscard]] const NftToken& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const NftToken& take() {
    const NftToken& token = peek();
    at_ += at_ + 1 < tokens_.size() ? 1 : 0;
    return token;
  }
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
  std::vector<NftToken> tokens_;
  const NftInterfaces& interfaces_;
  std::size_t at_ = 0;
  std::optional<NftError> error_;
};

/// One element of a set or one right side: a value, range or prefix.
[[nodiscard]] bool nft_read_element(NftReader& in, NftElement& out);
/// `{ A, B, C }`.
[[nodiscard]] bool nft_read_elements(NftReader& in, std::vector<NftElement>& out);
/// Statements up to the end of the line, `;` or `}`; the chains and sets that they name go to `references`.
[[nodiscard]] bool nft_read_rule(NftReader& in, netfilter::Family family, netfilter::Rule& out,
                                 std::vector<NftName>& references);
/// `key [& mask] [op] right` (in nft_parse_match).
[[nodiscard]] bool nft_read_match(NftReader& in, netfilter::Match& out, std::vector<NftName>& references);

}  // namespace host::console
