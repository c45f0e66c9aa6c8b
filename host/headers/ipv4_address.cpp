// SPDX-License-Identifier: Apache-2.0
// IPv4 addresses and prefixes as text.
#include "host/headers/ipv4_address.hpp"

#include <fmt/format.h>

#include <charconv>

namespace host::headers {
namespace {

/// A decimal number without sign or surplus characters.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number > most) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) {
  std::uint32_t value = 0;
  for (unsigned part = 0; part < 4; ++part) {
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != (part == 3)) {
      return std::nullopt;
    }
    const auto number = parse_decimal(text.substr(0, dot), 255);
    if (!number) {
      return std::nullopt;
    }
    value = value << 8 | *number;
    text = part == 3 ? std::string_view{} : text.substr(dot + 1);
  }
  return Ipv4Address{value};
}

std::string to_string(Ipv4Address address) {
  return fmt::format("{}.{}.{}.{}", address.value >> 24, address.value >> 16 & 0xff, address.value >> 8 & 0xff,
                     address.value & 0xff);
}

std::optional<Ipv4Prefix> Ipv4Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto address = Ipv4Address::parse(text.substr(0, slash));
  const auto length = parse_decimal(text.substr(slash + 1), 32);
  if (!address || !length) {
    return std::nullopt;
  }
  return Ipv4Prefix{*address, *length};
}

std::string to_string(Ipv4Prefix prefix) {
  return fmt::format("{}/{}", to_string(prefix.address), prefix.length);
}

}  // namespace host::headers
