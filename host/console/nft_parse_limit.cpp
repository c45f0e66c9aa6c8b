// SPDX-License-Identifier: Apache-2.0
// Reading rates (nftables: limit_rate_pkts, limit_rate_bytes).
#include <array>

#include "host/console/nft_reader.hpp"

namespace host::console {

using netfilter::Limit;
using netfilter::RateUnit;

namespace {

template <typename T, std::size_t N>
std::optional<T> word_of(const std::array<std::pair<std::string_view, T>, N>& words, std::string_view text) {
  for (const auto& [word, value] : words) {
    if (word == text) return value;
  }
  return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, RateUnit>, 5> kUnits{{{"second", RateUnit::second},
                                                                       {"minute", RateUnit::minute},
                                                                       {"hour", RateUnit::hour},
                                                                       {"day", RateUnit::day},
                                                                       {"week", RateUnit::week}}};
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 3> kByteUnits{
    {{"bytes", 1}, {"kbytes", 1'024}, {"mbytes", 1'024 * 1'024}}};

bool read_burst(NftReader& in, Limit& limit) {
  if (!in.number(limit.burst)) return false;
  if (!limit.bytes) {
    return in.expect("packets") && (limit.burst != 0 || in.fail("packet limit burst must be > 0", in.peek().place));
  }
  const auto factor = word_of(kByteUnits, in.peek().text);
  if (!factor) return in.unexpected();
  in.take();
  limit.burst *= *factor;
  return true;
}

}  // namespace

/// `rate [over] 10/second [burst 5 packets]`, `rate 10 kbytes/minute [burst 1 mbytes]`.
bool nft_read_limit(NftReader& in, Limit& limit) {
  if (!in.expect("rate")) return false;
  limit.over = in.accept("over");
  const NftPlace place = in.peek().place;
  if (!in.number(limit.rate)) return false;
  std::string unit;
  if (!in.accept("/")) {
    const std::string both = in.peek().text;
    const auto slash = both.find('/');
    const auto factor = word_of(kByteUnits, std::string_view(both).substr(0, slash));
    if (!factor || slash == std::string::npos) return in.unexpected();
    in.take();
    limit.bytes = true;
    limit.burst = 0;
    limit.rate *= *factor;
    unit = both.substr(slash + 1);
  } else {
    unit = in.peek().text;
    if (!word_of(kUnits, unit)) return in.unexpected();
    in.take();
  }
  const auto known = word_of(kUnits, unit);
  if (!known) return in.fail("Wrong rate format", place);
  limit.unit = *known;
  if (limit.rate == 0) return in.fail("limit rate must be greater than zero", place);
  if (in.accept("burst") && !read_burst(in, limit)) return false;
  return true;
}

}  // namespace host::console
