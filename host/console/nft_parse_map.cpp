// SPDX-License-Identifier: Apache-2.0
// Reading maps where rules use them, and statements that change sets (nftables: map_expr, verdict_map_stmt, set_stmt).
#include <algorithm>
#include <array>

#include "host/console/nft_reader.hpp"

namespace host::console {

using netfilter::Action;
using netfilter::AnonymousMap;
using netfilter::DataType;
using netfilter::Datum;
using netfilter::Interval;
using netfilter::MapLookup;
using netfilter::SetReference;

namespace {

constexpr std::array<std::pair<std::string_view, Action>, 6> kActions{{{"accept", Action::accept},
                                                                       {"drop", Action::drop},
                                                                       {"continue", Action::continue_},
                                                                       {"return", Action::return_},
                                                                       {"jump", Action::jump},
                                                                       {"goto", Action::go_to}}};

struct Entry {
  Interval range;
  Datum datum;
  NftPlace place;
};

/// In order; two that overlap are refused.
bool sort_entries(NftReader& in, std::vector<Entry>& entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.range.low < b.range.low; });
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const Interval& before = entries[i - 1].range;
    const Interval& range = entries[i].range;
    if (range.low > before.high) continue;
    return in.fail(before == range ? "Could not process rule: File exists" : "conflicting intervals specified",
                   entries[i].place);
  }
  return true;
}

}  // namespace

bool nft_read_verdict(NftReader& in, netfilter::Decision& out, std::vector<NftName>& references) {
  for (const auto& [word, action] : kActions) {
    if (!in.peek().is(word)) continue;
    in.take();
    out = {action, {}};
    if (action != Action::jump && action != Action::go_to) return true;
    NftName chain;
    if (!in.name(chain)) return false;
    out.chain = chain.text;
    references.push_back(chain);
    return true;
  }
  return in.unexpected();
}

bool nft_read_lookup(NftReader& in, std::optional<DataType> values, MapLookup& out, std::vector<NftName>& references) {
  if (in.accept("@")) {
    NftName name;
    if (!in.name(name)) return false;
    references.push_back({name.text, {name.place.begin - 1, name.place.end}});
    out.map = SetReference{name.text};
    return true;
  }
  std::vector<NftElement> elements;
  if (!nft_read_elements(in, elements)) return false;
  std::vector<Entry> entries;
  for (const NftElement& element : elements) {
    if (element.lives()) return in.unsupported(element.place);
    const auto range = nft_resolve(element, key_info(out.key).type, key_maximum(out.key), in.interfaces());
    if (const auto* error = std::get_if<NftError>(&range)) return in.fail(error->message, error->place);
    const auto datum = nft_resolve_datum(element, values, in.interfaces());
    if (const auto* error = std::get_if<NftError>(&datum)) return in.fail(error->message, error->place);
    entries.push_back({std::get<Interval>(range), std::get<Datum>(datum), element.place});
    for (const NftName& chain : element.chains) references.push_back({chain.text, element.place});
  }
  if (!sort_entries(in, entries)) return false;
  AnonymousMap map;
  for (Entry& entry : entries) {
    map.elements.push_back(entry.range);
    map.data.push_back(std::move(entry.datum));
  }
  out.map = std::move(map);
  return true;
}

/// `add @NAME { KEY [timeout TIME] [limit ... | counter] }`.
bool nft_read_set_update(NftReader& in, netfilter::SetUpdate& update, std::vector<NftName>& references) {
  using Operation = netfilter::SetUpdate::Operation;
  const NftToken& word = in.take();
  update.operation = word.is("add") ? Operation::add : word.is("update") ? Operation::update : Operation::remove;
  const NftPlace at = in.take().place;
  NftName name;
  if (!in.name(name) || !in.expect("{")) return false;
  references.push_back({name.text, {at.begin, name.place.end}});
  update.set = name.text;
  if (!nft_read_key(in, update.key, update.mask)) return false;
  if (in.accept("timeout") && !nft_read_time(in, update.timeout)) return false;
  if (in.accept("limit")) {
    if (!nft_read_limit(in, update.limit.emplace())) return false;
  } else if (in.accept("counter")) {
    update.counter = true;
  } else if (in.peek().is("ct") || in.peek().is("quota") || in.peek().is(":")) {
    return in.unsupported(in.peek().place);
  }
  return in.expect("}");
}

std::variant<Datum, NftError> nft_resolve_datum(const NftElement& element, std::optional<DataType> values,
                                                const NftInterfaces& interfaces) {
  if (!values) {
    if (!element.verdict) return NftError{"syntax error, unexpected string", element.datum_place};
    return Datum(*element.verdict);
  }
  if (element.datum.empty()) return NftError{"Could not process rule: Invalid argument", element.place};
  const auto value = nft_read_value(*values, element.datum, interfaces);
  if (!value || !value->is_single()) return NftError{nft_complaint(*values), element.datum_place};
  constexpr netfilter::Value kMost = UINT32_MAX;
  const bool fits = value->low <= kMost || nft_address_bits(*values) == 128 || *values == DataType::ifname;
  if (!fits) return NftError{"Value too large", element.datum_place};
  return Datum(value->low);
}

}  // namespace host::console
