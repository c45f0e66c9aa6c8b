// SPDX-License-Identifier: Apache-2.0
// Places become lines and columns.
#include "host/console/nft_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace host::console {
namespace {

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

/// A part's own text, and a place in it.
struct Passage {
  std::string_view text;
  NftPlace place;
};

Passage passage_of(const NftSource& source, const NftSource::Part& part, NftPlace place) {
  const std::size_t begin = part.place.begin;
  return {std::string_view(source.text).substr(begin, part.place.end - begin),
          {place.begin - begin, place.end - begin}};
}

std::string whereabouts(const NftSource::Part& part, const Passage& passage) {
  const auto& [text, place] = passage;
  const auto line = 1 + std::ranges::count(text.substr(0, place.begin), '\n');
  const std::size_t last = place.end - 1;
  const std::string_view name = part.name.empty() ? "<cmdline>" : std::string_view(part.name);
  return fmt::format("{}:{}:{}-{}:", name, line, place.begin - line_begin(text, place.begin) + 1,
                     last - line_begin(text, last) + 1);
}

/// The innermost first.
std::string includers(const NftSource& source, const NftSource::Part& part) {
  std::string lines;
  for (const NftSource::Part* each = &part; each->depth > 1;) {
    const NftPlace place = each->included_by;
    each = &source.part_of(place.begin);
    lines += lines.empty() ? "In file included from " : "                 from ";
    lines += whereabouts(*each, passage_of(source, *each, place)) + '\n';
  }
  return lines;
}

}  // namespace

const NftSource::Part& NftSource::part_of(std::size_t at) const {
  const auto behind = std::ranges::upper_bound(parts, at, {}, [](const Part& part) { return part.place.begin; });
  return *std::prev(behind);
}

std::string nft_complaint(const NftError& error, const NftSource& source) {
  const NftSource::Part& part = source.part_of(error.place.begin);
  const Passage passage = passage_of(source, part, error.place);
  const std::string_view text = passage.text;
  NftPlace place{std::min(passage.place.begin, text.size()), passage.place.end};
  place.end = std::max(std::min(place.end, text.size() + 1), place.begin + 1);
  const std::size_t begin = line_begin(text, place.begin);
  const std::size_t end = std::min(text.find('\n', place.begin), text.size());
  const std::string_view line = text.substr(begin, end - begin);
  std::string under;
  for (std::size_t i = begin; i < place.begin; ++i) under += text[i] == '\t' ? '\t' : ' ';
  const std::string carets(std::max<std::size_t>(std::min(place.end, end + 1) - place.begin, 1), '^');
  const std::string where = part.name.empty() ? "" : whereabouts(part, {text, place}) + ' ';
  return includers(source, part) + fmt::format("{}Error: {}\n{}\n{}{}\n", where, error.message, line, under, carets);
}

}  // namespace host::console
