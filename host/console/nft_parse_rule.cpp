// SPDX-License-Identifier: Apache-2.0
// Reading a rule's statements (nftables: stmt).
#include <fmt/format.h>

#include <array>

#include "host/console/nft_printer.hpp"
#include "host/console/nft_reader.hpp"

namespace host::console {

using netfilter::Action;
using netfilter::Counter;
using netfilter::DataType;
using netfilter::Decision;
using netfilter::Limit;
using netfilter::Log;
using netfilter::LogLevel;
using netfilter::NatKind;
using netfilter::NatStatement;
using netfilter::Reject;
using netfilter::RejectType;
using netfilter::Statement;

namespace {

template <typename T, std::size_t N>
std::optional<T> word_of(const std::array<std::pair<std::string_view, T>, N>& words, std::string_view text) {
  for (const auto& [word, value] : words) {
    if (word == text) return value;
  }
  return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, Action>, 6> kActions{{{"accept", Action::accept},
                                                                       {"drop", Action::drop},
                                                                       {"continue", Action::continue_},
                                                                       {"return", Action::return_},
                                                                       {"jump", Action::jump},
                                                                       {"goto", Action::go_to}}};
constexpr std::array<std::pair<std::string_view, LogLevel>, 8> kLevels{{{"emerg", LogLevel::emerg},
                                                                        {"alert", LogLevel::alert},
                                                                        {"crit", LogLevel::crit},
                                                                        {"err", LogLevel::err},
                                                                        {"warn", LogLevel::warn},
                                                                        {"notice", LogLevel::notice},
                                                                        {"info", LogLevel::info},
                                                                        {"debug", LogLevel::debug}}};
/// icmpx: codes that IPv4 and IPv6 both have a word for.
constexpr std::array<std::pair<std::string_view, std::uint32_t>, 4> kIcmpxCodes{
    {{"no-route", 0}, {"port-unreachable", 3}, {"host-unreachable", 1}, {"admin-prohibited", 13}}};
constexpr std::array<std::pair<std::string_view, RejectType>, 3> kRejectTypes{
    {{"icmp", RejectType::icmp}, {"icmpv6", RejectType::icmpv6}, {"icmpx", RejectType::icmpx}}};
constexpr std::array<std::pair<std::string_view, NatKind>, 4> kNatKinds{{{"snat", NatKind::snat},
                                                                         {"dnat", NatKind::dnat},
                                                                         {"masquerade", NatKind::masquerade},
                                                                         {"redirect", NatKind::redirect}}};
/// Statements of nft's that this host does not have.
constexpr auto kForeign = std::to_array<std::string_view>(
    {"queue", "dup",  "fwd",  "tproxy", "synproxy", "flow",  "meter",   "xt",    "dynset",
     "fib",   "rt",   "osf",  "socket", "numgen",   "jhash", "symhash", "ether", "vlan",
     "arp",   "sctp", "dccp", "esp",    "ah",       "comp",  "udplite", "igmp"});

class RuleReader {
 public:
  RuleReader(NftReader& in, netfilter::Family family, netfilter::Rule& out, std::vector<NftName>& references)
      : in_(in), family_(family), out_(out), references_(references) {}

  bool run() {
    while (!in_.peek().ends_statement() && !in_.peek().is("}")) {
      if (in_.accept("comment")) {
        return in_.text(out_.comment) && (in_.peek().ends_statement() || in_.peek().is("}") || in_.unexpected());
      }
      if (!statement()) return false;
    }
    return !out_.statements.empty() || in_.unexpected();
  }

 private:
  bool statement() {
    const NftToken& token = in_.peek();
    if (const auto action = word_of(kActions, token.text); action && token.kind == NftToken::Kind::word) {
      return decision(*action);
    }
    if (in_.accept("counter")) return counter();
    if (in_.peek().is("quota")) return quota();
    if (in_.accept("limit")) {
      return nft_read_limit(in_, std::get<Limit>(out_.statements.emplace_back(Limit{})));
    }
    if (in_.accept("log")) return log();
    if (in_.accept("reject")) return reject();
    if (in_.accept("notrack")) {
      out_.statements.emplace_back(netfilter::Notrack{});
      return true;
    }
    for (const auto& [text, kind] : kNatKinds) {
      if (in_.peek().is(text)) return nat(kind);
    }
    const std::size_t word = token.is("meta") || token.is("ct") ? 1 : 0;
    if (in_.peek(word).is("mark") && in_.peek(word + 1).is("set")) return set_mark(word + 2);
    for (const std::string_view foreign : kForeign) {
      if (token.is(foreign)) return in_.unsupported(token.place);
    }
    const bool updates = token.is("add") || token.is("update") || token.is("delete");
    if (updates && in_.peek(1).is("@")) {
      return nft_read_set_update(
          in_, std::get<netfilter::SetUpdate>(out_.statements.emplace_back(netfilter::SetUpdate{})), references_);
    }
    const NftPlace place{token.place.begin, in_.peek(1).place.end};
    netfilter::Match match;
    if (!nft_read_key(in_, match.key, match.mask)) return false;
    if (in_.accept("vmap")) {
      netfilter::VerdictMap branches{{.key = match.key, .mask = match.mask}};
      if (!nft_read_lookup(in_, std::nullopt, branches.lookup, references_) || !goes_with_protocol(match, place)) {
        return false;
      }
      out_.statements.emplace_back(std::move(branches));
      return true;
    }
    if (!nft_read_match(in_, match, references_) || !goes_with_protocol(match, place)) return false;
    out_.statements.emplace_back(std::move(match));
    return true;
  }

  /// `udp dport 53 tcp sport 1` can never match; nft says so.
  bool goes_with_protocol(const netfilter::Match& match, NftPlace place) {
    if (needs_ipv4(match.key) || needs_ipv6(match.key)) {
      const netfilter::Family wanted = needs_ipv4(match.key) ? netfilter::Family::ip : netfilter::Family::ip6;
      const netfilter::Family known = std::exchange(network_, wanted);
      if (known != netfilter::Family::inet && known != wanted && key_info(match.key).protocol == 0) {
        return in_.fail(fmt::format("conflicting protocols specified: {} vs. {}", nft_word(known), nft_word(wanted)),
                        place);
      }
    }
    std::uint8_t protocol = key_info(match.key).protocol;
    const auto* value = std::get_if<netfilter::Interval>(&match.right);
    const bool names_protocol = match.key == netfilter::Key::ip_protocol || match.key == netfilter::Key::meta_l4proto ||
                                match.key == netfilter::Key::ip6_nexthdr;
    if (names_protocol && value != nullptr && value->is_single() && match.relation == netfilter::Relation::equal) {
      protocol = static_cast<std::uint8_t>(value->low);
    }
    if (protocol == 0) return true;
    const std::uint8_t before = std::exchange(protocol_, protocol);
    if (before == 0 || before == protocol) return true;
    const auto name = [&](std::uint8_t number) {
      return nft_write_value(DataType::inet_proto, number, in_.interfaces());
    };
    return in_.fail("conflicting protocols specified: " + name(before) + " vs. " + name(protocol), place);
  }

  bool decision(Action action) {
    in_.take();
    Decision decision{action, {}};
    if (action == Action::jump || action == Action::go_to) {
      NftName chain;
      if (!in_.name(chain)) return false;
      decision.chain = chain.text;
      references_.push_back(chain);
    }
    out_.statements.emplace_back(std::move(decision));
    return in_.peek().ends_statement() || in_.peek().is("}") || in_.peek().is("comment") ||
           in_.fail("Statement after terminal statement has no effect", in_.peek().place);
  }

  bool counter() {
    if (in_.accept("name")) return object(netfilter::ObjectKind::counter);
    Counter counter;
    if (in_.peek().is("packets") && !nft_read_counter(in_, counter)) return false;
    out_.statements.emplace_back(counter);
    return true;
  }

  bool quota() {
    const std::size_t begin = in_.take().place.begin;
    if (in_.accept("name")) return object(netfilter::ObjectKind::quota);
    netfilter::Quota quota;
    if (!nft_read_quota(in_, quota, begin)) return false;
    out_.statements.emplace_back(quota);
    return true;
  }

  /// A word, or one between quotes; which object of a map's, this host does not do.
  bool object(netfilter::ObjectKind kind) {
    if (nft_is_key(in_)) return in_.unsupported(in_.peek().place);
    NftName name{"", in_.peek().place};
    if (!in_.text(name.text)) return false;
    out_.statements.emplace_back(netfilter::ObjectReference{kind, name.text});
    references_.push_back(std::move(name));
    return true;
  }

  bool set_mark(std::size_t words) {
    netfilter::SetMark set;
    if (in_.peek().is("ct")) set.target = netfilter::SetMark::Target::connection;
    for (; words > 0; --words) in_.take();
    const std::string_view other = set.target == netfilter::SetMark::Target::connection ? "meta" : "ct";
    if ((in_.peek().is(other) && in_.peek(1).is("mark")) || (other == "meta" && in_.peek().is("mark"))) {
      if (in_.take().is(other)) in_.take();
      out_.statements.emplace_back(set);
      return true;
    }
    if (nft_is_key(in_)) {
      netfilter::MapLookup& lookup = set.lookup.emplace();
      if (!nft_read_key(in_, lookup.key, lookup.mask) || !in_.expect("map") ||
          !nft_read_lookup(in_, DataType::mark, lookup, references_)) {
        return false;
      }
      out_.statements.emplace_back(std::move(set));
      return true;
    }
    NftElement element;
    if (!nft_read_element(in_, element)) return false;
    const auto value = nft_resolve(element, DataType::mark, UINT32_MAX, in_.interfaces());
    if (const auto* error = std::get_if<NftError>(&value)) return in_.fail(error->message, error->place);
    set.mark = static_cast<std::uint32_t>(std::get<netfilter::Interval>(value).low);
    out_.statements.emplace_back(set);
    return true;
  }

  /// `snat [ip] to ADDRESSES[:PORTS] FLAGS`, `masquerade [to :PORTS] FLAGS`, `redirect [to :PORTS] FLAGS`.
  bool nat(NatKind kind) {
    in_.take();
    NatStatement nat{.kind = kind};
    const NftPlace place = in_.peek().place;
    const bool to_address = kind == NatKind::snat || kind == NatKind::dnat;
    nat.ipv6 = family_ == netfilter::Family::ip6;
    if (to_address && (in_.peek().is("ip") || in_.peek().is("ip6"))) {
      const NftToken& word = in_.take();
      if (family_ != netfilter::Family::inet && word.is("ip6") != nat.ipv6) {
        return in_.fail(fmt::format("conflicting protocols specified: {} vs. {}", nft_word(family_), word.text),
                        word.place);
      }
      nat.ipv6 = word.is("ip6");
    }
    const bool to = in_.accept("to");
    if (to_address && !to) return in_.unexpected();
    if (to_address && !addresses(nat)) return false;
    if (to && (in_.accept(":") ? !range(DataType::inet_service, UINT16_MAX, nat.ports) : !to_address)) {
      return in_.unexpected();
    }
    if (nat.ports && protocol_ == 0) {
      return in_.fail("transport protocol mapping is only valid after transport protocol match", place);
    }
    do {
      const bool flag = in_.peek().is("random") || in_.peek().is("fully-random") || in_.peek().is("persistent");
      if (!flag) break;
      nat.random = nat.random || in_.peek().is("random");
      nat.fully_random = nat.fully_random || in_.peek().is("fully-random");
      nat.persistent = nat.persistent || in_.peek().is("persistent");
      in_.take();
    } while (in_.accept(","));
    out_.statements.emplace_back(nat);
    return true;
  }

  /// `A`, `A-B`, `A/LENGTH`; of IPv6 with ports `[A]` or `[A]-[B]`.
  bool addresses(NatStatement& nat) {
    if (!nat.ipv6) return range(DataType::ipv4_addr, UINT32_MAX, nat.addresses);
    if (!in_.accept("[")) return range(DataType::ipv6_addr, ~netfilter::Value{0}, nat.addresses);
    if (!range(DataType::ipv6_addr, ~netfilter::Value{0}, nat.addresses) || !in_.expect("]")) return false;
    if (!in_.accept("-")) return true;
    std::optional<netfilter::Interval> last;
    const NftPlace place = in_.peek().place;
    if (!in_.expect("[") || !range(DataType::ipv6_addr, ~netfilter::Value{0}, last) || !in_.expect("]")) return false;
    nat.addresses->high = last->high;
    return nat.addresses->low <= last->high || in_.fail("Range has zero or negative size", place);
  }

  bool range(DataType type, netfilter::Value most, std::optional<netfilter::Interval>& out) {
    NftElement element;
    if (!nft_read_element(in_, element)) return false;
    const auto value = nft_resolve(element, type, most, in_.interfaces());
    if (const auto* error = std::get_if<NftError>(&value)) return in_.fail(error->message, element.place);
    out = std::get<netfilter::Interval>(value);
    return true;
  }

  bool log() {
    Log log;
    while (true) {
      if (in_.accept("prefix")) {
        if (!in_.text(log.prefix)) return false;
      } else if (in_.accept("level")) {
        const auto level = word_of(kLevels, in_.peek().text);
        if (!level) return in_.fail("invalid log level", in_.peek().place);
        in_.take();
        log.level = *level;
      } else if (in_.peek().is("group") || in_.peek().is("flags") || in_.peek().is("snaplen")) {
        return in_.unsupported(in_.peek().place);
      } else {
        out_.statements.emplace_back(std::move(log));
        return true;
      }
    }
  }

  /// Nothing, `with icmp [type] CODE`, `with icmpv6 [type] CODE`, `with icmpx [type] CODE`, `with tcp reset`.
  bool reject() {
    using netfilter::Family;
    constexpr std::uint8_t kPort = 3;
    constexpr std::uint8_t kPort6 = 4;
    Reject reject{family_ == Family::inet ? RejectType::icmpx
                  : family_ == Family::ip ? RejectType::icmp
                                          : RejectType::icmpv6,
                  family_ == Family::ip6 ? kPort6 : kPort};
    if (in_.accept("with")) {
      const auto type = word_of(kRejectTypes, in_.peek().text);
      if (in_.accept("tcp")) {
        if (!in_.expect("reset")) return false;
        reject = {RejectType::tcp_reset, 0};
      } else if (type) {
        const Family wanted = *type == RejectType::icmp     ? Family::ip
                              : *type == RejectType::icmpv6 ? Family::ip6
                                                            : Family::inet;
        if (wanted != family_ && family_ != Family::inet) {
          const std::size_t code = in_.peek(1).is("type") ? 2 : 1;
          return in_.fail("conflicting protocols specified: ip vs ip6",
                          {in_.peek().place.begin, in_.peek(code).place.end});
        }
        reject.type = *type;
        in_.take();
        in_.accept("type");
        const NftToken& code = in_.peek();
        const bool of_ipv6 = *type == RejectType::icmpv6;
        const std::optional<std::uint32_t> known =
            *type == RejectType::icmpx
                ? word_of(kIcmpxCodes, code.text)
                : nft_symbol_value(of_ipv6 ? DataType::icmpv6_code : DataType::icmp_code, code.text);
        if (!known) return in_.fail(nft_complaint(DataType::icmp_code), code.place);
        in_.take();
        reject.code = static_cast<std::uint8_t>(*known);
      } else {
        return in_.unexpected();
      }
    }
    out_.statements.emplace_back(reject);
    return true;
  }

  NftReader& in_;
  netfilter::Family family_;
  netfilter::Rule& out_;
  std::vector<NftName>& references_;
  netfilter::Family network_ = family_;  // of the matches so far
  std::uint8_t protocol_ = 0;            // likewise
};

}  // namespace

bool nft_read_rule(NftReader& in, netfilter::Family family, netfilter::Rule& out, std::vector<NftName>& references) {
  return RuleReader(in, family, out, references).run();
}

}  // namespace host::console
