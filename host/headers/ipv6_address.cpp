// SPDX-License-Identifier: Apache-2.0
// IPv6 addresses and prefixes (RFC 4291), read in every form and written in one (RFC 5952).
#include "host/headers/ipv6_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "host/base/invariant.hpp"

namespace host::headers {
namespace {

constexpr unsigned kGroups = 8;
constexpr unsigned kBits = 128;

/// One to four hexadecimal digits.
std::optional<unsigned> parse_group(std::string_view text) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value, 16);
  const bool whole = !text.empty() && text.size() <= 4 && read.ec == std::errc{} && read.ptr == end;
  return whole ? std::optional(value) : std::nullopt;
}

/// The groups of a text without "::"; a dotted last part makes two. At most kGroups.
struct Groups {
  std::array<unsigned, kGroups> value{};
  unsigned count = 0;
};

std::optional<Groups> parse_groups(std::string_view text, bool may_end_dotted) {
  Groups groups;
  while (!text.empty()) {
    const auto colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (last && may_end_dotted && part.find('.') != std::string_view::npos) {
      const auto dotted = Ipv4Address::parse(part);
      if (!dotted || groups.count + 2 > kGroups) return std::nullopt;
      groups.value[groups.count++] = dotted->value >> 16;
      groups.value[groups.count++] = dotted->value & 0xffffU;
      return groups;
    }
    const auto group = parse_group(part);
    if (!group || groups.count == kGroups) return std::nullopt;
    groups.value[groups.count++] = *group;
    if (last) return groups;
    text = text.substr(colon + 1);
    if (text.empty()) return std::nullopt;  // ends in a single colon
  }
  return groups;
}

/// Where the zeros that "::" stands for begin, and how many they are; fewer than two: nowhere.
struct ZeroRun {
  unsigned first = 0;
  unsigned count = 0;
};

ZeroRun longest_zero_run(const Ipv6Address& address) {
  ZeroRun best;
  ZeroRun run;
  for (unsigned i = 0; i < kGroups; ++i) {
    if (address.group(i) != 0) {
      run = {i + 1, 0};
    } else if (++run.count > best.count) {
      best = run;
    }
  }
  return best.count >= 2 ? best : ZeroRun{};
}

std::string groups_to_string(const Ipv6Address& address, unsigned first, unsigned end) {
  std::string text;
  for (unsigned i = first; i < end; ++i) {
    text += fmt::format("{}{:x}", i == first ? "" : ":", address.group(i));
  }
  return text;
}

}  // namespace

std::optional<Ipv6Address> Ipv6Address::parse(std::string_view text) {
  const auto gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto front = parse_groups(has_gap ? text.substr(0, gap) : text, !has_gap);
  const auto back = parse_groups(has_gap ? text.substr(gap + 2) : std::string_view{}, true);
  if (!front || !back) {
    return std::nullopt;
  }
  const unsigned count = front->count + back->count;
  if (has_gap ? count >= kGroups : count != kGroups) {
    return std::nullopt;
  }
  std::array<unsigned, kGroups> all{};
  std::copy_n(front->value.begin(), front->count, all.begin());
  std::copy_n(back->value.begin(), back->count, all.end() - back->count);
  return of(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]);
}

Ipv6Address Ipv6Address::load(std::span<const std::byte> bytes, std::size_t offset) {
  INVARIANT(offset + kBytes <= bytes.size(), "load beyond the end");
  Ipv6Address address;
  std::memcpy(address.octets.data(), bytes.data() + offset, kBytes);
  return address;
}

void Ipv6Address::store(std::span<std::byte> bytes, std::size_t offset) const {
  INVARIANT(offset + kBytes <= bytes.size(), "store beyond the end");
  std::memcpy(bytes.data() + offset, octets.data(), kBytes);
}

Ipv6Address Ipv6Address::solicited_node() const {
  return of(0xff02, 0, 0, 0, 0, 1, 0xff00U | octets[13], group(7));
}

base::MacAddress Ipv6Address::multicast_mac() const {
  return {{0x33, 0x33, octets[12], octets[13], octets[14], octets[15]}};
}

std::string to_string(const Ipv6Address& address) {
  if (address.is_mapped()) {
    return fmt::format("::ffff:{}", to_string(address.embedded_ipv4()));
  }
  const ZeroRun zeros = longest_zero_run(address);
  if (zeros.count == 0) {
    return groups_to_string(address, 0, kGroups);
  }
  return fmt::format("{}::{}", groups_to_string(address, 0, zeros.first),
                     groups_to_string(address, zeros.first + zeros.count, kGroups));
}

std::optional<Ipv6Prefix> Ipv6Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto address = Ipv6Address::parse(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, length);
  if (!address || digits.empty() || read.ec != std::errc{} || read.ptr != end || length > kBits) {
    return std::nullopt;
  }
  return Ipv6Prefix{*address, length};
}

Ipv6Address Ipv6Prefix::network() const {
  Ipv6Address result = address;
  for (unsigned i = 0; i < Ipv6Address::kBytes; ++i) {
    const unsigned kept = length <= 8 * i ? 0 : std::min(8U, length - 8 * i);
    result.octets[i] = static_cast<std::uint8_t>(result.octets[i] & 0xff00U >> kept);
  }
  return result;
}

bool Ipv6Prefix::contains(const Ipv6Address& other) const {
  return Ipv6Prefix{other, length}.network() == network();
}

std::string to_string(const Ipv6Prefix& prefix) {
  return fmt::format("{}/{}", to_string(prefix.address), prefix.length);
}

Ipv6Address with_interface_id(const Ipv6Address& prefix, const base::MacAddress& station) {
  Ipv6Address result = prefix;
  const auto& mac = station.octets;
  const std::array<std::uint8_t, 8> id = {
      static_cast<std::uint8_t>(mac[0] ^ 2U), mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};
  std::copy(id.begin(), id.end(), result.octets.begin() + 8);
  return result;
}

Ipv6Address link_local_of(const base::MacAddress& station) {
  return with_interface_id(Ipv6Address::of(0xfe80, 0, 0, 0, 0, 0, 0, 0), station);
}

}  // namespace host::headers
