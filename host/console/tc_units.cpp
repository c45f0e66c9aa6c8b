// SPDX-License-Identifier: Apache-2.0
// A number and a unit.
#include "host/console/tc_units.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <span>

namespace host::console {
namespace {

using platform::Nanoseconds;

struct Unit {
  std::string_view name;
  double factor;
};

constexpr double kKibi = 1024.0;

constexpr std::array kRateUnits = {  // in bits a second
    Unit{"bit", 1.0},  Unit{"kibit", kKibi},
    Unit{"kbit", 1e3}, Unit{"mibit", kKibi* kKibi},
    Unit{"mbit", 1e6}, Unit{"gibit", kKibi* kKibi* kKibi},
    Unit{"gbit", 1e9}, Unit{"tbit", 1e12},
    Unit{"bps", 8.0},  Unit{"kibps", 8 * kKibi},
    Unit{"kbps", 8e3}, Unit{"mibps", 8 * kKibi* kKibi},
    Unit{"mbps", 8e6}, Unit{"gibps", 8 * kKibi* kKibi* kKibi},
    Unit{"gbps", 8e9}};

constexpr std::array kSizeUnits = {Unit{"b", 1.0},
                                   Unit{"k", kKibi},
                                   Unit{"kb", kKibi},
                                   Unit{"m", kKibi* kKibi},
                                   Unit{"mb", kKibi* kKibi},
                                   Unit{"g", kKibi* kKibi* kKibi},
                                   Unit{"gb", kKibi* kKibi* kKibi},
                                   Unit{"kbit", kKibi / 8},
                                   Unit{"mbit", kKibi* kKibi / 8},
                                   Unit{"gbit", kKibi* kKibi* kKibi / 8}};

constexpr std::array kTimeUnits = {  // in nanoseconds
    Unit{"s", 1e9},     Unit{"sec", 1e9}, Unit{"secs", 1e9}, Unit{"ms", 1e6},   Unit{"msec", 1e6},
    Unit{"msecs", 1e6}, Unit{"us", 1e3},  Unit{"usec", 1e3}, Unit{"usecs", 1e3}};

std::optional<double> parse(std::string_view text, std::span<const Unit> units, double without_unit) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  const std::string_view name(stop, static_cast<std::size_t>(end - stop));
  if (name.empty()) return number * without_unit;
  const auto same = [&](const Unit& unit) {
    return std::ranges::equal(unit.name, name, {}, {}, [](unsigned char letter) { return std::tolower(letter); });
  };
  const auto* const unit = std::ranges::find_if(units.data(), units.data() + units.size(), same);
  if (unit == units.data() + units.size()) return std::nullopt;
  return number * unit->factor;
}

/// The number at the front, taken off; nothing when there is none.
std::optional<std::uint32_t> take_hexadecimal(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return number;
}

std::string hexadecimal(std::uint32_t number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%x", number);
  return text.data();
}

std::string short_number(double number, const char* unit) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g%s", number, unit);
  return text.data();
}

}  // namespace

std::optional<std::uint32_t> tc_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.starts_with('0')) {
    base = 8;
  }
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> tc_rate(std::string_view text) {
  const auto bits = parse(text, kRateUnits, 1.0);
  if (!bits || *bits >= 1e18) return std::nullopt;
  return static_cast<std::uint64_t>(*bits / 8);
}

std::optional<std::uint32_t> tc_size(std::string_view text) {
  const auto bytes = parse(text, kSizeUnits, 1.0);
  if (!bytes || *bytes > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*bytes);
}

std::optional<Nanoseconds> tc_time(std::string_view text) {
  const auto time = parse(text, kTimeUnits, 1e3);
  if (!time || *time >= 4.3e12) return std::nullopt;  // 32 bits of microseconds
  return static_cast<Nanoseconds>(*time);
}

std::optional<qdisc::Handle> tc_handle(std::string_view text) {
  const auto major = take_hexadecimal(text);
  if (!major || *major > 0xffff || (!text.empty() && text.front() != ':')) return std::nullopt;
  return qdisc::make_handle(*major, 0);
}

std::optional<qdisc::Handle> tc_class(std::string_view text) {
  if (text == "root") return qdisc::kRootHandle;
  const auto major = take_hexadecimal(text);
  if (text.empty()) return major;
  if (text.front() != ':' || major.value_or(0) > 0xffff) return std::nullopt;
  text.remove_prefix(1);
  const std::uint32_t minor = text.empty() ? 0 : take_hexadecimal(text).value_or(UINT32_MAX);
  if (!text.empty() || minor > 0xffff) return std::nullopt;
  return qdisc::make_handle(major.value_or(0), minor);
}

std::string tc_rate_text(std::uint64_t bytes_per_second) {
  constexpr std::array<std::string_view, 5> kPrefixes = {"", "K", "M", "G", "T"};
  constexpr std::uint64_t kThousand = 1000;
  std::uint64_t rate = bytes_per_second * 8;
  std::size_t prefix = 0;
  while (prefix + 1 < kPrefixes.size() && rate >= kThousand &&
         (rate % kThousand == 0 || rate >= kThousand * kThousand)) {
    rate /= kThousand;
    ++prefix;
  }
  return std::to_string(rate).append(kPrefixes[prefix]).append("bit");
}

std::string tc_size_text(std::uint64_t bytes) {
  const auto exact = static_cast<double>(bytes);
  const double mega = std::rint(exact / (kKibi * kKibi));
  const double kilo = std::rint(exact / kKibi);
  std::array<char, 32> text{};
  if (exact >= kKibi * kKibi && std::fabs(mega * kKibi * kKibi - exact) < kKibi) {
    std::snprintf(text.data(), text.size(), "%gMb", mega);
  } else if (exact >= kKibi && std::fabs(kilo * kKibi - exact) < 16) {
    std::snprintf(text.data(), text.size(), "%gKb", kilo);
  } else {
    return std::to_string(bytes) + 'b';
  }
  return text.data();
}

std::string tc_time_text(Nanoseconds time) {
  const Nanoseconds whole = time / 1000;
  const auto microseconds = static_cast<double>(whole);
  if (microseconds >= 1e6) return short_number(microseconds / 1e6, "s");
  if (microseconds >= 1e3) return short_number(microseconds / 1e3, "ms");
  return std::to_string(whole) + "us";
}

std::string tc_handle_text(qdisc::Handle handle) {
  return hexadecimal(qdisc::major_of(handle)) + ':';
}

std::string tc_class_text(qdisc::Handle handle) {
  const std::string major = qdisc::major_of(handle) == 0 ? "" : hexadecimal(qdisc::major_of(handle));
  return major + ':' + hexadecimal(qdisc::minor_of(handle));
}

}  // namespace host::console
