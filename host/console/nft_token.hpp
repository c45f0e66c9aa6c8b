// SPDX-License-Identifier: Apache-2.0
// The words of nft's language and where they stand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace host::console {

/// Where something stands in the text: bytes from its start on.
struct NftPlace {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Why a text is refused, and where.
struct NftError {
  std::string message;
  NftPlace place;
};

struct NftToken {
  enum class Kind : std::uint8_t { word, number, quoted, punctuation, newline, end } kind = Kind::end;
  std::string text;  // of quoted: without the quotes
  NftPlace place;

  [[nodiscard]] bool is(std::string_view wanted) const {
    return kind != Kind::quoted && kind != Kind::newline && kind != Kind::end && text == wanted;
  }
  [[nodiscard]] bool ends_statement() const { return kind == Kind::newline || kind == Kind::end || is(";"); }
};

/// Words begin with a letter and may hold digits and any of /-_.* within; numbers (IPv4 addresses too) begin with a
/// digit; an IPv6 address is a number.
/// Comments and blanks vanish; a newline behind a backslash is a blank. The last token is the end.
[[nodiscard]] std::vector<NftToken> nft_tokenize(std::string_view text);

/// A place in a text, token by token. The end is never passed.
class NftCursor {
 public:
  explicit NftCursor(std::vector<NftToken> tokens) : tokens_(std::move(tokens)) {}

  [[nodiscard]] const NftToken& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const NftToken& take() {
    const NftToken& token = peek();
    at_ += at_ + 1 < tokens_.size() ? 1 : 0;
    return token;
  }
  [[nodiscard]] const NftToken& end() const { return tokens_.back(); }

 private:
  std::vector<NftToken> tokens_;
  std::size_t at_ = 0;
};

}  // namespace host::console
