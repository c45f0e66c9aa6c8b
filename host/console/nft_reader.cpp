// SPDX-License-Identifier: Apache-2.0
// Reading words, numbers and elements, and complaining as bison does.
#include "host/console/nft_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace host::console {

using netfilter::DataType;
using netfilter::Interval;
using netfilter::Value;

namespace {

/// The words that the scanner knows; all others are a "string" to the parser.
constexpr auto kKeywords = std::to_array<std::string_view>(
    {"accept",   "add",      "and",      "burst",  "bytes",    "chain",    "chains",    "comment",    "continue",
     "counter",  "create",   "ct",       "daddr",  "delete",   "dnat",     "dport",     "drop",       "dscp",
     "element",  "elements", "flags",    "flush",  "goto",     "handle",   "hook",      "icmp",       "icmpx",
     "id",       "iif",      "iifname",  "insert", "interval", "ip",       "inet",      "ip6",        "jump",
     "l4proto",  "length",   "level",    "limit",  "list",     "log",      "mark",      "masquerade", "meta",
     "notrack",  "oif",      "oifname",  "over",   "packets",  "policy",   "prefix",    "priority",   "protocol",
     "queue",    "rate",     "redirect", "reject", "rename",   "replace",  "reset",     "return",     "rule",
     "ruleset",  "saddr",    "set",      "sets",   "size",     "snat",     "sport",     "state",      "status",
     "table",    "tables",   "tcp",      "th",     "to",       "ttl",      "type",      "typeof",     "udp",
     "with",     "original", "reply",    "icmpv6", "nexthdr",  "hoplimit", "flowlabel", "mtu",        "map",
     "counters", "quota",    "quotas",   "used",   "until",    "maps",     "vmap",      "verdict",    "timeout",
     "update",   "dynamic",  "include"});

std::string describe(const NftToken& token) {
  using Kind = NftToken::Kind;
  switch (token.kind) {
    case Kind::newline:
      return "newline";
    case Kind::end:
      return "end of file";
    case Kind::number:
      return "number";
    case Kind::quoted:
      return "quoted string";
    case Kind::word:
      return std::find(kKeywords.begin(), kKeywords.end(), token.text) != kKeywords.end() ? token.text : "string";
    case Kind::punctuation:
      break;
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kNamed{
      {{",", "comma"}, {";", "semicolon"}, {":", "colon"}}};
  for (const auto& [sign, name] : kNamed) {
    if (token.text == sign) return std::string(name);
  }
  const bool plain = token.text == "{" || token.text == "}" || token.text == "(" || token.text == ")";
  return plain || token.text == "=" ? '\'' + token.text + '\'' : token.text;
}

bool is_value(const NftToken& token) {
  using Kind = NftToken::Kind;
  return token.kind == Kind::word || token.kind == Kind::number || token.kind == Kind::quoted;
}

NftError out_of_range(std::string_view text, Value most, NftPlace place) {
  return {fmt::format("Value {} exceeds valid range 0-{}", text, static_cast<std::uint64_t>(most)), place};
}

}  // namespace

bool NftReader::fail(std::string message, NftPlace place) {
  if (!error_) error_ = NftError{std::move(message), place};
  return false;
}

std::string nft_unexpected(const NftToken& token, std::string_view expecting) {
  std::string message = "syntax error, unexpected " + describe(token);
  if (!expecting.empty()) message.append(", expecting ").append(expecting);
  return message;
}

bool NftReader::unexpected(std::string_view expecting) {
  return fail(nft_unexpected(peek(), expecting), peek().place);
}

/// In nft's grammar a quoted string is no identifier.
bool NftReader::name(NftName& out) {
  if (peek().kind != NftToken::Kind::word) return unexpected("string");
  const NftToken& token = take();
  constexpr std::size_t kLongest = 255;  // NFT_NAME_MAXLEN, its end included
  if (token.text.empty() || token.text.size() > kLongest) {
    return fail("Could not process rule: File name too long", token.place);
  }
  out = {token.text, token.place};
  return true;
}

bool NftReader::number(std::uint64_t& out) {
  const auto value = peek().kind == NftToken::Kind::number ? nft_number(peek().text) : std::nullopt;
  if (!value) return unexpected("number");
  take();
  out = *value;
  return true;
}

bool NftReader::text(std::string& out) {
  if (peek().kind != NftToken::Kind::word && peek().kind != NftToken::Kind::quoted) return unexpected("string");
  out = take().text;
  constexpr std::size_t kLongest = 127;
  return out.size() <= kLongest || fail("string too long, 128 characters maximum allowed", peek().place);
}

void NftReader::skip_newlines() {
  while (peek().kind == NftToken::Kind::newline || peek().is(";")) take();
}

bool nft_read_element(NftReader& in, NftElement& out) {
  if (!is_value(in.peek())) return in.unexpected();
  const NftToken first = in.take();
  out = {};
  out.first = first.text;
  out.place = first.place;
  if (in.peek().is("-")) {
    in.take();
    if (!is_value(in.peek())) return in.unexpected();
    const NftToken& last = in.take();
    out.last = last.text;
    out.place.end = last.place.end;
  } else if (first.kind == NftToken::Kind::number && in.peek().is("/") && in.peek(1).kind == NftToken::Kind::number) {
    in.take();
    out.place.end = in.peek().place.end;
    std::uint64_t length = 0;
    if (!in.number(length)) return false;
    out.prefix = static_cast<unsigned>(std::min<std::uint64_t>(length, 255));
  }
  return true;
}

namespace {

/// A value, or a verdict.
bool read_datum(NftReader& in, NftElement& element) {
  in.skip_newlines();
  const NftToken& token = in.peek();
  element.datum_place = token.place;
  const bool verdict = token.is("accept") || token.is("drop") || token.is("continue") || token.is("return") ||
                       token.is("jump") || token.is("goto");
  if (verdict) return nft_read_verdict(in, element.verdict.emplace(), element.chains);
  if (!is_value(token)) return in.unexpected();
  element.datum = in.take().text;
  return true;
}

}  // namespace

namespace {

/// A value and what a listing says of it: `1.1.1.1 limit rate 5/second counter packets 1 bytes 2 timeout 1h expires
/// 5s`.
bool read_listed(NftReader& in, NftElement& element) {
  if (!nft_read_element(in, element)) return false;
  if (in.accept("limit") && !nft_read_limit(in, element.limit.emplace())) return false;
  if (in.accept("counter")) {
    netfilter::Counter& counter = element.counter.emplace();
    if (in.accept("packets") && !(in.number(counter.packets) && in.expect("bytes") && in.number(counter.bytes))) {
      return false;
    }
  }
  if (in.accept("timeout") && !nft_read_time(in, element.timeout)) return false;
  if (in.accept("expires") && !nft_read_time(in, element.expires.emplace())) return false;
  in.skip_newlines();
  return !in.accept(":") || read_datum(in, element);
}

bool read_elements(NftReader& in, std::vector<NftElement>& out, unsigned depth) {
  constexpr unsigned kDeepest = 16;
  if (depth == kDeepest) return in.unexpected();
  if (!in.expect("{")) return false;
  in.skip_newlines();
  while (!in.accept("}")) {
    if (!(in.peek().is("{") ? read_elements(in, out, depth + 1) : read_listed(in, out.emplace_back()))) return false;
    in.skip_newlines();
    if (!in.accept(",") && !in.peek().is("}")) return in.unexpected();
    in.skip_newlines();
  }
  return !out.empty() || in.unexpected();
}

}  // namespace

bool nft_read_elements(NftReader& in, std::vector<NftElement>& out) {
  return read_elements(in, out, 0);
}

std::variant<Interval, NftError> nft_resolve(const NftElement& element, DataType type, Value most,
                                             const NftInterfaces& interfaces) {
  const auto first = nft_read_value(type, element.first, interfaces);
  const auto last = element.last.empty() ? first : nft_read_value(type, element.last, interfaces);
  if (!first || !last) return NftError{nft_complaint(type), element.place};
  Interval range{first->low, last->high};
  if (element.prefix) {
    const unsigned bits = nft_address_bits(type);
    if (*element.prefix > bits) {
      return NftError{
          fmt::format("Prefix length {} is invalid for type of {} bits width", *element.prefix, bits != 0 ? bits : 32),
          element.place};
    }
    const unsigned free_bits = bits - *element.prefix;
    const Value free = free_bits == 128 ? ~Value{0} : (Value{1} << free_bits) - 1;
    range = {first->low & ~free, first->low | free};
  }
  if (range.high > most) return out_of_range(element.last.empty() ? element.first : element.last, most, element.place);
  if (range.low > range.high) return NftError{"Range has zero or negative size", element.place};
  return range;
}

}  // namespace host::console
