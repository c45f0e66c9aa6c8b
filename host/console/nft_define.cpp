// SPDX-License-Identifier: Apache-2.0
// Names for values, by scope (nftables: struct scope).
#include "host/console/nft_define.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "host/console/nft_reader.hpp"

namespace host::console {
namespace {

using Kind = NftToken::Kind;
using Words = std::vector<NftToken>;

/// Verdicts are neither names nor values.
constexpr auto kVerdicts = std::to_array<std::string_view>({"accept", "drop", "continue", "return", "jump", "goto"});

bool is_verdict(const NftToken& token) {
  return std::ranges::any_of(kVerdicts, [&](std::string_view verdict) { return token.is(verdict); });
}

/// Names of names of names may not fill the memory.
constexpr std::size_t kMostTokens = 1U << 20;

bool is_value(const NftToken& token) {
  return token.kind == Kind::word || token.kind == Kind::number || token.kind == Kind::quoted;
}

using Scope = std::map<std::string, Words, std::less<>>;

class Expander : private NftCursor {
 public:
  explicit Expander(Words tokens) : NftCursor(std::move(tokens)) {}

  NftExpansion run() {
    while (!error_ && peek().kind != Kind::end) step();
    NftToken last = end();
    if (error_) last.place = {error_->place.begin, error_->place.begin};
    out_.push_back(std::move(last));
    return {std::move(out_), std::move(error_)};
  }

 private:
  void step() {
    const bool begins = out_.empty() || out_.back().ends_statement() || out_.back().is("{") || out_.back().is("}");
    const NftToken& token = peek();
    if (begins && (token.is("define") || token.is("redefine") || token.is("undefine")) && !peek(1).is("{")) {
      return definition();
    }
    if (token.is("{")) {
      scopes_.emplace_back();
    } else if (token.is("}") && scopes_.size() > 1) {
      scopes_.pop_back();
    }
    copy_or_expand(out_);
  }

  /// One token, or what it stands for.
  void copy_or_expand(Words& out) {
    const NftToken token = take();
    if (!token.is("$")) return put(out, token);
    const NftToken& name = peek();
    if (!is_name(name)) return fail_unexpected(name, "string");
    const Words* words = find(name.text);
    if (words == nullptr) return fail("unknown identifier '" + name.text + "'", name.place);
    take();
    for (const NftToken& each : *words) put(out, each);
  }

  void put(Words& out, const NftToken& token) {
    if (out.size() >= kMostTokens) return fail("Could not process rule: Cannot allocate memory", token.place);
    out.push_back(token);
  }

  void definition() {
    const NftToken word = take();
    const NftToken name = take();
    if (!is_name(name)) return fail_unexpected(name, "string");
    Scope& scope = scopes_.back();
    if (word.is("undefine")) {
      scope.erase(name.text);
      return end_definition();
    }
    if (!peek().is("=")) return fail_unexpected(peek(), "'='");
    take();
    if (word.is("define") && scope.contains(name.text)) {
      return fail("redefinition of symbol '" + name.text + "'", name.place);
    }
    Words words = value();
    if (error_) return;
    scope[name.text] = std::move(words);
    end_definition();
  }

  void end_definition() {
    if (!peek().ends_statement() && !peek().is("}")) fail_unexpected(peek(), "newline or semicolon");
  }

  /// What stands between braces, or values with signs between them.
  Words value() {
    Words words;
    if (peek().ends_statement()) fail_unexpected(peek());
    std::size_t depth = 0;
    while (!error_) {
      const NftToken& token = peek();
      const bool ends = token.kind == Kind::end || (depth == 0 && (token.ends_statement() || token.is("}")));
      const bool side_by_side = depth == 0 && !words.empty() && is_value(words.back()) && is_value(token);
      if (ends || side_by_side || (depth == 0 && !words.empty() && words.back().is("}"))) break;
      if (depth == 0 && is_verdict(token)) fail_unexpected(token);
      depth += token.is("{") ? 1 : 0;
      depth -= token.is("}") ? 1 : 0;
      copy_or_expand(words);
    }
    return words;
  }

  static bool is_name(const NftToken& token) { return token.kind == Kind::word && !is_verdict(token); }

  /// The innermost that there is.
  [[nodiscard]] const Words* find(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->find(name);
      if (found != scope->end()) return &found->second;
    }
    return nullptr;
  }

  void fail(std::string message, NftPlace place) {
    if (!error_) error_ = NftError{std::move(message), place};
  }
  void fail_unexpected(const NftToken& token, std::string_view expecting = {}) {
    fail(nft_unexpected(token, expecting), token.place);
  }

  Words out_;
  std::vector<Scope> scopes_ = std::vector<Scope>(1);
  std::optional<NftError> error_;
};

}  // namespace

NftExpansion nft_expand(std::vector<NftToken> tokens) {
  return Expander(std::move(tokens)).run();
}

}  // namespace host::console
