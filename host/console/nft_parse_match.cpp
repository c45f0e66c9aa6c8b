// SPDX-License-Identifier: Apache-2.0
// Reading what a rule compares (nftables: relational_expr).
#include <array>

#include "host/console/nft_reader.hpp"

namespace host::console {

using netfilter::AnonymousSet;
using netfilter::Interval;
using netfilter::KeyInfo;
using netfilter::Match;
using netfilter::Relation;
using netfilter::SetReference;
using netfilter::Value;

namespace {

constexpr std::array<std::pair<std::string_view, Relation>, 13> kOperators{{{"==", Relation::equal},
                                                                            {"!=", Relation::not_equal},
                                                                            {"<", Relation::less},
                                                                            {"<=", Relation::less_or_equal},
                                                                            {">", Relation::greater},
                                                                            {">=", Relation::greater_or_equal},
                                                                            {"eq", Relation::equal},
                                                                            {"ne", Relation::not_equal},
                                                                            {"lt", Relation::less},
                                                                            {"le", Relation::less_or_equal},
                                                                            {"gt", Relation::greater},
                                                                            {"ge", Relation::greater_or_equal},
                                                                            {"!", Relation::no_bit}}};

/// `iif` and its like stand for `meta iif`.
bool stands_alone(std::string_view word) {
  return word == "mark" || word == "iif" || word == "iifname" || word == "oif" || word == "oifname";
}

class MatchReader {
 public:
  MatchReader(NftReader& in, Match& out, std::vector<NftName>& references)
      : in_(in), out_(out), references_(references) {}

  bool left() { return key() && (!(in_.accept("&") || in_.accept("and")) || mask()); }

  bool run() {
    const bool has_operator = relation();
    if (in_.peek().is("{") || in_.accept("@")) return set();
    if (nft_is_flags(info().type)) return flags(has_operator);
    NftElement element;
    Interval range;
    if (!nft_read_element(in_, element) || !resolve(element, range)) return false;
    out_.written_as_range = !element.last.empty();
    const bool ordered = out_.relation != Relation::equal && out_.relation != Relation::not_equal;
    if (ordered && !range.is_single()) {
      return in_.fail("Relational expression (<=) is undefined for range or prefix expressions", element.place);
    }
    out_.right = range;
    return true;
  }

 private:
  [[nodiscard]] const KeyInfo& info() const { return key_info(out_.key); }

  bool resolve(const NftElement& element, Interval& range) {
    const auto resolved = nft_resolve(element, info().type, key_maximum(out_.key), in_.interfaces());
    if (const auto* error = std::get_if<NftError>(&resolved)) return in_.fail(error->message, error->place);
    range = std::get<Interval>(resolved);
    return true;
  }

  bool key() {
    if (in_.peek().kind != NftToken::Kind::word) return in_.unexpected();
    const std::string first = in_.peek().text;
    if (stands_alone(first)) {
      in_.take();
      out_.key = *netfilter::find_key("meta", first);
      return true;
    }
    bool known_group = false;
    for (const KeyInfo& each : netfilter::kKeyInfo) known_group = known_group || each.group == first;
    in_.take();
    if (!known_group) return in_.unexpected();
    const auto found = netfilter::find_key(first, in_.peek().text);
    if (!found) return in_.unexpected();
    in_.take();
    out_.key = *found;
    return true;
  }

  /// `a`, `a | b` or `(a | b)`.
  bool mask() {
    const bool bracketed = in_.accept("(");
    Value value = 0;
    if (!bits("|", value)) return false;
    out_.mask = value;
    return !bracketed || in_.expect(")");
  }

  /// Values or-ed together.
  bool bits(std::string_view separator, Value& value) {
    do {
      NftElement element;
      Interval one;
      if (!nft_read_element(in_, element) || !resolve(element, one)) return false;
      value |= one.low;
    } while (in_.accept(separator));
    return true;
  }

  /// True when one is written.
  bool relation() {
    for (const auto& [text, relation] : kOperators) {
      if (in_.accept(text)) {
        out_.relation = relation;
        return true;
      }
    }
    return false;
  }

  bool set() {
    if (out_.relation != Relation::equal && out_.relation != Relation::not_equal) return in_.unexpected();
    if (!in_.peek().is("{")) {
      NftName name;
      if (!in_.name(name)) return false;
      references_.push_back({name.text, {name.place.begin - 1, name.place.end}});  // the @ too
      out_.right = SetReference{name.text};
      return true;
    }
    std::vector<NftElement> elements;
    if (!nft_read_elements(in_, elements)) return false;
    AnonymousSet all;
    for (const NftElement& element : elements) {
      if (element.lives()) return in_.unsupported(element.place);
      if (!resolve(element, all.elements.emplace_back())) return false;
    }
    netfilter::normalize(all.elements);
    if (all.elements.size() == 1 && !nft_is_flags(info().type)) {
      out_.right = all.elements.front();
    } else {
      out_.right = std::move(all);
    }
    return true;
  }

  /// `tcp flags syn,ack`, `tcp flags ! rst`, `ct state != new`, `tcp flags syn / syn,ack`, `tcp flags & (syn|ack) ==
  /// syn`.
  bool flags(bool has_operator) {
    Value value = 0;
    const bool bracketed = in_.accept("(");
    if (!bits(bracketed ? "|" : ",", value) || (bracketed && !in_.expect(")"))) return false;
    while (!bracketed && in_.accept("|")) {
      if (!bits("|", value)) return false;
    }
    if (in_.accept("/")) {
      Value wanted = 0;
      if (!bits(",", wanted)) return false;
      out_.mask = wanted;
    } else if (!out_.mask && !has_operator) {
      out_.relation = Relation::any_bit;
    }
    out_.right = Interval{value, value};
    return true;
  }

  NftReader& in_;
  Match& out_;
  std::vector<NftName>& references_;
};

}  // namespace

bool nft_is_key(const NftReader& in) {
  return stands_alone(in.peek().text) || netfilter::find_key(in.peek().text, in.peek(1).text);
}

bool nft_read_key(NftReader& in, netfilter::Key& key, std::optional<Value>& mask) {
  Match match;
  std::vector<NftName> none;
  if (!MatchReader(in, match, none).left()) return false;
  key = match.key;
  mask = match.mask;
  return true;
}

bool nft_read_match(NftReader& in, Match& out, std::vector<NftName>& references) {
  return MatchReader(in, out, references).run();
}

}  // namespace host::console
