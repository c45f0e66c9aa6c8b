// SPDX-License-Identifier: Apache-2.0
// Ethernet addresses as text.
#include "host/headers/mac_address.hpp"

#include <fmt/format.h>

#include <charconv>

namespace host::headers {

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  constexpr std::size_t kCharactersAnOctet = 3;  // two digits and a colon, the last one without
  if (text.size() != kBytes * kCharactersAnOctet - 1) {
    return std::nullopt;
  }
  MacAddress address;
  for (std::size_t i = 0; i < kBytes; ++i) {
    const char* digits = text.data() + i * kCharactersAnOctet;
    const auto [end, error] = std::from_chars(digits, digits + 2, address.octets[i], 16);
    if (error != std::errc{} || end != digits + 2 || (i + 1 < kBytes && *end != ':')) {
      return std::nullopt;
    }
  }
  return address;
}

std::string to_string(const MacAddress& address) {
  const auto& o = address.octets;
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", o[0], o[1], o[2], o[3], o[4], o[5]);
}

}  // namespace host::headers
