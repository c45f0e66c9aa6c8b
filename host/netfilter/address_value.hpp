// SPDX-License-Identifier: Apache-2.0
// Addresses as the numbers that rules compare.
#pragma once

#include "host/headers/ip_address.hpp"
#include "host/netfilter/value.hpp"

namespace host::netfilter {

[[nodiscard]] inline Value address_value(const headers::Ipv6Address& address) {
  Value value = 0;
  for (const std::uint8_t octet : address.octets) {
    value = value << 8 | octet;
  }
  return value;
}

[[nodiscard]] inline headers::Ipv6Address ipv6_address(Value value) {
  headers::Ipv6Address address;
  for (std::size_t i = address.octets.size(); i > 0; --i, value >>= 8) {
    address.octets[i - 1] = static_cast<std::uint8_t>(value);
  }
  return address;
}

/// An address of a family that is known; IPv4's has 32 bits.
[[nodiscard]] inline Value address_value(const headers::IpAddress& address, bool ipv6) {
  return ipv6 ? address_value(address.value) : Value{address.ipv4().value};
}

[[nodiscard]] inline headers::IpAddress ip_address(Value value, bool ipv6) {
  return ipv6 ? headers::IpAddress(ipv6_address(value))
              : headers::IpAddress(headers::Ipv4Address{static_cast<std::uint32_t>(value)});
}

}  // namespace host::netfilter
