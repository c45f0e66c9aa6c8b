// SPDX-License-Identifier: Apache-2.0
// Taking a text apart into tokens (nftables: scanner.l).
#include "host/console/nft_token.hpp"

#include <array>
#include <cctype>

#include "host/headers/ipv6_address.hpp"

namespace host::console {
namespace {

using Kind = NftToken::Kind;

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool continues_word(char c) {
  return is_letter(c) || is_digit(c) || c == '/' || c == '-' || c == '.' || c == '*';
}
bool continues_number(char c) {
  return is_digit(c) || is_letter(c) || c == '.';
}

bool continues_address(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.';
}

constexpr std::array<std::string_view, 6> kLongOperators = {"==", "!=", "<=", ">=", "<<", ">>"};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<NftToken> run() {
    while (at_ < text_.size()) {
      step();
    }
    add(Kind::end, text_.size(), {});
    return std::move(tokens_);
  }

 private:
  void step() {
    const std::size_t begin = at_;
    const char letter = text_[at_++];
    if (letter == '\\' && at_ < text_.size() && text_[at_] == '\n') {
      ++at_;
    } else if (letter == '#') {
      skip_while([](char c) { return c != '\n'; });
    } else if (letter == '\n') {
      add(Kind::newline, begin, "\n");
    } else if (letter == '"') {
      skip_while([](char c) { return c != '"' && c != '\n'; });
      const std::string_view inside = text_.substr(begin + 1, at_ - begin - 1);
      at_ += at_ < text_.size() && text_[at_] == '"' ? 1 : 0;
      add(Kind::quoted, begin, inside);
    } else if (const std::size_t address = ipv6_at(begin); address != 0) {
      at_ = begin + address;
      add(Kind::number, begin, text_.substr(begin, address));
    } else if (is_letter(letter)) {
      skip_while(continues_word);
      add(Kind::word, begin, text_.substr(begin, at_ - begin));
    } else if (is_digit(letter)) {
      skip_while(continues_number);
      add(Kind::number, begin, text_.substr(begin, at_ - begin));
    } else if (letter != ' ' && letter != '\t' && letter != '\r') {
      for (const std::string_view both : kLongOperators) {
        at_ += text_.substr(begin).starts_with(both) ? 1 : 0;
      }
      add(Kind::punctuation, begin, text_.substr(begin, at_ - begin));
    }
  }

  /// The bytes of the IPv6 address that begins there; 0: none does.
  [[nodiscard]] std::size_t ipv6_at(std::size_t begin) const {
    constexpr std::size_t kLongest = 45;
    std::size_t bytes = 0;
    int colons = 0;
    while (begin + bytes < text_.size() && bytes <= kLongest && continues_address(text_[begin + bytes])) {
      colons += text_[begin + bytes++] == ':' ? 1 : 0;
    }
    const bool ends = begin + bytes == text_.size() || !is_letter(text_[begin + bytes]);
    return colons >= 2 && ends && headers::Ipv6Address::parse(text_.substr(begin, bytes)) ? bytes : 0;
  }

  template <typename Predicate>
  void skip_while(Predicate predicate) {
    while (at_ < text_.size() && predicate(text_[at_])) {
      ++at_;
    }
  }

  void add(Kind kind, std::size_t begin, std::string_view text) {
    tokens_.push_back({kind, std::string(text), {begin, at_}});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<NftToken> tokens_;
};

}  // namespace

std::vector<NftToken> nft_tokenize(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace host::console
