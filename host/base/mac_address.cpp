// SPDX-License-Identifier: Apache-2.0
// Ethernet addresses in and out of frames and text.
#include "host/base/mac_address.hpp"

#include <cstdio>

namespace host::base {

namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  if (text.size() != 3 * kBytes - 1) return std::nullopt;
  MacAddress result;
  for (std::size_t i = 0; i < kBytes; ++i) {
    const auto high = hex_digit(text[3 * i]);
    const auto low = hex_digit(text[3 * i + 1]);
    if (!high || !low) return std::nullopt;
    if (i + 1 < kBytes && text[3 * i + 2] != ':') return std::nullopt;
    result.octets[i] = static_cast<std::uint8_t>(*high * 16 + *low);
  }
  return result;
}

std::string MacAddress::to_string() const {
  char text[3 * kBytes];
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", octets[0], octets[1], octets[2], octets[3],
                octets[4], octets[5]);
  return text;
}

}  // namespace host::base
