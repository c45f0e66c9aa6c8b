// SPDX-License-Identifier: Apache-2.0
// Places become lines and columns.
#include "host/console/nft_source.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace host::console {
namespace {

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

std::string whereabouts(const NftSource& source, NftPlace place) {
  const std::string_view text = source.text;
  const auto line = 1 + std::ranges::count(text.substr(0, place.begin), '\n');
  const std::size_t last = place.end - 1;
  return fmt::format("{}:{}:{}-{}: ", source.name, line, place.begin - line_begin(text, place.begin) + 1,
                     last - line_begin(text, last) + 1);
}

}  // namespace

std::string nft_complaint(const NftError& error, const NftSource& source) {
  const std::string_view text = source.text;
  NftPlace place{std::min(error.place.begin, text.size()), error.place.end};
  place.end = std::max(std::min(place.end, text.size() + 1), place.begin + 1);
  const std::size_t begin = line_begin(text, place.begin);
  const std::size_t end = std::min(text.find('\n', place.begin), text.size());
  const std::string_view line = text.substr(begin, end - begin);
  std::string under;
  for (std::size_t i = begin; i < place.begin; ++i) under += text[i] == '\t' ? '\t' : ' ';
  const std::string carets(std::max<std::size_t>(std::min(place.end, end + 1) - place.begin, 1), '^');
  const std::string where = source.name.empty() ? "" : whereabouts(source, place);
  return fmt::format("{}Error: {}\n{}\n{}{}\n", where, error.message, line, under, carets);
}

}  // namespace host::console
