// SPDX-License-Identifier: Apache-2.0
#include "sim/pcie/link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/pcie/tlp_format.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::pcie {
namespace {

/// Bytes a second and lane after line coding: 8b/10b up to 5 GT/s, 128b/130b from 8 GT/s.
constexpr std::array<double, 5> kLaneRate = {2.5e9 / 10, 5e9 / 10, 8e9 / 8 * 128 / 130, 16e9 / 8 * 128 / 130,
                                             32e9 / 8 * 128 / 130};

void check(const LinkConfig& config) {
  constexpr std::array<unsigned, 5> kWidths = {1, 2, 4, 8, 16};
  if (config.generation < 1 || config.generation > kLaneRate.size() ||
      std::find(kWidths.begin(), kWidths.end(), config.width) == kWidths.end()) {
    throw UserError(fmt::format("PCIe Gen{} x{} does not exist: generation 1 to 5, width 1, 2, 4, 8 or 16",
                                config.generation, config.width));
  }
  if (config.dllp_percent > 50 || config.latency < 1) {
    throw UserError("PCIe link: latency must be at least 1 ps and the DLLP share at most 50 %");
  }
  for (const CreditConfig& credits : {config.host, config.nic}) {
    // 2.6.1.2: a receiver never has more than 127 headers and 2047 units of data unused
    const auto bad = [](unsigned value, unsigned most) { return value == 0 || value > most; };
    if (bad(credits.posted_headers, 127) || bad(credits.nonposted_headers, 127) || bad(credits.posted_data, 2047) ||
        bad(credits.nonposted_data, 2047) || credits.posted_data < 32) {
      throw UserError(
          "PCIe credits: headers 1 to 127, posted data 32 to 2047 units of 16 B, non-posted data 1 to 2047");
    }
  }
}

}  // namespace

double link_bytes_per_second(unsigned generation, unsigned width) {
  return generation < 1 || generation > kLaneRate.size() ? 0.0 : kLaneRate[generation - 1] * width;
}

LinkDirection::LinkDirection(const LinkConfig& config) : byte_fs_(0), latency_(config.latency) {
  check(config);
  const double rate = link_bytes_per_second(config.generation, config.width) * (100.0 - config.dllp_percent) / 100.0;
  byte_fs_ = std::llround(1e15 / rate);
}

Picoseconds LinkDirection::transmit(std::size_t tlp_bytes, Picoseconds ready) {
  const auto bytes = static_cast<std::int64_t>(tlp_bytes + kFramingBytes);
  free_fs_ = std::max(free_fs_, ready * 1000) + bytes * byte_fs_;
  bytes_ += static_cast<std::uint64_t>(bytes);
  tlp_bytes_ += tlp_bytes;
  return free_at() + latency_;
}

Credits credits_of(const Tlp& tlp) {
  Credits credits;
  const std::uint64_t data = (tlp.payload.size() + 15) / 16;
  switch (class_of(tlp)) {
    case TlpClass::posted:
      credits.posted_headers = 1;
      credits.posted_data = data;
      break;
    case TlpClass::nonposted:
      credits.nonposted_headers = 1;
      credits.nonposted_data = data;
      break;
    case TlpClass::completion:
      break;
  }
  return credits;
}

bool credits_allow(const Credits& consumed, const Credits& need, const Credits& limit) {
  const auto fits = [](std::uint64_t used, std::uint64_t more, std::uint64_t most) {
    return more == 0 || used + more <= most;
  };
  return fits(consumed.posted_headers, need.posted_headers, limit.posted_headers) &&
         fits(consumed.posted_data, need.posted_data, limit.posted_data) &&
         fits(consumed.nonposted_headers, need.nonposted_headers, limit.nonposted_headers) &&
         fits(consumed.nonposted_data, need.nonposted_data, limit.nonposted_data);
}

Credits& operator+=(Credits& total, const Credits& more) {
  total.posted_headers += more.posted_headers;
  total.posted_data += more.posted_data;
  total.nonposted_headers += more.nonposted_headers;
  total.nonposted_data += more.nonposted_data;
  return total;
}

Credits initial_credits(const CreditConfig& config) {
  return {config.posted_headers, config.posted_data, config.nonposted_headers, config.nonposted_data};
}

}  // namespace sim::pcie
