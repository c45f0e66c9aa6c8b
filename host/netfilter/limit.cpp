// SPDX-License-Identifier: Apache-2.0
// A bucket that fills by a nanosecond each nanosecond; a packet costs what the rate says (Linux: nft_limit.c).
#include <algorithm>

#include "host/netfilter/statement.hpp"

namespace host::netfilter {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

std::uint64_t nanoseconds(RateUnit unit) {
  switch (unit) {
    case RateUnit::second:
      return kSecond;
    case RateUnit::minute:
      return 60 * kSecond;
    case RateUnit::hour:
      return 3'600 * kSecond;
    case RateUnit::day:
      return 86'400 * kSecond;
    case RateUnit::week:
      return 604'800 * kSecond;
  }
  return kSecond;
}

/// The time that pays for `amount` at `rate` in each `period`; the largest number when that is longer.
std::uint64_t time_for(std::uint64_t amount, std::uint64_t rate, std::uint64_t period) {
  const Value time = Value{amount} * period / rate;
  return time > UINT64_MAX ? UINT64_MAX : static_cast<std::uint64_t>(time);
}

}  // namespace

bool Limit::take(std::uint32_t packet_bytes, platform::Nanoseconds now) {
  const std::uint64_t period = nanoseconds(unit);
  const std::uint64_t cost = bytes ? time_for(packet_bytes, rate, period) : time_for(1, rate, period);
  // Bytes: a whole period's worth and the burst above it; packets: the burst alone.
  const std::uint64_t most = bytes ? time_for(rate + burst, rate, period) : time_for(1, rate, period) * burst;
  const std::uint64_t had = tokens.value_or(most);
  const std::uint64_t earned = static_cast<std::uint64_t>(now - last);
  const std::uint64_t available = earned > most - std::min(had, most) ? most : had + earned;
  last = now;
  if (available < cost) {
    tokens = available;
    return over;
  }
  tokens = available - cost;
  return !over;
}

}  // namespace host::netfilter
